"""Who is let in: decided on what stands, told as events, and never by halves."""

import msgspec
import pytest

from collector.admission import Asked
from collector.credentials import Credential, Enrolment, Right, digest_of, id_of
from collector.estate import Estate
from collector.memory import Changes, EventKind
from flows.errors import UsageError
from tests.collector.samples import INVENTORY, NOW, at, in_plan, started

TOKEN = "gwe_token"
OWN = digest_of("gwt_own")


def given(estate: Estate, **more: object) -> Enrolment:
    """Give an enrolment token, by default for agents that join."""
    parts: dict[str, object] = {"group": "hq", "left": 2, "until": at(600), "site": "paris", **more}
    enrolment = Enrolment(sha256=digest_of(TOKEN), created=NOW, by="alice", **parts)  # type: ignore[arg-type] # what a test chose
    estate.apply(estate.admission.decide_enrolment(enrolment))
    return enrolment


def asking(host: str = "pc-777", address: str | None = "10.9.0.77", own: str = OWN) -> Asked:
    return Asked(TOKEN, host, own, address)


def exchange(estate: Estate, asked: Asked, seconds: float = 1) -> Changes:
    changes = estate.admission.decide_exchange(asked, at(seconds))
    estate.apply(changes)
    return changes


def test_a_host_of_the_inventory_is_enrolled_once(estate: Estate) -> None:
    given(estate, host="con-01", group=None, site=None, left=1)

    changes = exchange(estate, asking("con-01", None))

    held = estate.admission.credentials.holder("gwt_own", at(2))
    assert held is not None
    assert (held.name, held.right, held.by) == ("con-01", Right.PROBE, "alice")
    assert [(one.kind, one.subject) for one in changes.events] == [(EventKind.CREDENTIAL, "con-01")]
    with pytest.raises(UsageError, match="was used up"):
        exchange(estate, asking("con-01", None, digest_of("gwt_thief")))


def test_an_answer_that_was_lost_is_given_again(estate: Estate) -> None:
    given(estate, host="con-01", group=None, site=None, left=1)
    exchange(estate, asking("con-01", None))

    again = exchange(estate, asking("con-01", None))

    assert again == Changes()


def test_a_token_for_one_host_lets_no_other_in(estate: Estate) -> None:
    given(estate, host="con-01", group=None, site=None, left=1)

    with pytest.raises(UsageError, match="is for con-01, not for con-02"):
        exchange(estate, asking("con-02", None))


def test_an_agent_joins_and_is_planned_for_in_a_round_of_its_own(estate: Estate) -> None:
    given(estate)
    exchange(estate, asking())
    assert (estate.is_outgrown, in_plan(estate.plan, src="pc-777")) == (True, [])

    growth = estate.decide_growth()
    estate.apply(growth)

    assert len(in_plan(estate.plan, src="pc-777")) == len(in_plan(estate.plan, src="pc-001"))
    assert set(growth.check_ids) <= set(estate.memory.check_ids)
    assert (estate.is_outgrown, estate.decide_growth()) == (False, Changes())


def test_many_agents_join_with_one_plan(estate: Estate) -> None:
    given(estate, left=50)
    for number in range(50):
        exchange(estate, asking(f"pc-9{number:02}", f"10.9.9.{number}", digest_of(f"gwt_{number}")))

    estate.apply(estate.decide_growth())

    assert len([host for host in estate.plan.by_source if host.startswith("pc-9")]) == 50
    assert estate.admission.enrolments[id_of(digest_of(TOKEN))].left == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (asking("be-01"), "another host of the inventory"),
        (asking("agent"), "is a role"),
        (asking(address=None), "says its address"),
        (asking(address="10.9.0.777"), "neither an IP address nor a DNS name"),
    ],
)
def test_who_may_not_join_is_told_why(estate: Estate, asked: Asked, said: str) -> None:
    given(estate)

    with pytest.raises(UsageError, match=said):
        exchange(estate, asked)


def test_a_name_that_is_taken_is_not_taken_over(estate: Estate) -> None:
    given(estate)
    exchange(estate, asking())

    with pytest.raises(UsageError, match="has a credential already"):
        exchange(estate, asking(own=digest_of("gwt_thief")))


def test_agents_that_joined_survive_a_restart_and_another_inventory(estate: Estate) -> None:
    given(estate)
    exchange(estate, asking())
    estate.apply(estate.decide_growth())

    changes, _ = estate.decide_inventory(f"{INVENTORY}\n# the same\n", "inventory.yaml", at(3))
    estate.apply(changes)
    again = Estate(estate.memory, estate._state.timing, estate._rules, at(4))

    for one in (estate, again):
        assert in_plan(one.plan, src="pc-777")
        assert one.admission.credentials.holder("gwt_own", at(5)) is not None


def test_a_host_that_is_removed_loses_its_paths_and_its_credential(estate: Estate) -> None:
    given(estate)
    exchange(estate, asking())
    estate.apply(estate.decide_growth())

    estate.apply(estate.admission.decide_removal("pc-777", at(3), "alice"))
    estate.apply(estate.decide_growth())

    assert in_plan(estate.plan, src="pc-777") == []
    assert estate.admission.credentials.holder("gwt_own", at(4)) is None
    with pytest.raises(UsageError, match="did not join at run time"):
        estate.admission.decide_removal("con-01", at(4), None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"host": "con-99", "group": None}, "no host is named 'con-99'"),
        ({"host": "sql-01", "group": None}, "has no role that measures anything"),
        ({"group": "hk"}, "no handler group 'hk'"),
    ],
)
def test_a_token_is_for_somebody_who_is_there(
    estate: Estate, more: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        given(estate, **more)


def credential(name: str, right: Right, token: str = "gwt_1") -> Credential:
    return Credential(name=name, right=right, sha256=digest_of(token), created=NOW, by="root")


def test_a_name_has_one_right(estate: Estate) -> None:
    estate.apply(estate.admission.decide_credential(credential("alice", Right.VIEWER)))

    with pytest.raises(UsageError, match="'alice' is a viewer already"):
        estate.admission.decide_credential(credential("alice", Right.OPERATOR, "gwt_2"))


def test_a_probes_credential_is_of_a_host_that_measures(estate: Estate) -> None:
    with pytest.raises(UsageError, match="no role that measures"):
        estate.admission.decide_credential(credential("sql-01", Right.PROBE))


def test_what_is_revoked_is_told(estate: Estate) -> None:
    estate.apply(estate.admission.decide_credential(credential("alice", Right.VIEWER)))

    changes = estate.admission.decide_revocation("alice", at(1), "root")

    assert [one.reason[:8] for one in changes.events] == ["revoked:"]
    with pytest.raises(UsageError, match=r"no credential is named 'alicd' \(did you mean 'alice'"):
        estate.admission.decide_revocation("alicd", at(1), "root")


def test_sessions_that_ended_go_with_the_next_one() -> None:
    estate = started()
    parent = credential("alice", Right.VIEWER)
    old = msgspec.structs.replace(
        parent, sha256=digest_of("gwt_old"), parent=parent.id, until=at(5)
    )
    new = msgspec.structs.replace(old, sha256=digest_of("gwt_new"), created=at(9), until=at(60))
    estate.apply(estate.admission.decide_credential(parent))

    for session in (old, new):
        estate.apply(estate.admission.decide_sign_in(session))

    assert set(estate.admission.credentials.all) == {parent.id, new.id}
