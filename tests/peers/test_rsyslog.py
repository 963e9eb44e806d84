"""rsyslog: a probe is no word in its log, unless it may send one."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from flows.messages import Check
from flows.outcomes import AnsweredBy, Outcome, Service
from tests.fakes.streams import Address
from tests.peers.programs import Certificates, Program, own_address
from tests.probe.checks.measured import HASTY_SECONDS, check_of, measured

GNUTLS = "/usr/lib/*/rsyslog/lmnsd_gtls.so"
pytestmark = pytest.mark.needs("rsyslogd", GNUTLS)

UDP, TCP, TLS = 10514, 11468, 15614
OVER_TCP = (Service.SYSLOG,)
OVER_TLS = (Service.SYSLOG, Service.TLS)
CONFIGURATION = """\
global(
    processInternalMessages="on"
    workDirectory="{folder}"
    DefaultNetstreamDriverCAFile="{certificates.authority}"
    DefaultNetstreamDriverCertFile="{certificates.chain}"
    DefaultNetstreamDriverKeyFile="{certificates.key}"
)
module(load="imudp")
module(load="imtcp")
template(name="raw" type="string" string="%inputname% [%rawmsg%]\\n")
input(type="imudp" address="{address}" port="{udp}" name="udp")
input(type="imtcp" address="{address}" port="{tcp}" name="tcp")
input(
    type="imtcp" address="{address}" port="{tls}" name="tls"
    StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"
)
*.* action(type="omfile" file="/dev/stdout" template="raw")
"""


@asynccontextmanager
async def running(folder: Path, certificates: Certificates) -> AsyncIterator[Program]:
    configuration = folder / "rsyslog.conf"
    configuration.write_text(
        CONFIGURATION.format(
            folder=folder,
            certificates=certificates,
            address=own_address(),
            udp=UDP,
            tcp=TCP,
            tls=TLS,
        )
    )
    async with Program("rsyslogd", "-n", "-i", "NONE", "-f", configuration) as program:
        await program.line("] start]")
        program.printed.clear()
        yield program


async def logged_until_now(rsyslog: Program) -> list[str]:
    """Send a line of our own, wait for it, and give what was logged before."""
    _, writer = await asyncio.open_connection(own_address(), TCP)
    writer.write(b"<46>1 - - test - - - until now\n")
    writer.write_eof()
    await writer.drain()
    await rsyslog.line("until now")
    writer.close()
    await writer.wait_closed()
    return rsyslog.printed[:-1]


def check(port: int, *services: Service, sends: bool = False) -> Check:
    proto = "udp" if port == UDP else "tcp"
    deadline = HASTY_SECONDS if port == UDP else 10.0
    address = Address(own_address(), port)
    return check_of(address, *services, proto=proto, deadline=deadline, syslog_send=sends)


async def test_a_probe_leaves_no_word_in_the_log(
    tmp_path: Path, certificates: Certificates
) -> None:
    async with running(tmp_path, certificates) as rsyslog:
        over_tcp = await measured(check(TCP, *OVER_TCP))
        over_tls = await measured(check(TLS, *OVER_TLS))
        tls_alone = await measured(check(TLS, Service.TLS))
        over_udp = await measured(check(UDP, *OVER_TCP))
        logged = await logged_until_now(rsyslog)

    assert (over_tcp.outcome, over_tcp.answered_by) == (Outcome.OPEN, AnsweredBy.NONE)
    assert (over_tls.outcome, over_tls.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert (tls_alone.outcome, tls_alone.answered_by) == (Outcome.OPEN, AnsweredBy.TLS)
    assert over_tls.certificate is not None
    assert over_udp.outcome is Outcome.SILENT
    assert logged == []


async def test_one_marked_line_arrives_where_that_is_wanted(
    tmp_path: Path, certificates: Certificates
) -> None:
    async with running(tmp_path, certificates) as rsyslog:
        seen = [
            await measured(check(TCP, *OVER_TCP, sends=True)),
            await measured(check(TLS, *OVER_TLS, sends=True)),
            await measured(check(UDP, *OVER_TCP, sends=True)),
        ]
        logged = await logged_until_now(rsyslog)

    assert len(logged) == len(seen)
    for observation, name in zip(seen, ("tcp", "tls", "udp"), strict=True):
        nonce = observation.detail.rpartition("nonce=")[2]
        (line,) = [line for line in logged if line.startswith(f"{name} [<46>1 ")]
        assert line.endswith(
            f" gatewatch-probe - PROBE - Reachability test by Gatewatch, no action needed, "
            f"nonce={nonce}]"
        )


async def test_a_careless_client_does_leave_a_word(
    tmp_path: Path, certificates: Certificates
) -> None:
    context = ssl.create_default_context(cafile=certificates.authority)
    async with running(tmp_path, certificates) as rsyslog:
        _, writer = await asyncio.open_connection(
            own_address(), TLS, ssl=context, server_hostname="localhost"
        )
        writer.transport.abort()
        await rsyslog.line("non-properly terminated")


async def test_other_checks_are_met_with_silence_or_a_closed_door(
    tmp_path: Path, certificates: Certificates
) -> None:
    async with running(tmp_path, certificates):
        address = Address(own_address(), TCP)
        silent = await measured(check_of(address, Service.MSRPC, deadline=HASTY_SECONDS))
        closed = await measured(check(TLS, Service.MSRPC))
        not_tls = await measured(check_of(address, *OVER_TLS, deadline=HASTY_SECONDS))

    assert silent.outcome is Outcome.HUNG
    assert closed.outcome is Outcome.RESET
    assert not_tls.outcome is Outcome.HUNG
