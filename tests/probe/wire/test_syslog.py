"""The one syslog message of a probe, and its frame."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.wire import WireError
from probe.wire.syslog import (
    MOST_MESSAGE_BYTES,
    Message,
    build_frame,
    build_message,
    encode,
    read_message,
    split_frame,
)
from tests.probe.wire.packets import packet, truncations

MOMENT = datetime(2026, 11, 23, 2, 0, 0, 123456, UTC)
PROBE = build_message("con-01", MOMENT, "3f2a9c")


def test_the_message_says_what_it_is_and_can_be_found_again() -> None:
    assert packet("syslog-probe") == PROBE
    assert PROBE == (
        b"<46>1 2026-11-23T02:00:00.123Z con-01 gatewatch-probe - PROBE - "
        b"Reachability test by Gatewatch, no action needed, nonce=3f2a9c"
    )


def test_a_receiver_reads_it_and_writes_it_the_same() -> None:
    message = read_message(PROBE)

    assert (message.priority, message.host, message.nonce) == (46, "con-01", "3f2a9c")
    assert encode(message) == PROBE


def test_the_time_is_told_in_utc() -> None:
    local = MOMENT.astimezone(timezone(timedelta(hours=2)))

    assert build_message("con-01", local, "3f2a9c") == PROBE


@pytest.mark.parametrize(
    ("host", "written"), [("", "-"), ("pc 1\n", "pc?1?"), ("é", "?"), ("x" * 300, "x" * 255)]
)
def test_a_host_is_fitted_into_its_field(host: str, written: str) -> None:
    assert read_message(build_message(host, MOMENT, "n")).host == written


@pytest.mark.parametrize("nonce", ["", "two words", "x" * 65, "\n"])
def test_a_nonce_is_one_word(nonce: str) -> None:
    with pytest.raises(ValueError, match="cannot be the nonce"):
        build_message("con-01", MOMENT, nonce)


def test_the_message_of_another_program_has_no_nonce() -> None:
    assert Message(46, "-", "h", "sshd", "12", "-", "nonce=3f2a9c").nonce is None
    assert Message(46, "-", "h", "gatewatch-probe", "-", "PROBE", "text").nonce is None


def test_a_message_without_text_is_read() -> None:
    assert read_message(b"<0>1 - - - - - -").text == ""


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "syslog message has no header of RFC 5424 without structured data"),
        (b"<46>Oct 11 22:14:15 mymachine su: x", "has no header of RFC 5424"),
        (b"<192>1 - - - - - - x", "has no header of RFC 5424"),
        (b"<46>1 - - - - - - \xff", "syslog message is not UTF-8"),
        (b"<46>1 - - - - - - " + bytes(MOST_MESSAGE_BYTES), "syslog message has 2066 bytes"),
    ],
)
def test_what_is_no_such_message_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(WireError, match=complaint):
        read_message(data)


def test_a_frame_states_its_length() -> None:
    assert build_frame(PROBE) == str(len(PROBE)).encode() + b" " + PROBE


def test_frames_are_taken_off_a_stream_one_by_one() -> None:
    stream = build_frame(PROBE) + build_frame(b"second") + b"12"

    first = split_frame(stream)
    assert first is not None
    second = split_frame(first[1])

    assert first[0] == PROBE
    assert second == (b"second", b"12")
    assert split_frame(b"12") is None


def test_a_frame_that_is_not_whole_is_waited_for() -> None:
    for cut in truncations(build_frame(PROBE)):
        assert split_frame(cut) is None


@pytest.mark.parametrize("stream", [b"<46>1 - ", b"0 x", b"123456 ", b"2049 x", b"99999 "])
def test_a_stream_without_usable_lengths_is_refused(stream: bytes) -> None:
    with pytest.raises(WireError, match="syslog stream"):
        split_frame(stream)


@settings(deadline=None)
@given(
    host=st.text(max_size=40),
    moment=st.datetimes(timezones=st.just(UTC)),
    nonce=st.from_regex(r"[!-~]{1,64}", fullmatch=True),
)
def test_any_host_time_and_nonce_make_a_message_that_can_be_read(
    host: str, moment: datetime, nonce: str
) -> None:
    assert read_message(build_message(host, moment, nonce)).nonce == nonce
