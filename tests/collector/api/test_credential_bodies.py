"""Bodies of credentials say everything but the token."""

import msgspec

from collector.api.credential_bodies import (
    AllowBody,
    credential_body,
    enrolment_body,
    given_body,
    invited_body,
)
from collector.credentials import Credential, Enrolment, Right, digest_of
from tests.collector.samples import NOW, at

CREDENTIAL = Credential(
    name="olaf", right=Right.OPERATOR, sha256=digest_of("gwt_1"), created=NOW, parent="p"
)
ENROLMENT = Enrolment(sha256=digest_of("gwe_1"), created=NOW, until=at(9), left=3, group="hq")


def test_a_credential_is_told_without_its_hash() -> None:
    body = msgspec.to_builtins(credential_body(CREDENTIAL))

    assert (body["id"], body["role"], body["session"]) == (CREDENTIAL.id, "operator", True)
    assert CREDENTIAL.sha256 not in body.values()


def test_a_token_is_told_once() -> None:
    assert given_body(CREDENTIAL, "gwt_1").token == "gwt_1"
    assert (
        invited_body(ENROLMENT, "gwe_1", AllowBody(networks=[], names=[], ports=[])).token
        == "gwe_1"
    )


def test_an_enrolment_says_whom_it_is_for() -> None:
    body = enrolment_body(ENROLMENT)

    assert (body.host, body.group, body.left) == (None, "hq", 3)
