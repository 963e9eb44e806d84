"""A token is known by its hash alone, and is good until it is revoked or too old."""

from datetime import timedelta

import pytest

from collector.credentials import (
    ENROLMENT_PREFIX,
    TOKEN_PREFIX,
    Credential,
    Enrolment,
    Keyring,
    Right,
    digest_of,
    enrolment_of,
    new_token,
)
from flows.errors import UsageError
from tests.collector.samples import NOW, at

TOKEN = "gwt_secret"
OTHER = "gwt_other"


def credential(token: str = TOKEN, name: str = "alice", **more: object) -> Credential:
    parts = {"right": Right.VIEWER, "created": NOW, "sha256": digest_of(token), **more}
    return Credential(name=name, **parts)  # type: ignore[arg-type] # what a test chose


def keyring(*held: Credential) -> Keyring:
    return Keyring({one.id: one for one in held})


def test_a_token_says_what_it_is() -> None:
    assert new_token(TOKEN_PREFIX, lambda: "chance") == "gwt_chance"
    assert new_token(ENROLMENT_PREFIX, lambda: "chance") == "gwe_chance"


def test_nothing_that_is_kept_tells_the_token() -> None:
    assert "secret" not in repr(credential())


def test_whoever_has_the_token_holds_the_credential() -> None:
    held = keyring(credential(), credential(OTHER, "bob"))

    assert held.holder(TOKEN, NOW) == credential()
    assert held.holder(OTHER, NOW) == credential(OTHER, "bob")
    assert held.holder(f"{TOKEN}x", NOW) is None
    assert held.holder("", NOW) is None


def test_half_of_a_hash_is_not_enough() -> None:
    near = credential(sha256=digest_of(TOKEN)[:16] + "0" * 48)

    assert keyring(near).holder(TOKEN, NOW) is None


def test_a_credential_ends_when_its_time_is_over() -> None:
    held = keyring(credential(until=at(10)))

    assert held.holder(TOKEN, at(9)) is not None
    assert held.holder(TOKEN, at(10)) is None


def test_what_is_revoked_is_good_no_more_and_its_sessions_neither() -> None:
    parent = credential()
    held = keyring(parent, credential(OTHER, parent=parent.id))
    assert held.holder(OTHER, NOW) is not None

    held.apply({parent.id: None})

    assert (held.holder(TOKEN, NOW), held.holder(OTHER, NOW)) == (None, None)


def test_two_of_a_name_are_good_until_one_is_revoked() -> None:
    first, second = credential(), credential(OTHER)
    held = keyring(first, second)

    assert {one.id for one in held.named("alice")} == {first.id, second.id}
    assert held.named(first.id) == [first]
    held.apply({first.id: None})
    assert held.named("alice") == [second]
    held.apply({second.id: None})
    assert held.named("alice") == []


def enrolment(**more: object) -> Enrolment:
    parts = {"created": NOW, "until": at(60), "left": 1, "host": "con-01", **more}
    return Enrolment(sha256=digest_of("gwe_x"), **parts)  # type: ignore[arg-type] # as above


def test_an_enrolment_token_is_found_by_its_hash() -> None:
    known = {enrolment().id: enrolment()}

    assert enrolment_of("gwe_x", known, NOW) == enrolment()


@pytest.mark.parametrize(
    ("token", "seconds", "said"),
    [("gwe_y", 0, "is not known"), ("gwe_x", 60, "is too old"), ("", 0, "is not known")],
)
def test_one_that_lets_nobody_in_says_why(token: str, seconds: int, said: str) -> None:
    known = {enrolment().id: enrolment()}

    with pytest.raises(UsageError, match=f"{said}: ask an operator for a new one"):
        enrolment_of(token, known, NOW + timedelta(seconds=seconds))
