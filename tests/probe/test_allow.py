from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.allow import Address, Allow, plain_name, read_address, refusal

DEFAULT = Allow()
EVERYWHERE = Allow(networks=(IPv4Network("0.0.0.0/0"), IPv6Network("::/0")))
ADDRESSES = st.ip_addresses()


@pytest.mark.parametrize(
    "address", ["10.1.0.11", "172.31.255.255", "192.168.0.1", "fd00::1", "::ffff:10.1.0.11"]
)
def test_private_addresses_may_be_dialled_unless_the_operator_says_otherwise(address: str) -> None:
    assert refusal(DEFAULT, address, address, 443) is None


@pytest.mark.parametrize(
    ("address", "port", "sentence"),
    [
        (
            "8.8.8.8",
            443,
            "8.8.8.8 was not dialled: no network in allow.networks of probe.yaml holds it",
        ),
        ("10.1.0.11", 22, "port 22 was not dialled: allow.ports of probe.yaml does not list it"),
        (
            "127.0.0.1",
            443,
            "127.0.0.1 was not dialled: no network in allow.networks of probe.yaml holds it",
        ),
        ("be-01", 443, "'be-01' was not dialled: it is no IP address"),
        ("0.0.0.0", 443, "0.0.0.0 was not dialled: it is not the address of one host"),
        ("::", 443, ":: was not dialled: it is not the address of one host"),
        ("239.1.1.1", 514, "239.1.1.1 was not dialled: it is not the address of one host"),
        ("ff02::1", 514, "ff02::1 was not dialled: it is not the address of one host"),
        (
            "255.255.255.255",
            514,
            "255.255.255.255 was not dialled: it is not the address of one host",
        ),
    ],
)
def test_what_may_not_be_dialled_is_refused_with_a_reason(
    address: str, port: int, sentence: str
) -> None:
    assert refusal(DEFAULT, address, address, port) == sentence


def test_a_refusal_names_the_name_that_led_there() -> None:
    sentence = refusal(DEFAULT, "be-01.acme.example", "8.8.8.8", 443)

    assert sentence is not None
    assert sentence.startswith("8.8.8.8 (be-01.acme.example) was not dialled")


@pytest.mark.parametrize("written", ["updates.example", "Updates.Example", "updates.example."])
def test_a_listed_name_may_lead_to_any_address(written: str) -> None:
    allow = Allow(names=frozenset({plain_name("Updates.Example.")}))

    assert refusal(allow, written, "8.8.8.8", 443) is None
    assert refusal(allow, "other.example", "8.8.8.8", 443) is not None
    assert refusal(allow, "8.8.8.8", "8.8.8.8", 443) is not None


def test_a_listed_name_opens_no_other_port() -> None:
    allow = Allow(names=frozenset({"updates.example"}))

    assert refusal(allow, "updates.example", "8.8.8.8", 22) is not None


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_loopback_is_open_only_where_it_is_listed_itself(address: str) -> None:
    by_name = Allow(names=frozenset({"localhost"}))
    listed = Allow(networks=(IPv4Network("127.0.0.0/8"), IPv6Network("::1/128")))

    assert refusal(EVERYWHERE, address, address, 443) is not None
    assert refusal(by_name, "localhost", address, 443) is not None
    assert refusal(listed, address, address, 443) is None


@given(ADDRESSES, st.sampled_from(["10.0.0.0/8", "fd00::/8", "192.0.2.0/24"]), st.booleans())
def test_an_address_outside_every_listed_network_is_never_dialled(
    address: Address, network: str, with_name: bool
) -> None:
    listed = ip_network(network)
    allow = Allow(networks=(listed,))
    asked = "be-01.example" if with_name else str(address)

    sentence = refusal(allow, asked, str(address), 443)

    seen_as = read_address(str(address))
    assert seen_as is not None
    assert (sentence is None) == (seen_as in listed)


@given(st.text(max_size=40), st.text(max_size=40), st.integers(-5, 70000))
def test_any_text_is_judged_and_none_raises(asked: str, address: str, port: int) -> None:
    sentence = refusal(DEFAULT, asked, address, port)

    assert sentence is None or "was not dialled" in sentence
