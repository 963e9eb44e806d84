"""collector.yaml is read whole or refused whole, and its manual tells the truth."""

import re
from pathlib import Path

import pytest

from collector.settings import Limits, Listen, Settings, Tls
from collector.settings_reading import KEYS, load_settings, read_settings
from collector.timing import Timing
from flows.errors import GatewatchError, Refused
from flows.gates import Rules
from flows.log_lines import Format, Level, Log

HERE = Path("/etc/gatewatch")
MANUAL = Path(__file__).parent.parent.parent / "docs" / "collector-settings.md"
ROW = re.compile(r"\| `([a-z_.]+)` \| (?:`([^`]+)`|-) \| (.+) \|")

EVERYTHING = """\
listen: "[::1]:9000"
inventory: estate.yaml
store: sqlite:///srv/gatewatch.db
tls: {certificate: server.pem, key: /etc/ssl/server.key, client_ca: clients.pem}
auth: {required: false}
insecure: false
timing: {interval: 20s, agent_interval: 2m, deadline: 500ms, deadline_windows: 6s, stale_after: 4}
limits: {per_destination: 5, body: 2MiB, results_per_report: 2000, long_polls: 10,
         requests_per_credential: 7, slow_client: 3s}
gate: {min_sources: 3, min_ok: 0.5}
metrics: {per_agent: true}
syslog_send: true
log: {level: debug, format: json}
"""


def read(content: str) -> Settings:
    return read_settings(content, "collector.yaml", HERE)


def problems(content: str) -> str:
    with pytest.raises(Refused) as refused:
        read(content)
    return str(refused.value)


def manual() -> dict[str, str]:
    """Read the table of the manual: key and default."""
    rows = (ROW.fullmatch(line) for line in MANUAL.read_text("utf-8").splitlines())
    return {row[1]: row[2] for row in rows if row}


def test_every_key_is_read() -> None:
    assert read(EVERYTHING) == Settings(
        inventory=HERE / "estate.yaml",
        store="sqlite:///srv/gatewatch.db",
        listen=Listen("::1", 9000),
        tls=Tls(HERE / "server.pem", Path("/etc/ssl/server.key"), HERE / "clients.pem"),
        timing=Timing(20.0, 120.0, 0.5, 6.0, 4, 5, syslog_send=True),
        limits=Limits(2 << 20, 2000, 10, 7, 3.0),
        gate=Rules(3, 0.5),
        per_agent=True,
        log=Log(Level.DEBUG, Format.JSON),
    )


def test_every_key_may_be_absent() -> None:
    assert read("{}") == Settings(
        HERE / "inventory.yaml", "sqlite:///var/lib/gatewatch/gatewatch.db"
    )


def test_the_manual_names_every_key() -> None:
    every = {
        f"{key}.{below}" if below else key
        for key, group in KEYS.items()
        for below in group or ("",)
    }

    assert set(manual()) == every


def test_the_defaults_of_the_manual_are_the_defaults() -> None:
    groups: dict[str, list[str]] = {}
    for key, default in manual().items():
        group, _, below = key.partition(".")
        if default:
            groups.setdefault(group, []).append(f"{below}: {default}" if below else default)

    typed = "".join(
        f"{group}: {{{', '.join(values)}}}\n" if KEYS[group] else f"{group}: {values[0]}\n"
        for group, values in groups.items()
    )

    assert read(typed) == read("{}")


