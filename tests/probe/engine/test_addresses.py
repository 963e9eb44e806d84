"""Literals in every form that an operator or a resolver may write."""

import socket

import pytest

from probe.engine.addresses import Target, read_literal

LOOPBACK_INDEX = socket.if_nametoindex("lo")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("10.1.0.11", Target(socket.AF_INET, "10.1.0.11", "10.1.0.11")),
        ("fd00::1", Target(socket.AF_INET6, "fd00::1", "fd00::1")),
        ("[fd00::1]", Target(socket.AF_INET6, "fd00::1", "fd00::1")),
        ("FD00:0:0::1", Target(socket.AF_INET6, "fd00::1", "fd00::1")),
        ("::ffff:10.1.0.11", Target(socket.AF_INET, "10.1.0.11", "10.1.0.11")),
        ("[::ffff:a01:b]", Target(socket.AF_INET, "10.1.0.11", "10.1.0.11")),
        ("fe80::1%lo", Target(socket.AF_INET6, "fe80::1%lo", "fe80::1", LOOPBACK_INDEX)),
        ("[fe80::1%7]", Target(socket.AF_INET6, "fe80::1%7", "fe80::1", 7)),
    ],
)
def test_a_literal_is_read(text: str, target: Target) -> None:
    assert read_literal(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "be-01.acme.example",
        "10.1.0",
        "10.1.0.011",
        "10.1.0.11.",
        "[10.1.0.11]",
        "fd00::1]",
        "[fd00::1",
        "fe80::1%no-such-link",
        "fe80::1%",
        "10.1.0.11\0",
        "a\udcff",
    ],
)
def test_what_is_no_literal_is_none(text: str) -> None:
    assert read_literal(text) is None


def test_a_target_is_written_as_sockets_take_it() -> None:
    ipv4, ipv6 = read_literal("10.1.0.11"), read_literal("fe80::1%7")

    assert ipv4 is not None
    assert ipv6 is not None
    assert ipv4.with_port(443) == ("10.1.0.11", 443)
    assert ipv6.with_port(443) == ("fe80::1", 443, 0, 7)


@pytest.mark.parametrize(
    ("text", "lacks"), [("fe80::1", True), ("fe80::1%7", False), ("fd00::1", False)]
)
def test_only_a_link_local_address_may_lack_its_zone(text: str, lacks: bool) -> None:
    target = read_literal(text)

    assert target is not None
    assert target.lacks_zone is lacks
