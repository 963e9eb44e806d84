"""The PRELOGIN exchange of TDS."""

import pytest

from probe.wire import WireError
from probe.wire.tds import (
    HEADER_BYTES,
    Encryption,
    Option,
    PacketType,
    Prelogin,
    build_options,
    build_packet,
    build_prelogin,
    build_prelogin_answer,
    packet_length,
    read_options,
    read_packet,
    read_prelogin,
    read_prelogin_answer,
)
from tests.probe.wire.packets import names, packet, truncations

# protocols.md 3.1
REQUEST = bytes.fromhex(
    "1201002f00000100"
    "00001a0006 0100200001 0200210001 0300220004 0400260001 ff"
    "000000000000 00 00 00000000 00"
)


def test_the_request_is_the_one_that_was_tried_on_real_servers() -> None:
    assert build_prelogin() == REQUEST
    assert len(REQUEST) == 47


@pytest.mark.parametrize(
    ("name", "version"),
    [("tds-answer-sql-2008-sp1", "10.0.2531"), ("tds-answer-sql-2012-sp1", "11.0.3000")],
)
def test_the_answer_of_a_sql_server_tells_version_and_encryption(name: str, version: str) -> None:
    answer = read_prelogin_answer(packet(name))

    assert answer.version == version
    assert answer.encryption is Encryption.ON
    assert answer.client_certificate is False
    assert answer.option(Option.MARS) == b"\x01"
    assert answer.option(Option.TRACEID) is None


def test_the_sample_of_the_standard_is_read() -> None:
    asked = read_prelogin(packet("tds-prelogin-ms-tds-4.1"))

    assert asked.version == "9.0.0"
    assert asked.encryption is Encryption.ON
    assert asked.option(Option.THREADID) == bytes.fromhex("b80d0000")


@pytest.mark.parametrize("name", names("tds-"))
def test_options_are_written_as_they_were_read(name: str) -> None:
    payload = packet(name)[HEADER_BYTES:]

    assert build_options(read_options(payload)) == payload


@pytest.mark.parametrize("name", names("tds-answer"))
def test_a_whole_answer_is_written_as_it_was_read(name: str) -> None:
    answer = read_prelogin_answer(packet(name))

    assert build_packet(PacketType.TABULAR_RESULT, build_options(answer)) == packet(name)


@pytest.mark.parametrize("name", names("tds-"))
def test_the_header_tells_the_length_of_the_packet(name: str) -> None:
    assert packet_length(packet(name)[:HEADER_BYTES]) == len(packet(name))


@pytest.mark.parametrize("name", names("tds-"))
def test_no_truncated_packet_is_taken_for_a_whole_one(name: str) -> None:
    read = read_prelogin_answer if "answer" in name else read_prelogin

    for cut in truncations(packet(name)):
        with pytest.raises(WireError):
            read(cut)


@pytest.mark.parametrize("name", names("tds-prelogin"))
@pytest.mark.parametrize("encryption", Encryption)
def test_a_server_answers_the_options_that_it_was_asked_for(
    name: str, encryption: Encryption
) -> None:
    asked = read_prelogin(packet(name))

    answer = read_prelogin_answer(build_prelogin_answer(asked, "15.0.4298", encryption))

    assert [token for token, _ in answer.options] == [token for token, _ in asked.options]
    assert (answer.version, answer.encryption) == ("15.0.4298", encryption)


def test_an_answer_to_our_request_has_the_shape_of_a_real_one() -> None:
    answer = build_prelogin_answer(read_prelogin(REQUEST), "11.0.3000", Encryption.OFF)

    assert len(answer) == len(packet("tds-answer-sql-2012-sp1"))
    assert answer[:34] == packet("tds-answer-sql-2012-sp1")[:34]


@pytest.mark.parametrize(
    ("stated", "encryption", "certificate"),
    [
        (b"\x80", Encryption.OFF, True),
        (b"\x81", Encryption.ON, True),
        (b"\x03", Encryption.REQUIRED, False),
        (b"\x07", None, False),
        (b"", None, False),
    ],
)
def test_encryption_and_the_wish_for_a_certificate_are_told_apart(
    stated: bytes, encryption: Encryption | None, certificate: bool
) -> None:
    answer = Prelogin(((Option.VERSION, bytes(6)), (Option.ENCRYPTION, stated)))

    assert answer.encryption is encryption
    assert answer.client_certificate is certificate


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"HTTP/1.1", "TDS header begins with packet type 0x48"),
        (b"\x04\x01\x00\x07\x00\x00\x01\x00", "TDS header states a packet of 7 bytes"),
        (b"\x04\x01\xff\xff\x00\x00\x01\x00", "TDS header states a packet of 65535 bytes"),
        (b"\x04\x01\x00", "TDS header of 3 bytes ends inside its length"),
        (REQUEST, "TDS packet is of type 0x12, not 0x04"),
        (
            b"\x04\x01\x00\x09\x00\x00\x01\x00",
            "TDS packet of 8 bytes states a length of 9",
        ),
        (
            build_packet(PacketType.TABULAR_RESULT, b"\xff"),
            "PRELOGIN does not begin with a version",
        ),
        (
            build_packet(PacketType.TABULAR_RESULT, b"\x00\x00\x06\x00\x04\xffabcd"),
            "PRELOGIN does not begin with a version",
        ),
        (
            build_packet(PacketType.TABULAR_RESULT, b"\x00\x00\x06\x00\x06\xffabcd"),
            "PRELOGIN of 10 bytes ends inside its option 0",
        ),
        (
            build_packet(PacketType.TABULAR_RESULT, b"\x01\x00\x00\x00\x01" * 33 + b"\xff"),
            "PRELOGIN has more than 32 options",
        ),
        # An error token in place of the answer, as a server that is out of connections sends it.
        (
            build_packet(PacketType.TABULAR_RESULT, b"\xaa\x10\x00\x01\x02\x03\x04"),
            "PRELOGIN of 7 bytes ends inside its option 170",
        ),
    ],
)
def test_what_is_no_answer_is_refused_in_words(data: bytes, complaint: str) -> None:
    with pytest.raises(WireError) as refused:
        read_prelogin_answer(data)

    assert str(refused.value) == complaint


def test_a_packet_carries_any_payload_such_as_a_tls_record() -> None:
    wrapped = build_packet(PacketType.PRELOGIN, b"\x16\x03\x01")

    assert read_packet(wrapped, PacketType.PRELOGIN) == b"\x16\x03\x01"


def test_a_payload_that_fits_no_packet_is_not_sent() -> None:
    with pytest.raises(ValueError, match="a TDS packet cannot hold 32760 bytes"):
        build_packet(PacketType.PRELOGIN, bytes(32760))
