"""Naming a server in a request."""

import pytest

from probe.wire.authority import authority


@pytest.mark.parametrize(
    ("host", "port", "written"),
    [
        ("be-01.acme.example", 443, "be-01.acme.example"),
        ("be-01.acme.example", 8443, "be-01.acme.example:8443"),
        ("10.1.0.11", 443, "10.1.0.11"),
        ("10.1.0.11", 10443, "10.1.0.11:10443"),
        ("fd00::11", 443, "[fd00::11]"),
        ("fd00::11", 8443, "[fd00::11]:8443"),
        ("::ffff:10.1.0.11", 443, "[::ffff:10.1.0.11]"),
        ("fe80::1%eth0", 443, "[fe80::1]"),
    ],
)
def test_a_name_or_address_is_written_as_a_request_wants_it(
    host: str, port: int, written: str
) -> None:
    assert authority(host, port, default_port=443) == written


@pytest.mark.parametrize(
    "host", ["", "be 01", "be\r\nX: 1", "x" * 254, "a:b", "fd00::g", "é.example"]
)
def test_what_is_neither_name_nor_address_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="is neither a DNS name nor an address"):
        authority(host, 443, default_port=443)
