"""A probe that falls silent is told of once, with those of its place, and so is its return."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.estate import Estate
from collector.memory import Changes, Event, EventKind, Reach, Silence, SilencedBy, Unheard
from collector.unheard import RETURN
from probe.backoff import LONGEST_SECONDS
from tests.collector.samples import INVENTORY, at, report_of, started

SERVERS = ("be-01", "be-02", "ah-02")
CONSOLES = ("con-01", "con-02")
AGENTS = ("pc-001", "pc-002", "pc-003")
EVERY = (*SERVERS, *CONSOLES, *AGENTS)
PATIENCE = {**dict.fromkeys((*SERVERS, *CONSOLES), 45), **dict.fromkeys(AGENTS, 180)}
"""Three intervals."""
BEGUN = at(0)


def report(estate: Estate, hosts: Iterable[str], seconds: float) -> list[Event]:
    """Let these hosts report."""
    events: list[Event] = []
    for host in hosts:
        changes = estate.decide_report(report_of(estate, host, {}, at(seconds)), at(seconds))
        estate.apply(changes)
        events += changes.events
    return events


def listen(estate: Estate, seconds: float, heard_from: datetime = BEGUN) -> Changes:
    """Look for silent probes."""
    changes = estate.decide_unheard(heard_from, at(seconds))
    estate.apply(changes)
    return changes


def told(estate: Estate, seconds: float, heard_from: datetime = BEGUN) -> list[tuple[str, str]]:
    """Look for silent probes, and list what is told: about what, and why."""
    return [(one.subject, one.reason) for one in listen(estate, seconds, heard_from).events]


def maintain(estate: Estate, glob: str, seconds: float, until: float) -> None:
    window = Silence(
        kind=SilencedBy.MAINTENANCE, reach=Reach.HOSTS, glob=glob, reason="disks", until=at(until)
    )
    estate.apply(estate.decide_silence(f"{glob}{seconds}", window, at(seconds)))


def test_a_silent_probe_is_told_of_once_with_the_moment_of_its_last_report(estate: Estate) -> None:
    report(estate, ["con-01"], 10)

    early = told(estate, 77)
    [event] = listen(estate, 78).events
    later = [told(estate, seconds) for seconds in (79, 93, 10_000)]

    assert early == []
    assert event == Event(
        at=at(78),
        kind=EventKind.PROBE,
        subject="con-01",
        after="silent",
        reason="the probe has been silent since 2026-11-23T12:00:10.000Z",
    )
    assert later == [[], [], []]
    assert estate.memory.unheard == {"con-01": Unheard(since=at(10))}


def test_a_probe_that_never_reported_did_not_fall_silent(estate: Estate) -> None:
    assert told(estate, 10_000) == []


def test_its_return_is_told_once_and_it_may_fall_silent_again(estate: Estate) -> None:
    report(estate, ["con-01"], 0)
    told(estate, 100)

    at_once = report(estate, ["con-01"], 110)
    report(estate, ["con-01"], 125)
    early = told(estate, 132)
    [event] = listen(estate, 133).events
    again = [told(estate, seconds) for seconds in (148, 200)]

    assert (at_once, early) == ([], [])
    assert (event.kind, event.subject) == (EventKind.PROBE, "con-01")
    assert (event.before, event.after) == ("silent", "up")
    assert event.reason == "the probe is back after 110 s of silence"
    assert again == [[], [("con-01", "the probe has been silent since 2026-11-23T12:02:05.000Z")]]


def test_a_silence_that_was_not_told_has_no_return(estate: Estate) -> None:
    report(estate, ["con-01"], 0)
    told(estate, 60)

    assert report(estate, ["con-01"], 61) == []
    assert told(estate, 100) == []


def test_all_of_a_site_are_one_event(estate: Estate) -> None:
    report(estate, ["be-01"], 0)
    report(estate, ["be-02"], 7)
    report(estate, ["ah-02"], 14)

    assert told(estate, 67) == []
    assert told(estate, 68) == [
        (
            "site dc1",
            "3 of 3 probes of site dc1 have been silent since 2026-11-23T12:00:14.000Z"
            " (ah-02, be-01, be-02)",
        )
    ]


def test_agents_are_told_of_by_group_and_site_and_return_so(estate: Estate) -> None:
    report(estate, [*AGENTS, *CONSOLES], 0)
    report(estate, CONSOLES, 270)

    fallen = told(estate, 271)
    report(estate, [*CONSOLES, "pc-001", "pc-002"], 300)
    back = told(estate, 390)

    assert fallen == [
        (
            "group hq at site office",
            "2 of 2 probes of group hq at site office have been silent since"
            " 2026-11-23T12:00:00.000Z (pc-001, pc-002)",
        ),
        ("pc-003", "the probe has been silent since 2026-11-23T12:00:00.000Z"),
    ]
    assert back[0] == (
        "group hq at site office",
        "2 of 2 probes of group hq at site office are back after up to 300 s of silence"
        " (pc-001, pc-002)",
    )


def test_others_of_the_place_that_are_silent_already_are_counted() -> None:
    estate = started()
    report(estate, SERVERS, 0)
    report(estate, ["ah-02"], 60)
    listen(estate, 70)

    fallen = told(estate, 128)
    report(estate, ["be-01"], 130)
    back = told(estate, 153)

    assert fallen == [
        (
            "ah-02",
            "the probe has been silent since 2026-11-23T12:01:00.000Z; silent before: 2",
        )
    ]
    assert back == [("be-01", "the probe is back after 130 s of silence; still silent: 2")]


def test_an_event_names_ten_hosts_and_counts_the_others() -> None:
    names = [f"px-{number:02}" for number in range(12)]
    more = "".join(f"  {name}: {{address: 10.8.0.1, roles: [console]}}\n" for name in names)
    estate = started(INVENTORY.replace("handler_groups:", f"{more}handler_groups:"))
    report(estate, names, 0)

    [(subject, reason)] = told(estate, 1000)

    assert subject == "no site"
    assert reason.startswith("12 of 12 probes of no site have been silent since ")
    assert reason.endswith(" (px-00, " + ", ".join(names[1:10]) + " and 2 more)")


def test_nobody_is_silent_while_the_collector_was_not_there_to_hear(estate: Estate) -> None:
    """A probe tries again within two minutes; only then is its silence counted."""
    report(estate, ["con-01"], 0)
    back = 1000
    first = back + RETURN.total_seconds() + 1.5 * PATIENCE["con-01"]

    assert [told(estate, seconds, at(back)) for seconds in (back, first - 1)] == [[], []]
    [(subject, reason)] = told(estate, first, at(back))

    assert subject == "con-01"
    assert reason == "the probe has been silent since 2026-11-23T12:00:00.000Z"


def test_what_was_heard_since_counts_at_once(estate: Estate) -> None:
    report(estate, ["con-01"], 1001)

    assert told(estate, 1001 + 68, at(1000)) != []


def test_a_silence_under_maintenance_says_so_and_is_told_again_at_its_end(estate: Estate) -> None:
    report(estate, CONSOLES, 0)
    maintain(estate, "con-*", 1, until=300)

    during = told(estate, 100)
    quiet = told(estate, 299)
    [event] = listen(estate, 300).events

    since = "since 2026-11-23T12:00:00.000Z"
    both = "2 of 2 probes of site office"
    names = "(con-01, con-02)"
    assert during == [
        ("site office", f"{both} have been silent {since}, under maintenance {names}")
    ]
    assert quiet == []
    assert (event.subject, event.before, event.after) == ("site office", "silenced", "silent")
    assert event.reason == f"{both} are no longer under maintenance, and silent {since} {names}"
    assert told(estate, 315) == []


def test_a_maintenance_that_begins_later_ends_the_same(estate: Estate) -> None:
    report(estate, ["con-01"], 0)
    listen(estate, 100)
    maintain(estate, "con-01", 110, until=200)

    begun = listen(estate, 115)
    [event] = listen(estate, 200).events

    assert begun.events == ()
    assert (event.subject, event.before) == ("con-01", "silenced")


def test_who_is_back_before_the_end_of_a_maintenance_is_not_told_of_then(estate: Estate) -> None:
    report(estate, ["con-01"], 0)
    maintain(estate, "con-01", 1, until=200)
    listen(estate, 100)
    report(estate, ["con-01"], 195)

    assert told(estate, 200) == []
    assert told(estate, 230) == [
        ("con-01", "the probe is back after 195 s of silence, under maintenance")
    ]


def test_a_host_that_left_is_forgotten_without_a_word(estate: Estate) -> None:
    report(estate, ["con-02"], 0)
    listen(estate, 100)
    line = "  con-02: {address: 10.2.0.6, roles: [console], site: office}\n"
    after = INVENTORY.replace(line, "")
    estate.apply(estate.decide_inventory(after, "inventory.yaml", at(110))[0])

    changes = listen(estate, 120)

    assert (changes.unheard, changes.events) == ({"con-02": None}, ())
    assert estate.memory.unheard == {}


def test_it_goes_on_after_a_restart(estate: Estate) -> None:
    report(estate, CONSOLES, 0)
    listen(estate, 100)

    estate.restart(estate.memory, at(500))

    assert told(estate, 5000, at(500)) == []
    report(estate, ["con-01"], 5001)
    assert told(estate, 5100, at(500)) == [
        ("con-01", "the probe is back after 5001 s of silence; still silent: 1")
    ]


spans = st.tuples(st.sampled_from(EVERY), st.integers(0, 60), st.integers(1, 80))
"""A host, since when it is cut off, and for how long; in tens of seconds."""


@given(st.lists(spans, max_size=6), st.integers(0, 14))
def test_every_silence_is_told_once_and_nothing_else(
    cuts: list[tuple[str, int, int]], shift: int
) -> None:
    estate = started()
    pace = {host: patience // 3 for host, patience in PATIENCE.items()}
    last: dict[str, int] = {}
    longest: dict[str, int] = dict.fromkeys(EVERY, 0)
    for second in range(shift, 1200, 5):
        for number, host in enumerate(EVERY):
            is_cut = any(one == host and 10 * a <= second < 10 * (a + n) for one, a, n in cuts)
            if (
                not is_cut
                and (second + number) // pace[host] != (second - 5 + number) // pace[host]
            ):
                longest[host] = max(longest[host], second - last.get(host, second))
                last[host] = second
                report(estate, [host], second)
        silent = set(estate.memory.unheard)
        listen(estate, second)
        for host in estate.memory.unheard.keys() - silent:
            assert second - last[host] > PATIENCE[host]
    for host, moment in last.items():
        gone = 1200 - moment > 1.5 * PATIENCE[host] + 5
        known = estate.memory.unheard.get(host)
        assert (known is not None and known.back is None) >= gone


@given(st.integers(100, 400), st.lists(st.integers(0, 14), min_size=3, max_size=3))
def test_a_site_that_is_cut_off_at_any_moment_is_one_event(cut: int, offsets: list[int]) -> None:
    estate = started()
    events: list[Event] = []
    for second in range(cut + 200):
        for host, offset in zip(SERVERS, offsets, strict=True):
            if second < cut and second % 15 == offset:
                report(estate, [host], second)
        if second % 15 == 7:
            events += listen(estate, second).events

    assert [event.subject for event in events] == ["site dc1"]


def test_the_longest_return_is_beyond_what_a_probe_waits() -> None:
    asked_by_the_collector = 5

    assert timedelta(seconds=LONGEST_SECONDS + asked_by_the_collector) < RETURN
