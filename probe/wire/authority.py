"""Name a server as `Host` and `:authority` want it (RFC 3986 3.2, RFC 9110 7.2)."""

import re
from ipaddress import IPv6Address

_VISIBLE = re.compile(r"[!-~]{1,300}")
_REGISTERED_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}")


def authority(host: str, port: int, default_port: int) -> str:
    """Write `name`, `name:port` or `[address]:port`; the zone of an IPv6 address stays at home.

    Raises ValueError for what is neither a DNS name nor an address.
    """
    if _is_ipv6(host):
        named = f"[{host.partition('%')[0]}]"
    elif _REGISTERED_NAME.fullmatch(host):
        named = host
    else:
        raise ValueError(f"'{host}' is neither a DNS name nor an address")
    return named if port == default_port else f"{named}:{port}"


def checked(authority: str) -> str:
    """Give back an authority that can stand in a request; raise ValueError for any other."""
    if not _VISIBLE.fullmatch(authority):
        raise ValueError(f"'{authority}' cannot stand in an HTTP request")
    return authority


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True
