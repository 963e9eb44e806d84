"""Reading probe.yaml (FORMATS): all of its problems at once, or settings."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from flows.errors import GatewatchError
from flows.log_lines import LOG_KEYS, Log, read_log
from flows.reading import Fields, Unfit, Value, open_text
from flows.scalars import address, duration, list_of, name, named, port, size, text, word_of
from probe.allow import Allow, Network, plain_name, read_address
from probe.client import Access
from probe.limits import MIB, Limits
from probe.limits_reading import LIMIT_KEYS, read_limits
from probe.settings import HOUR, Settings, SourceAddress, SpoolLimits, default_data

KEYS: dict[str, tuple[str, ...]] = {
    "host": (),
    "collector": (),
    "ca": (),
    "token_file": (),
    "certificate": (),
    "key": (),
    "data": (),
    "spool": ("max_bytes", "max_age"),
    "source_address": ("ipv4", "ipv6"),
    "allow": ("networks", "names", "ports"),
    "limits": LIMIT_KEYS,
    "raw": (),
    "log": LOG_KEYS,
}
"""Every key, with the keys below it."""


def load_settings(file: Path, machine: str) -> Settings:
    """Read a probe.yaml; raises Refused, or GatewatchError where there is no such file.

    `machine` is the name of this machine, the default of `host`.
    """
    try:
        content = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise GatewatchError(f"{file} cannot be read: {reason}") from error
    return read_settings(content, str(file), file.parent, machine)


def read_settings(content: str, file: str, folder: Path, machine: str) -> Settings:
    """Read the text of a probe.yaml; `file` is its name in messages.

    Paths in it are relative to `folder`. Raises Refused with every problem found.
    """
    root = open_text(content, file)
    fields = root.fields(KEYS)
    path = _path(folder)
    settings = Settings(
        host=_host(fields, machine),
        access=_access(fields, path),
        data=fields.optional("data", path, default_data()),
        spool=fields.optional("spool", _spool, SpoolLimits()),
        source_address=fields.optional("source_address", _source_address, SourceAddress()),
        allow=fields.optional("allow", _allow, Allow()),
        limits=fields.optional("limits", read_limits, Limits()),
        log=fields.optional("log", read_log, Log()),
    )
    fields.optional("raw", _raw, None)
    root.reading.finish()
    return settings


def _host(fields: Fields, machine: str) -> str:
    if "host" in fields:
        return fields.optional("host", name, machine)
    try:
        return named(machine)
    except Unfit as unfit:
        return fields.required("host", name, f"{machine}: {unfit}")


def _access(fields: Fields, path: Callable[[Value], Path]) -> Access:
    access = Access(
        urls=fields.required("collector", _collectors, ()),
        ca=fields.optional("ca", path, None),
        certificate=fields.optional("certificate", path, None),
        key=fields.optional("key", path, None),
        token_file=fields.optional("token_file", path, None),
    )
    for one, other in (("certificate", "key"), ("key", "certificate")):
        if one in fields and other not in fields:
            fields.refuse(one, f"is of no use without {other}")
    if "token_file" in fields:
        _check_token(fields, access.urls)
    return access


def _check_token(fields: Fields, urls: tuple[str, ...]) -> None:
    if "certificate" in fields:
        fields.refuse("token_file", "give token_file or certificate and key, not both")
    for url in urls:
        if url.startswith("http:") and not _is_loopback(url):
            text = f"the token would travel in the clear to {url}; make it https:"
            fields.refuse("token_file", text)


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    literal = read_address(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def _collectors(value: Value) -> tuple[str, ...]:
    urls = list_of(_url)(value)
    if not list(value.items()):
        raise Unfit("name at least one collector, such as https://watch.acme.example:8642")
    return urls


def _url(value: Value) -> str:
    word = text(value)
    unfit = Unfit(f"'{word}' is not a collector's URL such as https://watch.acme.example:8642")
    try:
        parts = urlsplit(word)
        right = (
            parts.scheme in {"http", "https"}
            and parts.hostname
            and parts.port != 0
            and not (parts.username or parts.password or parts.query or parts.fragment)
        )
    except ValueError:
        raise unfit from None
    if not right or not word.isascii() or any(letter.isspace() for letter in word):
        raise unfit
    return word.rstrip("/")


def _path(folder: Path) -> Callable[[Value], Path]:
    def read(value: Value) -> Path:
        return folder / text(value)

    return read


def _spool(value: Value) -> SpoolLimits:
    fields = value.fields(KEYS["spool"])
    default = SpoolLimits()
    limits = SpoolLimits(
        max_bytes=fields.optional("max_bytes", size, default.max_bytes),
        max_age=fields.optional("max_age", duration, default.max_age),
    )
    if not MIB <= limits.max_bytes <= 16 * 1024 * MIB:
        fields.at("max_bytes").refuse("is not between 1MiB and 16GiB")
    if not HOUR <= limits.max_age <= 90 * 24 * HOUR:
        fields.at("max_age").refuse("is not between 1h and 90d")
    return limits


def _source_address(value: Value) -> SourceAddress:
    fields = value.fields(KEYS["source_address"])
    return SourceAddress(
        ipv4=fields.optional("ipv4", _literal(IPv4Address, "IPv4"), None),
        ipv6=fields.optional("ipv6", _literal(IPv6Address, "IPv6"), None),
    )


def _literal(family: type[IPv4Address | IPv6Address], called: str) -> Callable[[Value], str | None]:
    def read(value: Value) -> str:
        word = word_of(value)
        try:
            return str(family(word))
        except ValueError:
            raise Unfit(f"'{word}' is not an {called} address") from None

    return read


def _allow(value: Value) -> Allow:
    fields = value.fields(KEYS["allow"])
    default = Allow()
    nothing: tuple[str, ...] = ()
    return Allow(
        networks=fields.optional("networks", list_of(_network), default.networks),
        names=frozenset(fields.optional("names", list_of(_name), nothing)),
        ports=frozenset(fields.optional("ports", list_of(port), tuple(default.ports))),
    )


def _network(value: Value) -> Network:
    word = word_of(value)
    try:
        return ip_network(word)
    except ValueError:
        pass
    try:
        wider = ip_network(word, strict=False)
    except ValueError:
        raise Unfit(f"'{word}' is not a network such as 10.0.0.0/8") from None
    raise Unfit(f"'{word}' is an address inside a network (did you mean '{wider}'?)")


def _name(value: Value) -> str:
    word = address(value)
    try:
        ip_address(word)
    except ValueError:
        return plain_name(word)
    raise Unfit(f"'{word}' is an address, not a name; list it under networks")


def _raw(value: Value) -> None:
    word = word_of(value)
    if word == "witness":
        raise Unfit("the witness is not built yet; say none, or remove it")
    if word != "none":
        raise Unfit(f"'{word}' is not none or witness")