def test_the_example_of_the_manual_is_accepted() -> None:
    example = MANUAL.read_text("utf-8").split("```yaml\n")[1].split("```")[0]

    assert read(example).listen == Listen("10.1.0.40", 8642)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("lisen: 1", "lisen: unknown key (did you mean 'listen'?)"),
        ("timing: {intervall: 3s}", "timing.intervall: unknown key (did you mean 'interval'?)"),
        ("timing: {interval: 3}", "timing.interval: '3' is not a duration such as 15s or 24h"),
        ("timing: {interval: 10ms}", "timing.interval: '10ms' is not between 1s and 24h"),
        ("timing: {deadline: 2m}", "timing.deadline: '2m' is not between 100ms and 60s"),
        ("limits: {body: 1MB}", "limits.body: '1MB' is not a size such as 64MiB"),
        ("limits: {body: 2GiB}", "limits.body: '2GiB' is not between 1MiB and 1GiB"),
        ("limits: {body: 512KiB}", "limits.body: '512KiB' is not between 1MiB and 1GiB"),
        (
            "limits: {results_per_report: 10}",
            "limits.results_per_report: 10 is not between 1000 and 1000000",
        ),
        ("gate: {min_ok: 95}", "gate.min_ok: '95' is not a share between 0 and 1 such as 0.95"),
        (
            "log: {level: loud}",
            "log.level: unknown level 'loud' (one of debug, info, warning, error)",
        ),
        (
            "listen: 8642",
            "listen: '8642' is not an address and port such as 127.0.0.1:8642 or [::1]:8642",
        ),
        (
            "listen: 127.0.0.1:70000",
            "listen: '127.0.0.1:70000' is not an address and port such as 127.0.0.1:8642"
            " or [::1]:8642",
        ),
        (
            "store: gatewatch.db",
            "store: not a store such as sqlite:///var/lib/gatewatch/gatewatch.db"
            " or postgresql://USER@HOST/DATABASE",
        ),
        (
            "store: postgresql://db.acme.example",
            "store: not a store such as sqlite:///var/lib/gatewatch/gatewatch.db"
            " or postgresql://USER@HOST/DATABASE",
        ),
        ("tls: {certificate: a.pem}", "tls.key: is required"),
        (
            "listen: 0.0.0.0:8642",
            "listen: 0.0.0.0 is not loopback: give tls: {certificate, key}, or insecure: true",
        ),
        ("inventory: null", "inventory: null is refused; give a value or remove the key"),
        ("- 1", "a mapping is needed, not a list"),
    ],
)
def test_a_bad_value_is_refused_with_one_sentence(content: str, message: str) -> None:
    assert problems(content) == f"collector.yaml:1: {message}"


@pytest.mark.parametrize(
    "content",
    [
        "{listen: 0.0.0.0:8642, insecure: true}",
        "{listen: watch.acme.example:8642, insecure: true, auth: {required: false}}",
        "{listen: 0.0.0.0:8642, tls: {certificate: a, key: b}, insecure: true}",
        "{listen: 0.0.0.0:8642, tls: {certificate: a, key: b}, auth: {required: false}}",
    ],
)
def test_another_address_is_served_when_the_operator_says_that_it_is_meant(content: str) -> None:
    assert not read(content).listen.is_loopback


@pytest.mark.parametrize(
    ("content", "required"),
    [
        ("listen: 127.0.0.1:8642", False),
        ("auth: {required: true}", True),
        ("{listen: 10.1.0.40:8642, tls: {certificate: a, key: b}}", True),
        ("{listen: 10.1.0.40:8642, tls: {certificate: a, key: b}, auth: {required: true}}", True),
        ("{listen: 10.1.0.40:8642, tls: {certificate: a, key: b}, auth: {required: false}}", False),
        ("{listen: 0.0.0.0:8642, insecure: true}", False),
        ("{listen: 0.0.0.0:8642, insecure: true, auth: {required: true}}", True),
    ],
)
def test_credentials_are_asked_for_wherever_others_can_call(content: str, required: bool) -> None:
    assert read(content).auth_required is required


def test_every_problem_is_named_in_one_pass() -> None:
    found = problems("listen: nowhere\nlimits:\n  body: 1\n  boddy: 2\nlog: {format: xml}\n")

    assert [line.split(" ")[0] for line in found.splitlines()] == [
        "collector.yaml:1:",
        "collector.yaml:3:",
        "collector.yaml:4:",
        "collector.yaml:5:",
    ]


def test_a_file_is_read_from_its_own_folder(tmp_path: Path) -> None:
    file = tmp_path / "collector.yaml"
    file.write_text("inventory: estate.yaml\n")

    assert load_settings(file).inventory == tmp_path / "estate.yaml"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = tmp_path / "collector.yaml"

    with pytest.raises(GatewatchError, match=r"collector\.yaml cannot be read: No such file"):
        load_settings(file)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "collector.yaml"
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(GatewatchError, match=r"cannot be read: it is not UTF-8 text"):
        load_settings(file)
