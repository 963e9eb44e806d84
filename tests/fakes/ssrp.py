"""SQL Server Browsers."""

from collections.abc import Sequence
from typing import Self

from probe.wire import WireError
from probe.wire.ssrp import (
    Instance,
    Request,
    build_dac_answer,
    build_instances_answer,
    read_request,
)
from tests.fakes.streams import LOOPBACK, Address
from tests.fakes.udp import Reply, UdpServer

DEFAULT = Instance("SQL-01", "MSSQLSERVER", "15.0.4298.1", transports=(("tcp", "1433"),))
NAMED = Instance("SQL-01", "SES", "15.0.4298.1", transports=(("tcp", "49172"),))


class SsrpServer(UdpServer):
    """A Browser; `silent` is one that knows nothing, or is stopped."""

    @classmethod
    def knowing(
        cls,
        instances: Sequence[Instance] = (DEFAULT, NAMED),
        *,
        dac_port: int | None = None,
        bind: Address = LOOPBACK,
    ) -> Self:
        """Tell what it knows; an unknown instance, a DAC that is off and noise get no answer."""
        return cls(_replies(tuple(instances), dac_port), bind=bind)


def _replies(instances: tuple[Instance, ...], dac_port: int | None) -> Reply:
    def reply(datagram: bytes) -> bytes | None:
        try:
            asked = read_request(datagram)
        except WireError:
            return None
        named = tuple(i for i in instances if i.name.upper() == asked.instance.upper())
        match asked.request:
            case Request.CLNT_UCAST_DAC:
                return build_dac_answer(dac_port) if named and dac_port is not None else None
            case Request.CLNT_UCAST_INST:
                return build_instances_answer(named) if named else None
            case Request.CLNT_UCAST_EX | Request.CLNT_BCAST_EX:
                return build_instances_answer(instances) if instances else None

    return reply
