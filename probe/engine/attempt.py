"""One check of one address: what a protocol's check works with."""

import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from flows.messages import Check
from flows.outcomes import Observation, Outcome, Stage
from probe.engine.addresses import Target
from probe.engine.ended import Ended
from probe.engine.failures import caused, unanswered, unreached
from probe.engine.means import Means
from probe.engine.stages import Stages
from probe.engine.stream import Stream

if TYPE_CHECKING:
    from probe.platforms.evidence import TcpInfo

DATAGRAM_BYTES = 65535


class Attempt:
    """Connects and exchanges within the deadline of each stage, and keeps the evidence.

    A check enters the stages after `connect` itself: `attempt.stages.enter(Stage.TLS)`.
    """

    __slots__ = ("check", "means", "stages", "target", "tcp")

    def __init__(self, check: Check, target: Target, means: Means, stages: Stages) -> None:
        self.check = check
        self.target = target
        self.means = means
        self.stages = stages
        self.tcp: TcpInfo | None = None  # of the last handshake

    async def connect(self) -> Stream:
        """Open a connection; raises Ended with what the network did instead.

        A check that needs a second one calls it again: the stage begins anew.
        """
        self._begin_connecting()
        opened = self._open(socket.SOCK_STREAM)
        means, deadline = self.means, self.stages.deadline
        try:
            address = self.target.with_port(self.check.port)
            self.tcp = await means.sockets.connect(opened, address, deadline)
        except OSError as error:
            with opened:
                raise self._unconnected(opened, error) from error
        except BaseException:
            opened.close()
            raise
        return Stream(opened, means.sockets, means.platform, self.stages)

    async def exchange(self, datagram: bytes, at_most: int = DATAGRAM_BYTES) -> bytes:
        """Send one datagram and return the reply; raises Ended: silent, or what came instead."""
        self._begin_connecting()
        with self._open(socket.SOCK_DGRAM) as opened:
            try:
                opened.connect(self.target.with_port(self.check.port))
            except OSError as error:
                raise self._unreached(opened, error) from error
            self.stages.enter(Stage.PROTOCOL)
            deadline = self.stages.deadline
            try:
                return await self.means.sockets.exchange(opened, datagram, at_most, deadline)
            except TimeoutError as error:
                detail = f"no answer within {self.check.deadline:g} s"
                raise Ended(Outcome.SILENT, Stage.PROTOCOL, detail) from error
            except OSError as error:
                raise self._unreached(opened, error) from error

    def complete(self, seen: Observation) -> Observation:
        """Add to what a check saw what it need not care about."""
        self.stages.stop()
        tcp = self.tcp
        return msgspec.structs.replace(
            seen,
            stage=seen.stage or self.stages.now_in,
            address=self.target.literal,
            seconds=self.stages.seconds,
            stages=self.stages.times,
            rtt_seconds=tcp.rtt_seconds if tcp else None,
            syn_retransmits=tcp.syn_retransmits if tcp else 0,
        )

    def _begin_connecting(self) -> None:
        if self.stages.now_in is not Stage.CONNECT or self.tcp is not None:
            self.stages.enter(Stage.CONNECT)

    def _open(self, kind: socket.SocketKind) -> socket.socket:
        means, family = self.means, self.target.family
        source = means.source_ipv4 if family == socket.AF_INET else means.source_ipv6
        try:
            opened = means.platform.open_socket(family, kind)
        except OSError as error:
            raise caused(means.platform, error, Stage.CONNECT) from error
        if source is not None:
            try:
                means.platform.bind(opened, source)
            except OSError as error:
                opened.close()
                detail = f"this host could not send from {source}: {error.strerror or error}"
                raise Ended(Outcome.FAULT, Stage.CONNECT, detail) from error
        return opened

    def _unconnected(self, opened: socket.socket, error: OSError) -> Ended:
        self.tcp = self.means.platform.tcp_info(opened)
        if isinstance(error, TimeoutError):
            return unanswered(self.tcp, self.check.deadline)
        return self._unreached(opened, error)

    def _unreached(self, opened: socket.socket, error: OSError) -> Ended:
        return unreached(self.means.platform, opened, error, self.target, self.stages.now_in)


CheckFunction = Callable[[Attempt], Awaitable[Observation]]
"""Speaks one protocol to one address and returns what it saw, or raises Ended.

It fills in what it knows: outcome, detail, answered_by and what identifies the service. Address,
stage, times and TCP_INFO are added by `measure`.
"""
