"""Samba: a real DCE/RPC server on the port of the 2.6 agent handler."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from flows.identity import identify
from flows.messages import Check
from flows.outcomes import AnsweredBy, Identity, Observation, Outcome, Service, Stage
from tests.fakes.streams import Address
from tests.peers.programs import LONGEST_SECONDS
from tests.peers.samba import SAMBA
from tests.probe.checks.measured import HASTY_SECONDS, check_of

pytestmark = pytest.mark.needs(SAMBA, "ip")

ROOT = Path(__file__).parents[2]
PORT = 17000


class Samba:
    """Samba in a network of its own, and a probe beside it."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child

    def measure(self, check: Check) -> Observation:
        stdin, stdout = self._child.stdin, self._child.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(msgspec.json.encode(check) + b"\n")
        stdin.flush()
        return msgspec.json.decode(stdout.readline(), type=Observation)


@pytest.fixture(scope="module")
def samba(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    folder = tmp_path_factory.mktemp("samba")
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    alone = ("unshare", "--net", "--pid", "--fork", "--kill-child", *rights)
    bounded = ("timeout", str(LONGEST_SECONDS), *alone)
    with subprocess.Popen(
        [*bounded, sys.executable, "-m", "tests.peers.samba", folder],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        yield Samba(child)
        child.communicate(timeout=30)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("port", [PORT, 135])
def test_samba_accepts_the_bind(samba: Samba, host: str, port: int) -> None:
    seen = samba.measure(check_of(Address(host, port), Service.MSRPC))

    assert (seen.outcome, seen.stage) == (Outcome.OPEN, Stage.PROTOCOL)
    assert (seen.answered_by, seen.detail) == (AnsweredBy.MSRPC, "bind accepted")
    assert identify(seen, Service.MSRPC, None) is Identity.UNVERIFIED


@pytest.mark.parametrize(
    ("service", "outcomes"),
    [
        (Service.HTTPS, {Outcome.HUNG}),
        (Service.GRPC, {Outcome.HUNG}),
        (Service.HTTP, {Outcome.HUNG, Outcome.RESET}),
        (Service.TDS, {Outcome.HUNG, Outcome.RESET}),
        (Service.TLS, {Outcome.HUNG}),
    ],
)
def test_samba_is_never_taken_for_anything_else(
    samba: Samba, service: Service, outcomes: set[Outcome]
) -> None:
    check = check_of(Address("127.0.0.1", PORT), service, deadline=HASTY_SECONDS)

    seen = samba.measure(check)

    assert seen.outcome in outcomes
    assert identify(seen, service, None) is None
