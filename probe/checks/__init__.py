"""How each service is measured: one protocol a module, and none knows another."""

from flows.outcomes import Service
from probe.checks import ssrp, syslog, tcp, udp
from probe.engine.attempt import CheckFunction

CHECKS: dict[Service, CheckFunction] = {
    Service.GRPC: tcp.check,
    Service.HTTPS: tcp.check,
    Service.HTTP: tcp.check,
    Service.TDS: tcp.check,
    Service.MSRPC: tcp.check,
    Service.SSRP: ssrp.check,
    Service.SYSLOG: syslog.check,
    Service.TLS: tcp.check,
    Service.TCP: tcp.check,
    Service.UDP: udp.check,
}
"""The most telling first: where several services share a port, one exchange serves them all."""


def check_for(services: tuple[Service, ...]) -> CheckFunction | None:
    """Choose the exchange for the services expected on one port; None where there is none."""
    if len(services) == 1:
        return CHECKS.get(services[0])
    return next((CHECKS[service] for service in CHECKS if service in services), None)
