"""How each service is measured: one protocol a module, and none knows another."""

from flows.outcomes import Service
from probe.checks import grpc, http, https, msrpc, ssrp, syslog, tcp, tds, tls, udp
from probe.engine.attempt import CheckFunction
from probe.exchange.behind_tls import behind_tls

_BEHIND_TLS = behind_tls(http1=https.speak, http2=grpc.speak)

CHECKS: dict[Service, CheckFunction] = {
    Service.GRPC: _BEHIND_TLS,
    Service.HTTPS: _BEHIND_TLS,
    Service.HTTP: http.check,
    Service.TDS: tds.check,
    Service.MSRPC: msrpc.check,
    Service.SSRP: ssrp.check,
    Service.SYSLOG: syslog.check,
    Service.TLS: tls.check,
    Service.TCP: tcp.check,
    Service.UDP: udp.check,
}
"""The most telling first: where several services share a port, one exchange serves them all."""


def check_for(services: tuple[Service, ...]) -> CheckFunction | None:
    """Choose the exchange for the services expected on one port; None where there is none."""
    if len(services) == 1:
        return CHECKS.get(services[0])
    return next((CHECKS[service] for service in CHECKS if service in services), None)
