"""The program `gatewatch collector`: it serves until the system asks it to end."""

import asyncio
import logging
import os
import secrets
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from collector.api import PARTS, SETTINGS
from collector.api.problems import TOO_SLOW
from collector.app import application, assemble
from collector.connections import Hurried
from collector.credentials import TOKEN_PREFIX, Credential, Right, digest_of, new_token
from collector.garbage import no_look_at_a_start, spare_the_lasting
from collector.ledger import Clock
from collector.settings import Listen, Settings
from collector.settings_reading import load_settings
from collector.store.batch import Batch
from collector.store.store import Store
from collector.tls import Renewed
from flows.errors import GatewatchError, Refused
from flows.log_lines import StartLog

ENDED = 0
REFUSED = 3
_GRACE_SECONDS = 5.0
"""For calls that are under way when the collector is asked to end."""
_IDLE_SECONDS = 75.0
"""Until the head of the next call begins: a probe reports more often."""
_BACKLOG = 128
"""Connections that wait to be taken."""
_log = logging.getLogger(__name__)


def main(config: Path, start_log: StartLog) -> int:
    """Serve as a collector.yaml says; returns the exit code."""
    try:
        settings = load_settings(config)
        start_log(settings.log)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_serve(settings))
    except GatewatchError as error:
        # The problems of a file begin with their place in it.
        prefix = "" if isinstance(error, Refused) else "gatewatch: "
        print(f"{prefix}{error}", file=sys.stderr)
        return REFUSED
    return ENDED


def give_operator(config: Path, name: str) -> int:
    """Print a token for a new operator, for whoever owns this machine; returns the exit code."""
    try:
        token = asyncio.run(_new_operator(load_settings(config), name))
    except GatewatchError as error:
        prefix = "" if isinstance(error, Refused) else "gatewatch: "
        print(f"{prefix}{error}", file=sys.stderr)
        return REFUSED
    print(token)
    return ENDED


async def _new_operator(settings: Settings, name: str) -> str:
    token, now = new_token(TOKEN_PREFIX, secrets.token_urlsafe), utc_now()
    credential = Credential(
        name=name, right=Right.OPERATOR, sha256=digest_of(token), created=now, by="this machine"
    )
    async with Store.open(settings.store) as store:
        parts = await assemble(settings, store, now)
        async with store.turn() as turn:
            while await turn.missed():
                pass  # of collectors that share the store; this one has nothing to show
            changes = parts.estate.admission.decide_credential(credential)
            await turn.write(Batch(changes=(changes,)), {}, now)
    return token


def utc_now() -> datetime:
    """Read this machine's clock."""
    return datetime.now(UTC)


@asynccontextmanager
async def serving(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[str]:
    """Serve while the block runs; gives the URL, whose port is a free one for port 0.

    Raises GatewatchError where the address, the store, the inventory or the certificate is unfit.
    """
    listen, renewed = settings.listen, Renewed(settings.tls) if settings.tls else None
    context = renewed.context if renewed else None
    app = application(settings, clock)
    runner = web.AppRunner(
        app,
        access_log=_access_log(),
        shutdown_timeout=_GRACE_SECONDS,
        keepalive_timeout=_IDLE_SECONDS,
    )
    try:
        await runner.setup()
        server = await _listen(settings, _hurried(app, runner), context)
        url = _url(server, listen, is_secure=context is not None)
        _warn_of_the_open(settings, url)
        try:
            yield url
        finally:
            server.close()
    finally:
        await runner.cleanup()


def _hurried(app: web.Application, runner: web.AppRunner) -> Callable[[], Hurried]:
    """Make what makes the protocols of connections."""
    patience, metrics, serve = app[SETTINGS].limits.slow_client, app[PARTS].metrics, runner.server
    assert serve is not None  # noqa: S101 - it is set up
    return lambda: Hurried(serve(), patience, lambda: metrics.refused(TOO_SLOW.slug))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    _on_signals(asyncio.get_running_loop(), stop.set)
    with no_look_at_a_start():
        async with serving(settings) as url:
            spare_the_lasting()
            _log.info("serving on %s", url)
            await stop.wait()
            _log.info("asked to end")


def _warn_of_the_open(settings: Settings, url: str) -> None:
    """Tell the log where the collector lets in more than its operator may mean."""
    if settings.auth_required:
        return
    if not settings.listen.is_loopback:
        _log.warning("no authentication: whoever reaches %s may change the phase", url)
    if settings.tls and settings.tls.client_ca:
        _log.warning("nobody needs a certificate of tls.client_ca without auth: {required: true}")


def _on_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


async def _listen(
    settings: Settings, connect: Callable[[], Hurried], context: ssl.SSLContext | None
) -> asyncio.Server:
    listen, patience = settings.listen, settings.limits.slow_client
    try:
        return await asyncio.get_running_loop().create_server(
            connect,
            listen.host,
            listen.port,
            ssl=context,
            ssl_handshake_timeout=patience if context else None,
            backlog=_BACKLOG,
        )
    except OSError as error:
        # Names that do not resolve have numbers of their own, below zero.
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else error.strerror
        text = f"cannot listen on {listen.host}, port {listen.port}: {reason}"
        raise GatewatchError(f"{text}; end what holds it, or listen elsewhere") from error


def _url(server: asyncio.Server, listen: Listen, *, is_secure: bool) -> str:
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    return f"{'https' if is_secure else 'http'}://{host}:{server.sockets[0].getsockname()[1]}"


def _access_log() -> logging.Logger | None:
    """Log every call only when everything is logged: probes call by the thousand."""
    return logging.getLogger("aiohttp.access") if _log.isEnabledFor(logging.DEBUG) else None


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Take uvloop where it exists: not on Windows."""
    with suppress(ImportError):
        import uvloop  # noqa: PLC0415 - only here it is known whether there is one

        return uvloop.new_event_loop
    return None
