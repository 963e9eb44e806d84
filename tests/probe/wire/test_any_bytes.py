"""Whatever a peer sends, a decoder takes it or raises WireError: never anything else, and soon."""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest
from hyperframe.frame import SettingsFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.wire import WireError, dcerpc, http1, naming, ssrp, syslog, tds
from probe.wire.http2 import GrpcCall
from probe.wire.http2_service import Http2Service, page
from tests.probe.wire.packets import names, packet, truncations, with_flipped_bits

Decoder = Callable[[bytes], object]
MEGABYTE = 2**20
CLIENT_PREFACE = packet("http2-request")[:24]
SETTINGS = SettingsFrame().serialize()


def after_settings(data: bytes) -> object:
    call = GrpcCall("localhost", "0.1.0")
    call.receive(SETTINGS)
    return call.receive(data)


def as_tds(data: bytes) -> object:
    return tds.read_prelogin_answer(tds.build_packet(tds.PacketType.TABULAR_RESULT, data[:32000]))


def as_ssrp(data: bytes) -> object:
    data = data[:65535]
    return ssrp.read_instances(b"\x05" + len(data).to_bytes(2, "little") + data)


def as_fragment(kind: int, read: Decoder) -> Decoder:
    def decode(data: bytes) -> object:
        data = data[:4200]
        length = (len(data) + dcerpc.HEADER_BYTES).to_bytes(2, "little")
        return read(
            b"\x05\x00" + bytes((kind, 3)) + b"\x10\0\0\0" + length + b"\0\0\1\0\0\0" + data
        )

    return decode


DECODERS: dict[str, Decoder] = {
    "TDS header": tds.packet_length,
    "TDS answer": tds.read_prelogin_answer,
    "TDS request": tds.read_prelogin,
    "TDS options": as_tds,
    "SSRP request": ssrp.read_request,
    "SSRP instances": ssrp.read_instances,
    "SSRP instances, well framed": as_ssrp,
    "SSRP administrator's port": ssrp.read_dac_port,
    "DCE/RPC header": dcerpc.fragment_length,
    "DCE/RPC answer": dcerpc.read_answer,
    "DCE/RPC bind": dcerpc.read_bind,
    "DCE/RPC bind, well framed": as_fragment(11, dcerpc.read_bind),
    "DCE/RPC bind_ack, well framed": as_fragment(12, dcerpc.read_answer),
    "DCE/RPC bind_nak, well framed": as_fragment(13, dcerpc.read_answer),
    "DCE/RPC fault, well framed": as_fragment(3, dcerpc.read_answer),
    "syslog message": syslog.read_message,
    "syslog frame": syslog.split_frame,
    "HTTP/1 answer": lambda data: http1.ResponseReader().feed(data),
    "HTTP/1 head": lambda data: http1.ResponseReader().feed(b"HTTP/1.1 200 OK\r\n" + data),
    "HTTP/2 answer": lambda data: GrpcCall("localhost", "0.1.0").receive(data),
    "HTTP/2 answer after SETTINGS": after_settings,
    "HTTP/2 request": lambda data: Http2Service(page()).receive(data),
    "HTTP/2 request after the preface": lambda data: Http2Service(page()).receive(
        CLIENT_PREFACE + SETTINGS + data
    ),
    "naming": naming.name_answer,
}
every_decoder = pytest.mark.parametrize("decode", DECODERS.values(), ids=DECODERS.keys())


def frames() -> st.SearchStrategy[bytes]:
    """Draw HTTP/2 frames that are well formed outside and anything inside."""
    return st.lists(
        st.builds(
            lambda kind, flags, stream, body: (
                len(body).to_bytes(3, "big")
                + bytes((kind, flags))
                + stream.to_bytes(4, "big")
                + body
            ),
            st.integers(0, 12),
            st.integers(0, 255),
            st.integers(0, 5),
            st.one_of(
                st.binary(max_size=40),
                st.sampled_from([b"\x88", b"\x82\x87\x84\x41\x01a", b"\x8d\x5f\x01x"]),
            ),
        ),
        max_size=8,
    ).map(b"".join)


@every_decoder
@pytest.mark.parametrize("name", names())
def test_every_truncation_of_every_packet(decode: Decoder, name: str) -> None:
    for cut in (*truncations(packet(name)), packet(name)):
        with suppress(WireError):
            decode(cut)


@every_decoder
@settings(deadline=None, max_examples=150)
@given(data=with_flipped_bits())
def test_packets_with_bits_turned(decode: Decoder, data: bytes) -> None:
    with suppress(WireError):
        decode(data)


@every_decoder
@settings(deadline=None, max_examples=150)
@given(data=st.binary(max_size=300))
def test_noise(decode: Decoder, data: bytes) -> None:
    with suppress(WireError):
        decode(data)


@pytest.mark.parametrize("decode", [d for n, d in DECODERS.items() if n.startswith("HTTP/2")])
@settings(deadline=None, max_examples=400)
@given(data=frames())
def test_frames_of_http2_in_any_order(decode: Decoder, data: bytes) -> None:
    with suppress(WireError):
        decode(data)


@settings(deadline=None, max_examples=200)
@given(data=st.text(alphabet="ServerName;IstancClud012tp\\", max_size=200).map(str.encode))
def test_lists_of_instances_in_any_shape(data: bytes) -> None:
    with suppress(WireError):
        as_ssrp(data)


@pytest.mark.timeout(30)
@every_decoder
@pytest.mark.parametrize(
    "piece",
    [
        b"\0",
        b"\xff",
        b" ",
        b";",
        b"\r\n",
        b"A: b\r\n",
        b"\x00\x00\x00\x06\x00\x00\x00\x00\x00",
        b"0 ",
    ],
    ids=repr,
)
def test_a_megabyte_is_answered_soon_and_not_kept(decode: Decoder, piece: bytes) -> None:
    data = piece * (MEGABYTE // len(piece))
    tracemalloc.start()
    try:
        with suppress(WireError):
            decode(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 8 * MEGABYTE
