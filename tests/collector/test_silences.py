from datetime import UTC, date, datetime, timedelta, timezone

from collector.memory import Reach, Silence, SilencedBy
from collector.silences import Silences, end_of, hosts_under, under
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


def test_a_silence_may_begin_later() -> None:
    later = Silence(
        kind=SilencedBy.MAINTENANCE, glob=CONSOLE, reason="", begins=at(60), until=at(90)
    )
    silences = Silences(PLAN, (later,))

    found = [silences.of(CONSOLE, at(second)) for second in (59, 60, 89, 90)]

    assert found == [None, SilencedBy.MAINTENANCE, SilencedBy.MAINTENANCE, None]


def test_only_waivers_and_maintenance_mute_a_break() -> None:
    muted = {
        kind for kind in SilencedBy if Silences(PLAN, (said(kind, "*"),)).mutes(CONSOLE, at(0))
    }

    assert muted == {SilencedBy.WAIVER, SilencedBy.MAINTENANCE}


def test_a_silence_of_hosts_is_about_every_path_that_begins_or_ends_there() -> None:
    silence = Silence(
        kind=SilencedBy.MAINTENANCE, reach=Reach.HOSTS, glob="be-*", reason="", until=at(60)
    )

    found = set(under(PLAN, silence))

    assert found == {path.id for path in PLAN if {path.src, path.dst} & {"be-01", "be-02"}}
    assert CONSOLE in found


def test_a_silence_of_a_site_is_about_its_hosts() -> None:
    silence = Silence(
        kind=SilencedBy.MAINTENANCE, reach=Reach.SITES, glob="dc1", reason="", until=at(60)
    )

    assert hosts_under(PLAN.inventory, silence) == {"be-01", "be-02", "ah-02"}


def test_a_virtual_host_is_under_maintenance_with_all_of_its_members() -> None:
    virtual = (
        "  ses: {address: 10.1.0.9, roles: [backend], virtual: true, members: [be-01, be-02]}\n"
    )
    inventory = read_inventory(
        INVENTORY.replace("handler_groups:", virtual + "handler_groups:"), "inventory.yaml"
    )

    def hosts(glob: str) -> frozenset[str]:
        silence = Silence(
            kind=SilencedBy.MAINTENANCE, reach=Reach.HOSTS, glob=glob, reason="", until=at(60)
        )
        return hosts_under(inventory, silence)

    assert hosts("be-01") == {"be-01"}
    assert hosts("be-*") == {"be-01", "be-02", "ses"}


def test_a_day_is_over_at_midnight_in_utc() -> None:
    assert end_of(date(2026, 11, 30)) == datetime(2026, 12, 1, tzinfo=UTC)
    assert end_of(date.max) == datetime.max.replace(tzinfo=UTC)
