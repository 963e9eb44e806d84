"""The published JSON Schema and the operators' page say what the readers do."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path as File
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from flows.catalog import catalog
from flows.group_reading import EXTRA_KEYS, GROUP_KEYS, SYSLOG_KEYS
from flows.host_reading import CLAIM_KEYS, CLAIMABLE, HOST_KEYS, SQL_KEYS
from flows.hosts import PROBE_ROLES, Role
from flows.inventory_reading import (
    MIGRATION_KEYS,
    OPTION_KEYS,
    PORT_KEYS,
    ROOT_KEYS,
    WAIVER_KEYS,
    read_inventory,
)
from flows.schema import inventory_schema, schema_text
from tests.flows.plan_tables import DATA, PLANS

DOCS = DATA.parent.parent / "docs"
REFUSED = sorted((DATA / "refused").glob("*.yaml"))
ACCEPTED = [DATA / "design.yaml", *sorted(PLANS.glob("*.yaml"))]

NO_YAML = {
    *("key-that-is-no-word", "not-text", "not-yaml", "tag", "two-documents", "unknown-alias"),
}
"""Refused by any reader of YAML, before a schema sees anything."""
BEYOND_A_SCHEMA = {
    "agent-in-no-group",
    "handler-in-no-group",
    "migration-that-moves-no-port",
    "source-without-a-probe",
    "virtual-member",
}
"""What one host has to do with another, and how versions compare."""


class Loader(yaml.SafeLoader):
    """Reads YAML as JSON has it: a day stays text, as in YAML 1.2."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def loaded(file: File) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader)


def complaints(content: Any) -> list[str]:
    return [
        error.message for error in Draft202012Validator(inventory_schema()).iter_errors(content)
    ]


def test_the_published_schema_is_the_one_that_the_readers_keys_make() -> None:
    published = (DOCS / "inventory.schema.json").read_text(encoding="utf-8")

    command = "from flows.schema import schema_text; print(schema_text(), end='')"
    assert published == schema_text(), f'python -c "{command}" > docs/inventory.schema.json'


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(inventory_schema())
    assert json.loads(schema_text()) == inventory_schema()


@pytest.mark.parametrize("file", ACCEPTED, ids=lambda file: file.stem)
def test_what_the_readers_accept_the_schema_accepts(file: File) -> None:
    assert complaints(loaded(file)) == []


@pytest.mark.parametrize(
    "file",
    [file for file in REFUSED if file.stem not in NO_YAML | BEYOND_A_SCHEMA],
    ids=lambda file: file.stem,
)
def test_what_the_readers_refuse_the_schema_refuses(file: File) -> None:
    assert complaints(loaded(file)) != []


@pytest.mark.parametrize("name", sorted(BEYOND_A_SCHEMA))
def test_what_a_schema_cannot_see_it_accepts(name: str) -> None:
    assert complaints(loaded(DATA / "refused" / f"{name}.yaml")) == []


@pytest.mark.parametrize("name", sorted(NO_YAML))
def test_what_is_no_plain_yaml_never_comes_to_a_schema(name: str) -> None:
    with pytest.raises(yaml.YAMLError):
        loaded(DATA / "refused" / f"{name}.yaml")


def test_a_day_is_text_and_no_date() -> None:
    content = loaded(DATA / "design.yaml")
    content["waivers"][0]["until"] = date(2027, 1, 31)

    assert complaints(content) == ["datetime.date(2027, 1, 31) is not of type 'string'"]


PAGE = (DOCS / "inventory.md").read_text(encoding="utf-8")
TABLES = {
    "The file": ROOT_KEYS,
    "migration": MIGRATION_KEYS,
    "hosts.NAME": HOST_KEYS,
    "hosts.NAME.sql": SQL_KEYS,
    "hosts.NAME.identity.SERVICE": CLAIM_KEYS,
    "handler_groups.NAME": GROUP_KEYS,
    "handler_groups.NAME.syslog[]": SYSLOG_KEYS,
    "ports": PORT_KEYS,
    "options": OPTION_KEYS,
    "extra_flows[]": EXTRA_KEYS,
    "waivers[]": WAIVER_KEYS,
}


def sections() -> Iterator[tuple[str, str]]:
    """Walk the headings of the page, each with the text below it."""
    for section in PAGE.split("\n## ")[1:]:
        heading, _, text = section.partition("\n")
        yield heading.strip("`"), text


def table_below(heading: str, column: str) -> list[list[str]]:
    """List the rows of the table below a heading whose first column is so called."""
    text = dict(sections())[heading]
    _, _, table = text.partition(f"| {column} |")
    lines = table.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def record_of(heading: str) -> Any:
    """Find the part of the schema that a heading speaks of."""
    node: Any = inventory_schema()
    for step in [] if heading == "The file" else re.split(r"\.|(?=\[\])", heading):
        node = node["oneOf"][0] if "oneOf" in node else node
        match step:
            case "NAME":
                node = node["additionalProperties"]
            case "SERVICE":
                node = node["properties"][CLAIMABLE[0]]
            case "[]":
                node = node["items"]
            case key:
                node = node["properties"][key]
    return node["oneOf"][0] if "oneOf" in node else node


@pytest.mark.parametrize(("heading", "keys"), TABLES.items(), ids=list(TABLES))
def test_the_page_explains_every_key_and_its_default(heading: str, keys: tuple[str, ...]) -> None:
    rows = table_below(heading, "key")
    record = record_of(heading)

    assert [row[0] for row in rows] == [f"`{key}`" for key in keys]
    for key, row in zip(keys, rows, strict=True):
        assert (row[1] == "required") is (key in record["required"]), key
        default = record["properties"][key].get("default")
        if default is not None:
            assert row[1] == f"`{json.dumps(default)}`".replace('"', ""), key


def test_the_page_explains_every_role_and_whether_it_carries_a_probe() -> None:
    rows = {row[0]: row[-1] for row in table_below("hosts.NAME", "role")}

    assert rows == {f"`{role}`": "yes" if role in PROBE_ROLES else "no" for role in Role}


def test_the_page_has_no_other_tables() -> None:
    headings = {heading for heading, text in sections() if "|---|" in text}

    assert headings == set(TABLES)


def test_the_examples_of_the_page_can_be_read() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

    assert [len(read_inventory(example, "page.yaml").hosts) for example in examples] == [2]


def test_the_page_names_the_ports_of_the_guide() -> None:
    used = {str(row.port) for row in catalog()}

    assert set(PORT_KEYS) == {port for port in used if not port.isdigit() and port != "own"}
