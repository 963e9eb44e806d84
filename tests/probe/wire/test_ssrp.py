"""Asking the SQL Server Browser."""

import pytest

from probe.wire import WireError
from probe.wire.ssrp import (
    Asked,
    Instance,
    Request,
    build_dac_answer,
    build_dac_request,
    build_instance_request,
    build_instances_answer,
    build_instances_request,
    read_dac_port,
    read_instances,
    read_request,
)
from tests.probe.wire.packets import names, packet, truncations

YUKONSTD = Instance("ILSUNG1", "YUKONSTD", "9.00.1399.06", transports=(("tcp", "57137"),))


def answer(text: str) -> bytes:
    return b"\x05" + len(text).to_bytes(2, "little") + text.encode("latin-1")


def described(transports: str) -> str:
    return f"ServerName;S;InstanceName;I;IsClustered;No;Version;15.0.1{transports};;"


def test_requests_are_those_of_the_standard() -> None:
    assert build_instance_request("APP1") == packet("ssrp-request-freetds")
    assert build_instances_request() == packet("ssrp-request-pytds")
    assert build_dac_request("APP1") == b"\x0f\x01APP1\x00"


def test_a_server_reads_what_clients_ask() -> None:
    assert read_request(packet("ssrp-request-freetds")) == Asked(Request.CLNT_UCAST_INST, "APP1")
    assert read_request(packet("ssrp-request-impacket")) == Asked(Request.CLNT_UCAST_EX)
    assert read_request(build_dac_request("SES")) == Asked(Request.CLNT_UCAST_DAC, "SES")
    assert read_request(b"\x02") == Asked(Request.CLNT_BCAST_EX)


@pytest.mark.parametrize("datagram", [b"", b"\x0f", b"\x05\x00\x00", b"GET / HTTP/1.1"])
def test_a_server_refuses_what_is_no_request(datagram: bytes) -> None:
    with pytest.raises(WireError):
        read_request(datagram)


def test_the_sample_answer_about_one_instance_is_read() -> None:
    assert read_instances(packet("ssrp-answer-mc-sqlr-instance")) == (YUKONSTD,)
    assert YUKONSTD.tcp_port == 57137


def test_the_sample_answer_about_all_instances_is_read() -> None:
    found = read_instances(packet("ssrp-answer-mc-sqlr-instances"))

    assert {each.name: each.tcp_port for each in found} == {
        "YUKONSTD": 57137,
        "YUKONDEV": None,
        "MSSQLSERVER": 1433,
    }
    assert {each.version for each in found} == {"9.00.1399.06"}
    assert found[1].transports == (("np", r"\\ILSUNG1\pipe\MSSQL$YUKONDEV\sql\query"),)


@pytest.mark.parametrize("name", names("ssrp-answer"))
def test_an_answer_is_written_as_it_was_read(name: str) -> None:
    assert build_instances_answer(read_instances(packet(name))) == packet(name)


@pytest.mark.parametrize("name", names("ssrp-answer"))
def test_no_truncated_answer_is_taken_for_a_whole_one(name: str) -> None:
    for cut in truncations(packet(name)):
        with pytest.raises(WireError):
            read_instances(cut)


@pytest.mark.parametrize(
    ("transports", "port"),
    [
        (";tcp;1433", 1433),
        (r";np;\\S\pipe\x;tcp;49152", 49152),
        ("", None),
        (";tcp;0", None),
        (";tcp;65536", None),
        (";tcp;999999999999999999999", None),
        (";tcp;²", None),
        (";tcp;-1", None),
    ],
)
def test_a_port_is_only_what_can_be_dialled(transports: str, port: int | None) -> None:
    (instance,) = read_instances(answer(described(transports)))

    assert instance.tcp_port == port


def test_a_clustered_instance_is_known_as_such() -> None:
    clustered = Instance("S", "I", "16.0.1000.6", clustered=True)

    assert read_instances(build_instances_answer([clustered])) == (clustered,)


@pytest.mark.parametrize(
    ("datagram", "complaint"),
    [
        (b"", "SSRP answer of 0 bytes ends inside its type"),
        (b"HTTP/1.1", "SSRP answer begins with 0x48, not with 0x05"),
        (b"\x05\x09\x00abc", "SSRP answer states 9 bytes and brings 3"),
        (answer(""), "SSRP answer does not end with the end of an instance"),
        (answer("ServerName"), "SSRP answer does not end with the end of an instance"),
        (
            answer("Server;S;Instance;I;;"),
            "SSRP answer describes an instance without its name or version",
        ),
        (
            answer(described(";tcp")),
            "SSRP answer describes an instance without its name or version",
        ),
        (answer(described(";tcp;\n")), "SSRP answer contains control characters"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(datagram: bytes, complaint: str) -> None:
    with pytest.raises(WireError) as refused:
        read_instances(datagram)

    assert str(refused.value) == complaint


def test_the_port_of_the_administrators_connection_is_read() -> None:
    datagram = build_dac_answer(1434)

    assert datagram == bytes.fromhex("05 0600 01 9a05")
    assert read_dac_port(datagram) == 1434


@pytest.mark.parametrize(
    "wrong", ["", "05", "050600019a", "0506000000", "0506000100000", "040600019a05"]
)
def test_what_tells_no_port_of_an_administrators_connection_is_refused(wrong: str) -> None:
    with pytest.raises(WireError):
        read_dac_port(bytes.fromhex(wrong.ljust(len(wrong) + len(wrong) % 2, "0")))


@pytest.mark.parametrize("name", ["", "x" * 33, "A\0B", "数据"])
def test_an_impossible_name_is_not_asked_for(name: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be the name of a SQL Server instance|latin-1"):
        build_instance_request(name)
