import socket
from email.utils import format_datetime

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given
from hypothesis import strategies as st

from probe.collector_errors import (
    CollectorError,
    one_line,
    refused,
    retry_after_seconds,
    unreached,
)
from probe.runner import whole_milliseconds
from tests.fakes.clock import START
from tests.fakes.collector import problem

URL = "https://watch.acme.example:8642"
KEY = ConnectionKey(
    host="watch.acme.example",
    port=8642,
    is_ssl=True,
    ssl=True,
    proxy=None,
    proxy_auth=None,
    proxy_headers_hash=None,
)


@pytest.mark.parametrize(
    ("status", "final"),
    [
        (None, False),
        (301, False),
        (400, True),
        (401, False),
        (403, True),
        (404, True),
        (408, False),
        (413, True),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_only_a_refusal_that_time_cannot_heal_is_final(status: int | None, final: bool) -> None:
    assert CollectorError("no", status).is_final is final


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TimeoutError(), "did not answer within 30 s"),
        (
            aiohttp.ConnectionTimeoutError(),
            "cannot be reached: nothing answers the attempt to connect",
        ),
        (
            aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "anything")),
            "cannot be reached: Connection refused",
        ),
        (
            aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(-2, "Name not known")),
            "cannot be reached: its name does not resolve",
        ),
        (
            aiohttp.ClientConnectorError(KEY, OSError("all attempts failed")),
            "cannot be reached: all attempts failed",
        ),
        (
            aiohttp.ClientConnectorCertificateError(KEY, ValueError("odd")),
            "is not trusted: odd",
        ),
        (aiohttp.ServerDisconnectedError(), "closed the connection without an answer"),
        (ConnectionResetError(104, "reset"), "cannot be reached: Connection reset by peer"),
        (OSError(10061, "refused"), "cannot be reached: [Errno 10061] refused"),
        (
            aiohttp.InvalidURL("odd"),
            "gave no answer that HTTP knows: InvalidURL: odd",
        ),
    ],
)
def test_each_way_to_get_no_answer_has_its_sentence(error: Exception, sentence: str) -> None:
    said = unreached(URL, error, 30.0)

    assert str(said).startswith(f"{URL} {sentence.split(':', maxsplit=1)[0]}")
    assert said.status is None

    assert str(said) == f"{URL} {sentence}"
    reply = problem(403, "con-02 reports for con-01")

    error = refused(URL, 403, reply.body, None, START)

    assert str(error) == f"{URL} answered 403: con-02 reports for con-01"
    assert (error.status, error.retry_after) == (403, None)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (502, b"<html>oops</html>", "502: Bad Gateway"),
        (599, b"", "599: no reason given"),
        (500, b'{"detail": ' + b"[" * 100_000, "500: Internal Server Error"),
        (500, b'{"type": "\xff"}', "500: Internal Server Error"),
        (307, b"", "307; redirects are not followed"),
    ],
)
def test_an_answer_without_a_problem_document_is_named_by_its_status(
    status: int, body: bytes, said: str
) -> None:
    assert str(refused(URL, status, body, None, START)) == f"{URL} answered {said}"


@pytest.mark.parametrize(("status", "seconds"), [(429, 7.0), (503, 7.0), (500, None)])
def test_only_429_and_503_may_ask_for_a_later_attempt(status: int, seconds: float | None) -> None:
    assert refused(URL, status, b"", "7", START).retry_after == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("99999999999999999999", 999999999.0),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("", None),
        (format_datetime(whole_milliseconds(START + 90), usegmt=True), 90.0),
        (format_datetime(whole_milliseconds(START - 90), usegmt=True), 0.0),
        ("Wed, 21 Oct 2015 07:28:00 -0000", 0.0),
        ("Wed, 21 Oct 99999999999999999999 07:28:00 GMT", None),
        ("Wed, 21 Oct 2015 07:28:00 +99999999999999999999", None),
    ],
)
def test_retry_after_is_read_in_seconds_or_as_a_date(
    header: str | None, seconds: float | None
) -> None:
    assert retry_after_seconds(header, START) == seconds


@given(st.text(max_size=60))
def test_no_retry_after_header_raises(header: str) -> None:
    seconds = retry_after_seconds(header, START)

    assert seconds is None or seconds >= 0


def test_foreign_text_stays_one_line_of_bounded_length_in_the_log() -> None:
    assert one_line("one\ntwo\x1b[31m") == "one two [31m"
    assert len(one_line("x" * 10_000)) == 304


@given(st.binary(max_size=200), st.integers(300, 599))
def test_any_body_of_a_refusal_gives_one_line(body: bytes, status: int) -> None:
    assert "\n" not in str(refused(URL, status, body, None, START))
