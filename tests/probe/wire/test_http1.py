"""One GET, and the head of its answer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.wire import WireError
from probe.wire.http1 import (
    MOST_HEAD_BYTES,
    MOST_HEADERS,
    Response,
    ResponseReader,
    build_request,
    build_response,
    read_head,
)
from tests.probe.wire.packets import names, packet, truncations

ANSWERS = [name for name in names("http1-") if name != "http1-request"]


def fed(*pieces: bytes) -> Response | None:
    reader = ResponseReader()
    answers = [reader.feed(piece) for piece in pieces]
    return answers[-1]


def head_of(data: bytes) -> bytes:
    return data[: data.index(b"\r\n\r\n")]


def test_the_request_asks_for_the_root_and_then_for_the_end() -> None:
    request = build_request("[fd00::11]:8443", "0.1.0")

    assert request == (
        b"GET / HTTP/1.1\r\nHost: [fd00::11]:8443\r\nUser-Agent: gatewatch-probe/0.1.0\r\n"
        b"Accept: */*\r\nConnection: close\r\n\r\n"
    )
    assert build_request("localhost", "0.1.0") == packet("http1-request")


@pytest.mark.parametrize("authority", ["", "a b", "a\r\nX: 1", "a\0", "é"])
def test_no_authority_can_add_to_the_request(authority: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in an HTTP request"):
        build_request(authority, "0.1.0")


@pytest.mark.parametrize(
    ("name", "status", "server"),
    [
        ("http1-nginx-404", 404, "nginx/1.22.1"),
        ("http1-nginx-tls-200", 200, "nginx/1.22.1"),
        ("http1-nginx-plain-to-tls-400", 400, "nginx/1.22.1"),
        ("http1-nginx-garbage-400", 400, "nginx/1.22.1"),
        ("http1-aiohttp-403", 403, "Python/3.11 aiohttp/3.14.5"),
        ("http1-python-200", 200, "SimpleHTTP/0.6 Python/3.11.7"),
    ],
)
def test_a_server_tells_status_and_name(name: str, status: int, server: str) -> None:
    response = fed(packet(name))

    assert response is not None
    assert (response.status, response.header("sErVeR")) == (status, server)
    assert response.header("X-Absent") is None


@pytest.mark.parametrize("name", ANSWERS)
def test_a_head_is_written_as_it_was_read(name: str) -> None:
    data = packet(name)

    response = fed(data)

    assert response is not None
    assert data.startswith(build_response(response))


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_complete_at_the_byte_that_ends_its_head(name: str) -> None:
    data = packet(name)
    end = len(head_of(data)) + 4

    for cut in truncations(data):
        assert (fed(cut) is None) is (len(cut) < end)


@pytest.mark.parametrize("name", ANSWERS)
def test_it_does_not_matter_how_the_network_cut_an_answer(name: str) -> None:
    data = packet(name)[: len(head_of(packet(name))) + 4]

    assert fed(*(bytes((byte,)) for byte in data)) == fed(data)


@pytest.mark.parametrize(
    ("head", "response"),
    [
        (b"HTTP/1.1 200 OK", Response(200, "OK", ())),
        (b"HTTP/1.1 200", Response(200, "", ())),
        (b"HTTP/1.1 200 ", Response(200, "", ())),
        (b"HTTP/1.0 404 N\xe9ant", Response(404, "Néant", (), 0)),
        (b"HTTP/1.1 200 OK\nServer:x", Response(200, "OK", (("Server", "x"),))),
        (b"HTTP/1.1 200 OK\r\nServer:\t a b \t", Response(200, "OK", (("Server", "a b"),))),
        (b"HTTP/1.1 200 OK\r\nServer : x", Response(200, "OK", (("Server", "x"),))),
        (b"HTTP/1.1 200 OK\r\nEmpty:", Response(200, "OK", (("Empty", ""),))),
    ],
)
def test_heads_of_all_tastes_are_read(head: bytes, response: Response) -> None:
    assert read_head(head) == response


def test_the_first_of_two_headers_counts() -> None:
    response = read_head(b"HTTP/1.1 200 OK\r\nServer: a\r\nSERVER: b")

    assert response.header("server") == "a"


def test_interim_answers_are_passed_over() -> None:
    final = b"HTTP/1.1 204 No Content\r\n\r\n"
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"

    assert fed(interim, interim + final) == Response(204, "No Content", ())
    assert fed(interim) is None
    assert fed(b"HTTP/1.1 101 Switching Protocols\r\n\r\n") is not None


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"\x15\x03\x01\x00\x02\x02\x46", "begins with 0x15030100020246, not with HTTP/1"),
        (b"H\x00", "begins with 0x4800, not with HTTP/1"),
        (b"HTTP/2 200\r\n\r\n", "not with HTTP/1"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not with HTTP/1"),
        (b"HTTP/1.1 OK\r\n\r\n", "no status line of HTTP/1"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "no status line of HTTP/1"),
        (b"HTTP/1.1 099 OK\r\n\r\n", "no status line of HTTP/1"),
        (b"HTTP/1.1 200 O\x00K\r\n\r\n", "no status line of HTTP/1"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "has the header line 0x6e6f20636f6c6f6e"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "has the header line 0x20666f6c646564"),
        (b"HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "has the header line 0x413a20620d63"),
        (b"HTTP/1.1 200 OK\r\n: b\r\n\r\n", "has the header line 0x3a2062"),
    ],
)
def test_what_is_no_answer_is_refused_in_words(data: bytes, complaint: str) -> None:
    with pytest.raises(WireError, match=complaint):
        fed(data)


def test_a_hundred_headers_are_read_and_no_more() -> None:
    lines = [b"A: b"] * (MOST_HEADERS + 1)

    assert len(read_head(b"\r\n".join([b"HTTP/1.1 200 OK", *lines[1:]])).headers) == MOST_HEADERS
    with pytest.raises(WireError, match="has more than 100 headers"):
        read_head(b"\r\n".join([b"HTTP/1.1 200 OK", *lines]))


def test_a_head_without_end_is_refused_and_not_kept() -> None:
    reader = ResponseReader()
    assert reader.feed(b"HTTP/1.1 200 OK\r\nServer: ") is None

    with pytest.raises(WireError, match="exceeds 65536 bytes"):
        reader.feed(b"x" * 2**20)

    assert len(reader._head) <= MOST_HEAD_BYTES + 1
    with pytest.raises(WireError, match="exceeds 65536 bytes"):
        reader.feed(b"x" * 2**20)


def test_interim_answers_without_end_are_refused() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"

    with pytest.raises(WireError, match="exceeds 65536 bytes"):
        fed(interim * 3000)


def test_a_megabyte_of_body_is_not_kept() -> None:
    reader = ResponseReader()

    assert reader.feed(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(2**20)) == Response(200, "OK", ())
    assert len(reader._head) <= MOST_HEAD_BYTES + 1


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", [b"x", b"\r", b"\nA", b" ", b":"])
def test_a_head_that_dribbles_costs_no_more_than_its_length(piece: bytes) -> None:
    with pytest.raises(WireError, match="exceeds 65536 bytes"):
        fed(b"HTTP/1.1 200 OK\r\nA: ", *[piece] * MOST_HEAD_BYTES)


@settings(deadline=None)
@given(
    st.builds(
        Response,
        status=st.integers(200, 999),
        reason=st.from_regex(r"[ -~]{0,20}", fullmatch=True),
        headers=st.lists(
            st.tuples(
                st.from_regex(r"[A-Za-z-]{1,10}", fullmatch=True),
                st.from_regex(r"([!-~]([ -~]{0,20}[!-~])?)?", fullmatch=True),
            ),
            max_size=5,
        ).map(tuple),
        minor_version=st.integers(0, 9),
    ),
    st.binary(max_size=50),
)
def test_any_answer_is_read_as_it_was_written(response: Response, body: bytes) -> None:
    assert fed(build_response(response, body)) == response
