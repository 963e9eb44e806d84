"""Reading certificates: the probe sends DER as it came, the collector knows X.509.

What was read is kept, and the DER is not: it would be most of what there is to write of a source.
"""

from functools import lru_cache
from typing import TypeVar

import msgspec
from cryptography import x509

from flows.outcomes import Certificate, Observation

Seen = TypeVar("Seen", bound=Observation)


def with_certificates(observation: Seen) -> Seen:
    """Add subject, issuer, names and expiry to what a probe saw, at every address."""
    if observation.certificate is None and not observation.addresses:
        return observation
    return msgspec.structs.replace(
        observation,
        certificate=observation.certificate and read(observation.certificate),
        addresses=tuple(with_certificates(one) for one in observation.addresses),
    )


@lru_cache(maxsize=4096)
def read(certificate: Certificate) -> Certificate:
    """Read a leaf, once for all that show it.

    One that cannot be read comes back as it was: it is evidence all the same.
    """
    if not certificate.der:
        return certificate
    try:
        leaf = x509.load_der_x509_certificate(certificate.der)
        return msgspec.structs.replace(
            certificate,
            der=b"",
            subject=leaf.subject.rfc4514_string(),
            issuer=leaf.issuer.rfc4514_string(),
            names=_names(leaf),
            not_after=leaf.not_valid_after_utc,
        )
    except Exception:  # noqa: BLE001 - what a stranger's server shows never refuses a report
        return certificate


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.UnsupportedGeneralNameType, ValueError):
        return ()  # without names it still says whose it is and when it ends
    return tuple(
        str(name.value) for name in names if isinstance(name, x509.DNSName | x509.IPAddress)
    )
