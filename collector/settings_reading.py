"""Reading collector.yaml (FORMATS): all of its problems at once, or settings."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from collector.settings import (
    Limits,
    Listen,
    Settings,
    Tls,
    default_store,
)
from collector.store.postgres import url_named
from collector.store.sqlite import file_of
from collector.timing import Timing
from flows.errors import GatewatchError
from flows.gates import Rules
from flows.log_lines import LOG_KEYS, Log, read_log
from flows.reading import Fields, Unfit, Value, open_text
from flows.scalars import duration, flag, number, size, text, word_of

Number = TypeVar("Number", int, float)

KEYS: dict[str, tuple[str, ...]] = {
    "listen": (),
    "inventory": (),
    "store": (),
    "tls": ("certificate", "key", "client_ca"),
    "auth": ("required",),
    "insecure": (),
    "timing": ("interval", "agent_interval", "deadline", "deadline_windows", "stale_after"),
    "limits": (
        "per_destination",
        "body",
        "results_per_report",
        "long_polls",
        "requests_per_credential",
        "slow_client",
    ),
    "gate": ("min_sources", "min_ok"),
    "metrics": ("per_agent",),
    "syslog_send": (),
    "log": LOG_KEYS,
}
"""Every key, with the keys below it."""

_DAY = 86400.0
_LIMITS = Limits(), Timing().per_destination


def load_settings(file: Path) -> Settings:
    """Read a collector.yaml; raises Refused, or GatewatchError where there is no such file."""
    try:
        content = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise GatewatchError(f"{file} cannot be read: {reason}") from error
    return read_settings(content, str(file), file.parent)


def read_settings(content: str, file: str, folder: Path) -> Settings:
    """Read the text of a collector.yaml; `file` is its name in messages.

    Paths in it are relative to `folder`. Raises Refused with every problem found.
    """
    root = open_text(content, file)
    fields = root.fields(KEYS)
    path = _path(folder)
    limits, per_destination = fields.optional("limits", _limits, _LIMITS)
    timing = fields.optional("timing", _timing, Timing())
    settings = Settings(
        inventory=fields.optional("inventory", path, folder / "inventory.yaml"),
        store=fields.optional("store", _store, default_store()),
        listen=fields.optional("listen", _listen, Listen()),
        tls=fields.optional("tls", lambda value: _tls(value, path), None),
        timing=replace(
            timing,
            per_destination=per_destination,
            syslog_send=fields.optional("syslog_send", flag, default=False),
        ),
        limits=limits,
        gate=fields.optional("gate", _gate, Rules()),
        per_agent=fields.optional("metrics", _per_agent, default=False),
        log=fields.optional("log", read_log, Log()),
    )
    settings = replace(settings, auth_required=_auth_required(fields, settings))
    root.reading.finish()
    return settings


def _auth_required(fields: Fields, settings: Settings) -> bool:
    """Decide whether calls need a credential, and refuse to send credentials in the clear."""
    insecure = fields.optional("insecure", flag, default=False)
    where = settings.listen
    required = fields.optional("auth", _required, None)
    if where.is_loopback or insecure:
        return bool(required)
    if settings.tls is None:
        text = f"{where.host} is not loopback: give tls: {{certificate, key}}, or insecure: true"
        fields.refuse("listen", text)
    return required is not False


def _listen(value: Value) -> Listen:
    word = word_of(value)
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):(\d{1,5})", word)
    if not found or int(found[2]) > 65535:
        raise Unfit(f"'{word}' is not an address and port such as 127.0.0.1:8642 or [::1]:8642")
    return Listen(found[1].strip("[]"), int(found[2]))


def _path(folder: Path) -> Callable[[Value], Path]:
    def read(value: Value) -> Path:
        return folder / text(value)

    return read


def _store(value: Value) -> str:
    word = text(value)
    if file_of(word) is None and url_named(word) is None:
        raise Unfit(
            "not a store such as sqlite:///var/lib/gatewatch/gatewatch.db"
            " or postgresql://USER@HOST/DATABASE"
        )
    return word


def _tls(value: Value, path: Callable[[Value], Path]) -> Tls:
    fields = value.fields(KEYS["tls"])
    return Tls(
        certificate=fields.required("certificate", path, Path()),
        key=fields.required("key", path, Path()),
        client_ca=fields.optional("client_ca", path, None),
    )


def _required(value: Value) -> bool | None:
    fields = value.fields(KEYS["auth"])
    return fields.optional("required", flag, None)


def _timing(value: Value) -> Timing:
    fields = value.fields(KEYS["timing"])
    default = Timing()
    interval = _between(duration, 1.0, _DAY, "1s", "24h")
    deadline = _between(duration, 0.1, 60.0, "100ms", "60s")
    return Timing(
        interval=fields.optional("interval", interval, default.interval),
        agent_interval=fields.optional("agent_interval", interval, default.agent_interval),
        deadline=fields.optional("deadline", deadline, default.deadline),
        deadline_windows=fields.optional("deadline_windows", deadline, default.deadline_windows),
        stale_after=fields.optional("stale_after", number(1, 100), default.stale_after),
    )


def _limits(value: Value) -> tuple[Limits, float]:
    """Read what the collector takes, and how many checks a second a destination gets."""
    fields = value.fields(KEYS["limits"])
    default = Limits()
    # Probes send up to 768 KiB and 1000 results at once, and discard what is declined.
    body = _between(size, 1 << 20, 1 << 30, "1MiB", "1GiB")
    results = number(1000, 1_000_000)
    limits = Limits(
        body=fields.optional("body", body, default.body),
        results_per_report=fields.optional(
            "results_per_report", results, default.results_per_report
        ),
        long_polls=fields.optional("long_polls", number(0, 1_000_000), default.long_polls),
        requests_per_credential=fields.optional(
            "requests_per_credential", number(1, 100_000), default.requests_per_credential
        ),
        slow_client=fields.optional(
            "slow_client", _between(duration, 1.0, 600.0, "1s", "10m"), default.slow_client
        ),
    )
    _, default_rate = _LIMITS
    rate: float = fields.optional("per_destination", number(1, 10_000), default_rate)
    return limits, rate


def _gate(value: Value) -> Rules:
    fields = value.fields(KEYS["gate"])
    default = Rules()
    return Rules(
        min_sources=fields.optional("min_sources", number(1, 1_000_000), default.min_sources),
        min_ok=fields.optional("min_ok", _share, default.min_ok),
    )


def _share(value: Value) -> float:
    word = word_of(value)
    if not re.fullmatch(r"0?\.\d{1,6}|0|1|1\.0{1,6}|0\.\d{1,6}", word):
        raise Unfit(f"'{word}' is not a share between 0 and 1 such as 0.95")
    return float(word)


def _per_agent(value: Value) -> bool:
    return value.fields(KEYS["metrics"]).optional("per_agent", flag, default=False)


def _between(
    read: Callable[[Value], Number], low: Number, high: Number, least: str, most: str
) -> Callable[[Value], Number]:
    """Make a reader refuse what is out of a range; `least` and `most` name it as one types it."""

    def read_between(value: Value) -> Number:
        found = read(value)
        if not low <= found <= high:
            raise Unfit(f"'{word_of(value)}' is not between {least} and {most}")
        return found

    return read_between
