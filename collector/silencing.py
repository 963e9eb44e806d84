"""Giving silences, taking them back, and what is told when they end. Each is an event."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from collector.answers import break_of, today
from collector.memory import Changes, Event, EventKind, Reach, Silence, SilencedBy
from collector.silences import Silences, hosts_under, under
from collector.state import State
from flows.errors import UsageError
from flows.messages import rfc3339
from flows.reading import did_you_mean

_TAKEN_BACK, _ENDED = "taken back", "ended"


def decide_silence(state: State, name: str, silence: Silence, now: datetime) -> Changes:
    """Decide to take an operator's word about paths, by an id that is new.

    Raises UsageError where it is about nothing in the plan.
    """
    _check_reach(state, silence)
    event = _event(silence, now, None, _span(silence), silence.reason, silence.by)
    return Changes(silences={name: silence}, events=(event,))


def decide_end(state: State, kind: SilencedBy, name: str, now: datetime, by: str | None) -> Changes:
    """Decide to take back what was given; raises UsageError for an id that is not there."""
    silence = state.given.get(name)
    if silence is None or silence.kind is not kind:
        raise UsageError(f"there is no {kind} with the id '{name}'")
    return _over(state, {name: silence}, now, _TAKEN_BACK, by)


def decide_ends(state: State, now: datetime) -> Changes:
    """Decide to let go what is over; ask once an interval or so."""
    over = {name: one for name, one in state.given.items() if one.until <= now}
    return _over(state, over, now, _ENDED, None)


def _over(
    state: State, over: Mapping[str, Silence], now: datetime, how: str, by: str | None
) -> Changes:
    ends = (
        _event(one, now, _span(one), how, one.reason, by if how == _TAKEN_BACK else None)
        for one in over.values()
    )
    left = [one for name, one in state.given.items() if name not in over]
    return Changes(
        silences=dict.fromkeys(over),
        events=(*ends, *_still_broken(state, over.values(), left, now)),
    )


def _still_broken(
    state: State, over: Iterable[Silence], left: Iterable[Silence], now: datetime
) -> Iterator[Event]:
    """Tell of each path that alerts hear of from now on."""
    silences = Silences(state.plan, left)
    attested = silences.by(SilencedBy.ATTESTATION, now)
    for name, kind in _hidden(state, over, now).items():
        path = state.plan.paths[name]
        judged = break_of(state, path, now)
        if judged is None or silences.mutes(name, now):
            continue
        is_attestable = today(state, path, now).attested_by({name})
        had_no_effect = kind is SilencedBy.ATTESTATION and not is_attestable
        if not had_no_effect and not (is_attestable and name in attested):
            yield Event(
                at=now,
                kind=EventKind(kind),
                subject=name,
                before="silenced",
                after=judged.verdict,
                reason=judged.reason,
            )


def _hidden(state: State, over: Iterable[Silence], now: datetime) -> dict[str, SilencedBy]:
    """Say by what each path was silenced; an attestation is the least of all."""
    kinds: dict[str, SilencedBy] = {}
    for one in sorted(over, key=lambda one: one.kind is not SilencedBy.ATTESTATION):
        if one.begins is None or one.begins <= now:
            kinds.update(dict.fromkeys(under(state.plan, one), one.kind))
    return kinds


def _check_reach(state: State, silence: Silence) -> None:
    """Refuse a pattern that names nothing: it would be a slip of the hand."""
    inventory, glob = state.inventory, silence.glob
    match silence.reach:
        case Reach.PATHS:
            if next(under(state.plan, silence), None) is None:
                raise UsageError(
                    f"no path of the plan matches '{glob}';"
                    " a path is written as in agent:pc-001>ah-01:tcp/443"
                )
        case Reach.HOSTS:
            if not hosts_under(inventory, silence):
                raise UsageError(f"no host is named '{glob}'{did_you_mean(glob, inventory.hosts)}")
        case Reach.SITES:
            if not hosts_under(inventory, silence):
                sites = sorted({host.site for host in inventory.hosts.values() if host.site})
                raise UsageError(f"no site is named '{glob}'{did_you_mean(glob, sites)}")


def _event(
    silence: Silence,
    now: datetime,
    before: str | None,
    after: str,
    reason: str,
    by: str | None,
) -> Event:
    site = "site " if silence.reach is Reach.SITES else ""
    return Event(
        at=now,
        kind=EventKind(silence.kind),
        subject=f"{site}{silence.glob}",
        before=before,
        after=after,
        reason=reason,
        by=by,
    )


def _span(silence: Silence) -> str:
    start = f"from {rfc3339(silence.begins)} " if silence.begins else ""
    return f"{start}until {rfc3339(silence.until)}"
