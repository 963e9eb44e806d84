"""The server's side of HTTP/2, seen by a client that is not ours."""

import pytest
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, TrailersReceived

from probe.wire import WireError
from probe.wire.http2_service import Http2Service, grpc_answer, grpc_answer_in_trailers, page

REQUEST = [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a")]


def client_of(service: Http2Service) -> H2Connection:
    client = H2Connection()
    client.initiate_connection()
    client.receive_data(service.opening())
    return client


def test_settings_are_sent_unasked() -> None:
    assert Http2Service(page()).opening()[3] == 4


def test_every_request_gets_the_answer() -> None:
    service = Http2Service(page(403, "nginx"))
    client = client_of(service)
    client.send_headers(1, REQUEST, end_stream=True)
    client.send_headers(3, REQUEST, end_stream=True)

    events = client.receive_data(service.receive(client.data_to_send()))

    responses = [event for event in events if isinstance(event, ResponseReceived)]
    assert [dict(each.headers)[b":status"] for each in responses] == [b"403", b"403"]
    assert len([event for event in events if isinstance(event, DataReceived)]) == 2
    assert len([event for event in events if isinstance(event, StreamEnded)]) == 2


def test_a_grpc_status_comes_in_headers_or_in_trailers() -> None:
    seen = []
    for answer in (grpc_answer(), grpc_answer_in_trailers()):
        service = Http2Service(answer)
        client = client_of(service)
        client.send_headers(1, REQUEST, end_stream=True)
        events = client.receive_data(service.receive(client.data_to_send()))
        seen.append([event for event in events if isinstance(event, TrailersReceived)])

    assert seen[0] == []
    assert dict(seen[1][0].headers) == {b"grpc-status": b"12"}


def test_what_is_no_http2_is_refused() -> None:
    with pytest.raises(WireError, match="HTTP/2 request breaks the protocol"):
        Http2Service(page()).receive(b"GET / HTTP/1.1\r\n\r\n")
