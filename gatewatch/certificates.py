"""Certificates that a check saw, read where this install can read X.509 (extra `collector`)."""

import importlib.util
from collections.abc import Iterable

from flows.inventory import Inventory
from flows.outcomes import Observation
from flows.plan import Path

NOT_COMPARED = (
    "the issuers that the inventory claims are not compared:"
    " that needs pip install 'gatewatch[collector]'"
)


def can_read() -> bool:
    """Tell whether X.509 can be read here."""
    return importlib.util.find_spec("cryptography") is not None


def read(observation: Observation) -> Observation:
    """Add subject, issuer, names and expiry; what cannot be read here stays as it came."""
    if not _shows_one(observation) or not can_read():
        return observation
    from collector.certificates import with_certificates  # noqa: PLC0415 - needs the extra

    return with_certificates(observation)


def claims_an_issuer(paths: Iterable[Path], inventory: Inventory) -> bool:
    """Decide whether the inventory says who issued a certificate that may be seen."""
    claims = (inventory.hosts[path.dst].identity.get(path.service) for path in paths)
    return any(claim is not None and claim.issuer is not None for claim in claims)


def _shows_one(observation: Observation) -> bool:
    seen = (observation, *observation.addresses)
    return any(one.certificate is not None for one in seen)
