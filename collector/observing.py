"""From a result to an observation: what stays the same from one to the next is kept once.

Most results say what the one before said, and differ in their times. Thousands of sources see the
same certificate of the same server.
"""

from sys import intern
from typing import Any

import msgspec

from collector.certificates import read, with_certificates
from flows.cells import Cell
from flows.messages import Result
from flows.outcomes import Certificate, Observation

_WORDS = ("detail", "address", "sender", "alpn", "tls_version", "server", "product")
_FIELDS = Observation.__struct_fields__


def observed(result: Result, before: Observation | None) -> Observation:
    """Take off what only the report needs, and say of its certificates whose they are.

    `before` is what was seen of the same check.
    """
    certificate = result.certificate and read(result.certificate)
    if before is None or not _says_again(result, before):
        return _anew(result, certificate)
    return msgspec.structs.replace(
        before,
        seconds=result.seconds,
        stages=result.stages,
        rtt_seconds=result.rtt_seconds,
        syn_retransmits=result.syn_retransmits,
        late_seconds=result.late_seconds,
        certificate=certificate,
    )


def _says_again(seen: Result, before: Observation) -> bool:
    """Decide whether all is the same but the times and the certificate.

    Attribute by attribute, for that is twice as fast as to compare all of them at once, and a
    collector does little else.
    """
    return (
        seen.outcome is before.outcome
        and seen.stage is before.stage
        and seen.detail == before.detail
        and seen.answered_by is before.answered_by
        and seen.address == before.address
        and seen.sender == before.sender
        and seen.icmp == before.icmp
        and seen.routed is before.routed
        and not (seen.addresses or before.addresses)
        and seen.alpn == before.alpn
        and seen.tls_version == before.tls_version
        and seen.server == before.server
        and seen.status == before.status
        and seen.product == before.product
        and seen.client_certificate is before.client_certificate
        and seen.ports == before.ports
    )


def shared(cell: Cell) -> Cell:
    """Let a cell that was kept elsewhere share whatever other cells hold too."""
    seen = (cell.confirmed, cell.candidate, cell.before_fault)
    confirmed, candidate, before_fault = (
        one and _anew(one, one.certificate and read(one.certificate)) for one in seen
    )
    return msgspec.structs.replace(
        cell, confirmed=confirmed, candidate=candidate, before_fault=before_fault
    )


def _anew(seen: Observation, certificate: Certificate | None) -> Observation:
    parts: dict[str, Any] = {name: getattr(seen, name) for name in _FIELDS}
    for name in _WORDS:
        if parts[name]:
            parts[name] = intern(parts[name])
    parts["certificate"] = certificate
    parts["addresses"] = tuple(map(with_certificates, seen.addresses))
    return Observation(**parts)
