import pytest
import trustme
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from flows.expansion import expand
from flows.inventory_reading import read_inventory
from flows.outcomes import Certificate, Observation, Outcome
from gatewatch import certificates
from gatewatch.certificates import claims_an_issuer, read

ESTATE = """
migration: {{name: t, from: "2.6", to: "2.7.1"}}
hosts:
  con-01: {{address: 10.0.0.1, roles: [console]}}
  be-01: {{address: 10.0.0.2, roles: [backend], identity: {claims}}}
"""


def seen() -> Observation:
    leaf = trustme.CA(organization_name="Acme").issue_cert("be-01.example")
    pem = load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    certificate = Certificate(der=pem.public_bytes(Encoding.DER), sha256="0" * 64)
    return Observation(outcome=Outcome.OPEN, certificate=certificate)


def test_a_certificate_is_read_where_that_is_possible() -> None:
    certificate = read(seen()).certificate

    assert certificate is not None
    assert certificate.names == ("be-01.example",)
    assert "Acme" in str(certificate.issuer)


def test_it_stays_as_it_came_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "can_read", lambda: False)
    observation = seen()

    assert read(observation) is observation


def test_what_shows_no_certificate_needs_no_reader() -> None:
    observation = Observation(outcome=Outcome.REFUSED)

    assert read(observation) is observation


@pytest.mark.parametrize(
    ("claims", "is_claimed"),
    [
        ('{https: {issuer: "CN=Acme"}}', True),
        ("{https: {server: nginx}}", False),
        ('{grpc: {issuer: "CN=Acme"}}', False),
        ("{}", False),
    ],
)
def test_a_claim_counts_for_the_services_of_the_paths(claims: str, is_claimed: bool) -> None:
    plan = expand(read_inventory(ESTATE.format(claims=claims), "estate.yaml"))

    assert claims_an_issuer(plan, plan.inventory) is is_claimed
