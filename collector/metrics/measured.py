"""Families about what was last measured of paths, whatever the phase."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from collector.connect_times import connect_seconds
from collector.exposition import Family, Lines, Type, number
from collector.losses import loss_at
from collector.opinions import Opinions
from collector.state import State
from flows.outcomes import Observation, each_address
from flows.plan import Path

_gauge = partial(Family, kind=Type.GAUGE)
MEASURED = (
    _gauge(
        "gatewatch_path_rtt_seconds", text="The kernel's own round trip of the last connection."
    ),
    _gauge(
        "gatewatch_path_connect_seconds",
        text="Time that the last connect took; absent for what did not connect.",
    ),
    _gauge(
        "gatewatch_path_last_observed_timestamp_seconds", text="When the path was last measured."
    ),
    _gauge(
        "gatewatch_path_loss_timestamp_seconds",
        text="When a broken syslog path starts to lose logs; absent while it is ok.",
    ),
    _gauge("gatewatch_path_flapping", text="1 while a path turned three times in ten minutes."),
)
"""What changes with every measurement."""
EXPIRIES = _gauge(
    "gatewatch_certificate_expiry_timestamp_seconds",
    text="When the certificate that the source was shown expires; of several, the first.",
)
Ends = Mapping[tuple[str, str, int], datetime]
"""When the first certificate expires, by source, destination and port."""


def measured(state: State, path: Path, opinions: Opinions, inner: str, now: datetime) -> Lines:
    """Write what was last seen of a path, whatever the phase; `inner` as `path_labels` writes it.

    Of its certificate only `expiries` tells, for all that share it.
    """
    cell = state.cell(path)
    if cell is None:
        return ("",) * len(MEASURED)
    seen = opinions.spoken(state.phase, path, cell.confirmed)
    rtt, connect = seen.rtt_seconds, connect_seconds(seen)
    lost = loss_at(path, state.breaks, state.phase) if state.breaks else None
    at = number(cell.observed_at.timestamp())
    return (
        f"gatewatch_path_rtt_seconds{{{inner}}} {number(rtt)}\n" if rtt is not None else "",
        f"gatewatch_path_connect_seconds{{{inner}}} {number(connect)}\n"
        if connect is not None
        else "",
        f"gatewatch_path_last_observed_timestamp_seconds{{{inner}}} {at}\n",
        f"gatewatch_path_loss_timestamp_seconds{{{inner}}} {number(lost.timestamp())}\n"
        if lost
        else "",
        f"gatewatch_path_flapping{{{inner}}} {bool(cell.turns) and cell.flapping(now):d}\n",
    )


def ends_of_certificates(state: State, paths: Iterable[Path]) -> Ends:
    """Find when certificates expire that one source was shown; paths to one port share them."""
    first: dict[tuple[str, str, int], datetime] = {}
    for path in paths:
        cell = state.cell(path)
        for one in _shown(cell.confirmed) if cell else ():
            ends = one.certificate.not_after if one.certificate else None
            if ends is not None:
                place = path.src, path.dst, path.port
                first[place] = min(ends, first.get(place, ends))
    return first


def expiries(ends_by_port: Ends) -> str:
    """Write when certificates expire."""
    name = EXPIRIES.name
    return "".join(
        f'{name}{{src="{src}",dst="{dst}",port="{port}"}} {number(ends.timestamp())}\n'
        for (src, dst, port), ends in ends_by_port.items()
    )


def _shown(seen: Observation) -> tuple[Observation, ...]:
    return each_address(seen) if seen.addresses else (seen,)
