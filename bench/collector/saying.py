"""What an agent's probe says: a report that is written once, and brought up to date each time."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from bench.collector.estate import token_of
from flows.messages import Check, ProbeState, Report, Result, to_json
from flows.outcomes import AnsweredBy, Certificate, Outcome, Service, Stage, StageTimes
from tests.fakes.certificates import der

_MOMENT = datetime(2001, 2, 3, 4, 5, 6, 789000, UTC)
_STAMP = b"2001-02-03T04:05:06.789000Z"
"""Stands for the present in what was prepared."""
_SEQ = 777_000_777
_RTT, _CONNECT = 0.000777001, 0.000777002
"""Seconds; stand for what is another time with every measurement."""


@dataclass(slots=True)
class Agent:
    """One agent, and what it reports every time."""

    head: bytes
    body: bytes
    seq: int = 0

    def report(self) -> bytes:
        """Write its next report, all of it measured just now."""
        self.seq += 1
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()
        measured = random.randrange(100_000, 999_999)
        return self.head + (
            self.body.replace(_STAMP, now)
            .replace(b"%d" % _SEQ, b"%9d" % self.seq)
            .replace(b"777001", b"%d" % measured)
            .replace(b"777002", b"%d" % (measured + 1))
        )


def reporting(host: str, checks: Sequence[Check]) -> Agent:
    """Prepare the requests with an agent's reports."""
    results = tuple(_result(check) for check in checks)
    state = ProbeState(version="0.1.0", loop_lag=0.0004)
    report = Report(host=host, stream="6f1d", seq=_SEQ, sent=_MOMENT, probe=state, results=results)
    body = to_json(report).replace(msgspec.json.encode(_MOMENT)[1:-1], _STAMP)
    head = (
        "POST /api/v1/reports HTTP/1.1\r\nHost: collector\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token_of(host)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Agent(head.encode(), body)


def _result(check: Check) -> Result:
    """See a service answer as a 2.7.1 handler with the old protocol would."""
    is_new = Service.GRPC in check.services
    leaf = der(names=(check.address,)) if is_new else b""
    return Result(
        check=check.id,
        at=_MOMENT,
        outcome=Outcome.OPEN,
        stage=Stage.PROTOCOL,
        answered_by=AnsweredBy.GRPC if is_new else AnsweredBy.MSRPC,
        address=check.address,
        seconds=0.0021,
        stages=StageTimes(connect=_CONNECT, protocol=0.0017),
        rtt_seconds=_RTT,
        alpn="h2" if is_new else None,
        tls_version="TLSv1.3" if is_new else None,
        certificate=Certificate(der=leaf, sha256=hashlib.sha256(leaf).hexdigest())
        if is_new
        else None,
    )
