from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import pytest

from flows.errors import GatewatchError, Refused
from flows.log_lines import Format, Level, Log
from probe.allow import Allow
from probe.client import Access
from probe.limits import MIB, Limits
from probe.settings import HOUR, Settings, SourceAddress, SpoolLimits, default_data
from probe.settings_reading import load_settings, read_settings

FOLDER = Path("/etc/gatewatch")
LEAST = "collector: [http://127.0.0.1:8642]\n"

EVERYTHING = """\
host: pc-001
collector: [https://watch.acme.example:8642, "https://[fd00::1]/behind/"]
ca: ca.pem
certificate: pc-001.pem
key: /etc/ssl/pc-001.key
data: spool
spool: {max_bytes: 8MiB, max_age: 24h}
source_address: {ipv4: 10.2.0.5, ipv6: "fd00::5"}
allow:
  networks: [127.0.0.0/8, 10.1.2.3, "::1"]
  names: [Updates.example.]
  ports: [443, 17000]
limits: {checks: 7, per_second: 3}
raw: none
log: {level: debug, format: json}
"""


def read(content: str, machine: str = "con-01") -> Settings:
    return read_settings(content, "probe.yaml", FOLDER, machine)


def refusals(content: str, machine: str = "con-01") -> list[str]:
    with pytest.raises(Refused) as caught:
        read(content, machine)
    return [str(problem) for problem in caught.value.problems]


def test_everything_that_can_be_said_is_read() -> None:
    assert read(EVERYTHING) == Settings(
        host="pc-001",
        access=Access(
            urls=("https://watch.acme.example:8642", "https://[fd00::1]/behind"),
            ca=FOLDER / "ca.pem",
            certificate=FOLDER / "pc-001.pem",
            key=Path("/etc/ssl/pc-001.key"),
        ),
        data=FOLDER / "spool",
        spool=SpoolLimits(max_bytes=8 * MIB, max_age=24 * HOUR),
        source_address=SourceAddress("10.2.0.5", "fd00::5"),
        allow=Allow(
            networks=(
                IPv4Network("127.0.0.0/8"),
                IPv4Network("10.1.2.3/32"),
                IPv6Network("::1/128"),
            ),
            names=frozenset({"updates.example"}),
            ports=frozenset({443, 17000}),
        ),
        limits=Limits(checks=7, per_second=3),
        log=Log(Level.DEBUG, Format.JSON),
    )


def test_only_the_collector_must_be_named() -> None:
    access = Access(("http://127.0.0.1:8642",))

    assert read(LEAST) == Settings(host="con-01", access=access, data=default_data())


