"""Naming what answered by its first bytes."""

import pytest

from flows.outcomes import AnsweredBy
from probe.wire.http2_service import Http2Service, page
from probe.wire.naming import Named, name_answer
from tests.probe.wire.packets import names, packet


@pytest.mark.parametrize(
    ("name", "answered_by", "description"),
    [
        ("http1-nginx-404", AnsweredBy.HTTP, "an HTTP server (HTTP/1.1 404 Not Found)"),
        ("http1-python-200", AnsweredBy.HTTP, "an HTTP server (HTTP/1.0 200 OK)"),
        ("http2-grpcio-clear-unasked", AnsweredBy.GRPC, "a gRPC server without TLS"),
        ("http2-nginx-404", AnsweredBy.HTTP, "an HTTP/2 server without TLS"),
        ("msrpc-bind-ack-samba", AnsweredBy.MSRPC, "a DCE/RPC server"),
        ("msrpc-bind-nak-samba-version", AnsweredBy.MSRPC, "a DCE/RPC server"),
        ("msrpc-fault-samba-bad-stub", AnsweredBy.MSRPC, "a DCE/RPC server"),
        ("ssrp-answer-mc-sqlr-instance", AnsweredBy.SSRP, "a SQL Server Browser"),
        ("ssrp-answer-mc-sqlr-instances", AnsweredBy.SSRP, "a SQL Server Browser"),
        ("tds-answer-sql-2012-sp1", AnsweredBy.TDS, "a SQL Server (TDS)"),
        (
            "tls-alert-nginx-no-application-protocol",
            AnsweredBy.TLS,
            "a TLS server, with an alert",
        ),
        ("tls-server-hello-nginx", AnsweredBy.TLS, "a TLS server"),
    ],
)
def test_a_real_server_is_named_rightly(
    name: str, answered_by: AnsweredBy, description: str
) -> None:
    data = packet(name)

    assert name_answer(data) == Named(answered_by, description, data[:16].hex())


@pytest.mark.parametrize("page", [b"<!DOCTYPE HTML>\n<html", b"\r\n<html><head>", b"<HTML>"])
def test_a_bare_page_comes_from_an_http_server(page: bytes) -> None:
    named = name_answer(page)

    assert (named.answered_by, named.description) == (
        AnsweredBy.HTTP,
        "an HTTP server (a bare page, as HTTP/0.9 has it)",
    )


@pytest.mark.parametrize("name", names("http1-nginx") + names("tds-answer") + names("msrpc-bind-"))
def test_sixteen_bytes_are_enough_for_the_kind(name: str) -> None:
    assert name_answer(packet(name)[:16]).answered_by is name_answer(packet(name)).answered_by


@pytest.mark.parametrize(
    ("first", "description"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "an SSH server (SSH-2.0-OpenSSH_9.2p1 Debian-2)"),
        (b"220 mx.acme.example ESMTP\r\n", "a mail or FTP server (220 mx.acme.example ESMTP)"),
        (b"220-Welcome\r\n", "a mail or FTP server (220-Welcome)"),
        (b"+OK ready\r\n", "a POP3 server (+OK ready)"),
        (b"* OK [CAPABILITY IMAP4rev1]\r\n", "an IMAP server (* OK [CAPABILITY IMAP4rev1])"),
        (b"RFB 003.008\n", "a VNC server (RFB 003.008)"),
        (b"\x03\x00\x00\x13\x0e\xd0\x00\x00\x124\x00", "a Remote Desktop server"),
        (b"\x00\x00\x00\x54\xfeSMB\x40\x00", "an SMB file server"),
        (b"\x4a\x00\x00\x00\x0a8.0.36\x00", "a MySQL or MariaDB server"),
        (b"\x5a\x00\x00\x00\x0a10.11.6-MariaDB\x00", "a MySQL or MariaDB server"),
        (b"E\x00\x00\x00\x8bSFATAL\x00VFATAL\x00", "a PostgreSQL server"),
        (b"Hello.\r\nwho are you?", 'an unknown service, which said "Hello."'),
        (b"\x00\x01\x02", "an unknown service, whose first bytes are 000102"),
        (b"\x1b[31mred", "an unknown service, whose first bytes are 1b5b33316d726564"),
        (b"\r\n", "an unknown service, whose first bytes are 0d0a"),
        (b"\x05\xff", "an unknown service, whose first bytes are 05ff"),
    ],
)
def test_other_services_are_named_for_the_operator(first: bytes, description: str) -> None:
    assert name_answer(first) == Named(AnsweredBy.OTHER, description, first[:16].hex())


def test_silence_is_nothing() -> None:
    assert name_answer(b"") == Named(AnsweredBy.NONE, "nothing", "")


def test_settings_alone_make_no_grpc_server() -> None:
    assert name_answer(Http2Service(page()).opening()).answered_by is AnsweredBy.HTTP


def test_a_long_answer_is_quoted_in_short() -> None:
    assert len(name_answer(b"x" * 2**20).description) < 100
