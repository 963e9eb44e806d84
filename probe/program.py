"""The probe as a program: `gatewatch probe -c probe.yaml`."""

import asyncio
import logging
import secrets
import socket
import sys
from functools import partial
from pathlib import Path

from flows.errors import GatewatchError
from flows.log_lines import StartLog
from flows.messages import Check
from flows.outcomes import Observation
from probe import agent
from probe.allow import refusal
from probe.enrolling import enrol
from probe.measuring import measure, open_means
from probe.settings import Settings
from probe.settings_reading import load_settings
from probe.stopping import stop_on_request
from probe.version import own_version

ENDED, REFUSED = 0, 3
"""Exit codes (DESIGN 5)."""

log = logging.getLogger(__name__)


def main(config_path: Path, start_log: StartLog) -> int:
    """Run the probe until the system asks it to end; returns the exit code."""
    try:
        settings = load_settings(config_path, machine_name())
        start_log(settings.log)
        # asyncio's own loop and not uvloop: docs/decisions/0003-probe-loop.md.
        asyncio.run(serve(settings))
    except GatewatchError as error:
        print(error, file=sys.stderr)
        return REFUSED
    return ENDED


def enroll(config_path: Path, token: str) -> int:
    """Exchange an enrolment token for a credential of this host; returns the exit code."""
    try:
        settings = load_settings(config_path, machine_name())
        enrolled = asyncio.run(enrol(settings, token, secrets.token_urlsafe))
    except GatewatchError as error:
        print(error, file=sys.stderr)
        return REFUSED
    joined = "joined, and is measured within a minute" if enrolled.joined else "is enrolled"
    print(f"{enrolled.host} {joined}; its credential is in {settings.access.token_file}")
    return ENDED


async def serve(settings: Settings) -> None:
    """Work until the system asks to end."""
    stop = asyncio.Event()
    with stop_on_request(stop.set):
        await work(settings, stop)


async def work(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    source = settings.source_address
    means_of_this_host = open_means(
        partial(refusal, settings.allow),
        limits=settings.limits,
        source_ipv4=source.ipv4,
        source_ipv6=source.ipv6,
    )
    async with means_of_this_host as means:

        async def measure_here(check: Check) -> Observation:
            return await measure(check, means)

        await agent.run(settings, measure_here, stop, own_version())


def machine_name() -> str:
    """Name this machine as its inventory would, without its domain."""
    return socket.gethostname().partition(".")[0]