def test_an_empty_list_allows_nothing() -> None:
    allow = read(LEAST + "allow: {networks: [], ports: []}\n").allow

    assert (allow.networks, allow.ports) == ((), frozenset())


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8642", "http://[::1]:8642", "http://localhost", "https://watch"]
)
def test_a_token_travels_where_nobody_can_read_it(url: str) -> None:
    settings = read(f'collector: ["{url}"]\ntoken_file: token\n')

    assert settings.access.token_file == FOLDER / "token"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("host: con-01\n", "probe.yaml:1: collector: is required"),
        (
            LEAST + "colector: []\n",
            "probe.yaml:2: colector: unknown key (did you mean 'collector'?)",
        ),
        (
            LEAST + "log: {levle: info}\n",
            "probe.yaml:2: log.levle: unknown key (did you mean 'level'?)",
        ),
        (
            LEAST + "collector: [http://127.0.0.1]\n",
            "probe.yaml:2: collector: duplicate key, first on line 1",
        ),
        (
            "collector: []\n",
            "probe.yaml:1: collector: name at least one collector,"
            " such as https://watch.acme.example:8642",
        ),
        (
            "collector: http://127.0.0.1\n",
            "probe.yaml:1: collector: a list is needed, not 'http://127.0.0.1'",
        ),
        (
            "collector: [watch:8642]\n",
            "probe.yaml:1: collector[0]: 'watch:8642' is not a collector's URL"
            " such as https://watch.acme.example:8642",
        ),
        (
            LEAST + "host: con_01\n",
            "probe.yaml:2: host: 'con_01' is not a name"
            " (letters, digits and inner hyphens, at most 63)",
        ),
        (
            LEAST + "ca: ~\n",
            "probe.yaml:2: ca: null is refused; give a value or remove the key",
        ),
        (
            LEAST + "certificate: a.pem\n",
            "probe.yaml:2: certificate: is of no use without key",
        ),
        (LEAST + "key: a.key\n", "probe.yaml:2: key: is of no use without certificate"),
        (
            LEAST + "certificate: a.pem\nkey: a.key\ntoken_file: token\n",
            "probe.yaml:4: token_file: give token_file or certificate and key, not both",
        ),
        (
            "collector: [http://10.1.0.40:8642]\ntoken_file: token\n",
            "probe.yaml:2: token_file: the token would travel in the clear to"
            " http://10.1.0.40:8642; make it https:",
        ),
        (
            LEAST + "spool: {max_bytes: 64 MB}\n",
            "probe.yaml:2: spool.max_bytes: '64 MB' is not a size such as 64MiB",
        ),
        (
            LEAST + "spool: {max_bytes: 4KiB}\n",
            "probe.yaml:2: spool.max_bytes: is not between 1MiB and 16GiB",
        ),
        (
            LEAST + "spool: {max_age: 5s}\n",
            "probe.yaml:2: spool.max_age: is not between 1h and 90d",
        ),
        (
            LEAST + "spool: {max_age: 72}\n",
            "probe.yaml:2: spool.max_age: '72' is not a duration such as 15s or 24h",
        ),
        (
            LEAST + 'source_address: {ipv4: "fd00::1"}\n',
            "probe.yaml:2: source_address.ipv4: 'fd00::1' is not an IPv4 address",
        ),
        (
            LEAST + "source_address: {ipv6: 10.0.0.1}\n",
            "probe.yaml:2: source_address.ipv6: '10.0.0.1' is not an IPv6 address",
        ),
        (
            LEAST + "allow:\n  networks:\n    - 10.1.2.3/8\n",
            "probe.yaml:4: allow.networks[0]: '10.1.2.3/8' is an address inside a network"
            " (did you mean '10.0.0.0/8'?)",
        ),
        (
            LEAST + "allow: {networks: [intranet]}\n",
            "probe.yaml:2: allow.networks[0]: 'intranet' is not a network such as 10.0.0.0/8",
        ),
        (
            LEAST + "allow: {names: [10.1.0.11]}\n",
            "probe.yaml:2: allow.names[0]: '10.1.0.11' is an address, not a name;"
            " list it under networks",
        ),
        (
            LEAST + "allow: {ports: [0]}\n",
            "probe.yaml:2: allow.ports[0]: '0' is not a port (1 to 65535)",
        ),
        (
            LEAST + "raw: witness\n",
            "probe.yaml:2: raw: the witness is not built yet; say none, or remove it",
        ),
        (LEAST + "raw: all\n", "probe.yaml:2: raw: 'all' is not none or witness"),
        (
            LEAST + "log: {level: loud}\n",
            "probe.yaml:2: log.level: unknown level 'loud' (one of debug, info, warning, error)",
        ),
    ],
)
def test_each_fault_has_its_sentence(content: str, problem: str) -> None:
    assert refusals(content) == [problem]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://watch",
        "https://",
        "https://user:secret@watch",
        "https://watch?x=1",
        "https://watch#x",
        "https://watch:0",
        "https://watch:99999",
        "https://[fd00::1",
        "https://wätch",
        "https://wa tch",
    ],
)
def test_what_is_no_plain_url_is_refused(url: str) -> None:
    assert "is not a collector's URL" in refusals(f'collector: ["{url}"]\n')[0]


def test_all_problems_are_named_at_once() -> None:
    content = 'collector: [watch]\nhost: "-"\nallow: {ports: [x, 443, y]}\nlog: {format: xml}\n'

    found = [problem.split(":")[:3] for problem in refusals(content)]

    assert found == [
        ["probe.yaml", "1", " collector[0]"],
        ["probe.yaml", "2", " host"],
        ["probe.yaml", "3", " allow.ports[0]"],
        ["probe.yaml", "3", " allow.ports[2]"],
        ["probe.yaml", "4", " log.format"],
    ]


def test_a_machine_whose_name_is_none_must_be_named() -> None:
    assert refusals(LEAST, machine="my_pc") == ["probe.yaml:1: host: is required"]


def test_a_file_is_read_with_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "probe.yaml"
    file.write_text(LEAST + "ca: ca.pem\n", encoding="utf-8")

    settings = load_settings(file, "con-01")

    assert settings.access.ca == tmp_path / "ca.pem"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GatewatchError) as caught:
        load_settings(tmp_path / "probe.yaml", "con-01")

    assert str(caught.value) == f"{tmp_path}/probe.yaml cannot be read: No such file or directory"


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "probe.yaml"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(GatewatchError, match=r"cannot be read: it is not UTF-8 text"):
        load_settings(file, "con-01")
