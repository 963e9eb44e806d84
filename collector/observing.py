"""From a result to an observation: what stays the same from one to the next is kept once.

Most results say what the one before said, and differ in their times. Thousands of sources see the
same certificate.
"""

from operator import attrgetter

import msgspec

from collector.certificates import read, with_certificates
from flows.messages import Result
from flows.outcomes import Certificate, Observation

_OF_THE_REPORT = frozenset(Result.__struct_fields__).difference(Observation.__struct_fields__)
_MEASURED = frozenset(
    {"seconds", "stages", "rtt_seconds", "syn_retransmits", "late_seconds", "certificate"}
)
_said = attrgetter(*(name for name in Observation.__struct_fields__ if name not in _MEASURED))


def observed(result: Result, before: Observation | None) -> Observation:
    """Take off what only the report needs, and say of its certificates whose they are.

    `before` is what was seen of the same check.
    """
    certificate = result.certificate and read(result.certificate)
    if before is None or result.addresses or _said(result) != _said(before):
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


def _anew(result: Result, certificate: Certificate | None) -> Observation:
    parts = msgspec.structs.asdict(result)
    for name in _OF_THE_REPORT:
        del parts[name]
    parts["certificate"] = certificate
    parts["addresses"] = tuple(map(with_certificates, result.addresses))
    return Observation(**parts)
