from datetime import UTC, datetime, timedelta, timezone

from collector.memory import Silence, SilencedBy
from collector.silences import Silences
from flows.expansion import expand
from flows.inventory_reading import read_inventory
from tests.collector.samples import CONSOLE, INVENTORY, at

PLAN = expand(read_inventory(INVENTORY, "inventory.yaml"))
DAC = "sql-dac:be-01>sql-01:tcp/1434"


def said(kind: SilencedBy, glob: str, seconds: float = 3600) -> Silence:
    return Silence(kind=kind, glob=glob, reason="planned", until=at(seconds))


def test_a_waiver_of_the_inventory_silences_what_its_glob_names() -> None:
    silences = Silences(PLAN, ())

    assert silences.of(DAC, at(0)) is SilencedBy.WAIVER
    assert silences.of(CONSOLE, at(0)) is None


def test_a_waiver_holds_through_its_last_day_in_utc() -> None:
    silences = Silences(PLAN, ())
    last = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    west = timezone(timedelta(hours=-8))

    assert silences.of(DAC, last) is SilencedBy.WAIVER
    assert silences.of(DAC, last.astimezone(west)) is SilencedBy.WAIVER
    assert silences.of(DAC, last + timedelta(minutes=1)) is None


def test_silences_given_at_run_time_end_at_their_moment() -> None:
    silences = Silences(PLAN, (said(SilencedBy.MAINTENANCE, "*:con-01>*", 60),))

    assert silences.of(CONSOLE, at(59)) is SilencedBy.MAINTENANCE
    assert silences.of(CONSOLE, at(60)) is None


def test_each_kind_has_its_own_paths() -> None:
    silences = Silences(PLAN, (said(SilencedBy.ATTESTATION, CONSOLE),))

    assert silences.by(SilencedBy.ATTESTATION, at(0)) == {CONSOLE}
    assert silences.by(SilencedBy.MAINTENANCE, at(0)) == frozenset()
    assert DAC in silences.by(SilencedBy.WAIVER, at(0))


def test_a_waiver_speaks_before_all_other_silences() -> None:
    silences = Silences(PLAN, (said(SilencedBy.MAINTENANCE, "*"), said(SilencedBy.WAIVER, CONSOLE)))

    assert silences.of(CONSOLE, at(0)) is SilencedBy.WAIVER


def test_globs_tell_capitals_apart() -> None:
    silences = Silences(PLAN, (said(SilencedBy.MAINTENANCE, CONSOLE.upper()),))

    assert silences.of(CONSOLE, at(0)) is None
