"""Controls: does a destination live at all? Without one, "closed" and "dead" look the same.

A control is a check of another port of the same destination. A run adds one where it measures a
port that must be closed and no other port there that may answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from flows.outcomes import SPOKE, Observation, each_address
from flows.phases import Expectation, Phase
from flows.plan import Endpoint, Path, Plan, path_id

CONTROL = "control"
"""What stands for the flow of a control's row."""


def controls_for(plan: Plan, asked: Sequence[Path], source: str, phase: Phase) -> list[Path]:
    """Choose what to measure besides what was asked, so that closed ports can be judged.

    The ports come from the whole plan, whoever their source is there.
    """
    lacking = _without_company(asked, phase)
    best: dict[str, Path] = {}
    for path in plan:
        if path.dst_address in lacking and not _must_be_closed(path, phase):
            known = best.get(path.dst_address)
            if known is None or _rank(path, source, phase) < _rank(known, source, phase):
                best[path.dst_address] = path
    return [_as_control(path, source) for _, path in sorted(best.items())]


def shows_life(observations: Mapping[Endpoint, Observation], endpoint: Endpoint) -> bool:
    """Decide whether another port answered at every address that an endpoint was measured at."""
    address, proto, port = endpoint
    living = set(_living(observations, address, besides=(proto, port)))
    tried = [one.address for one in each_address(observations[endpoint])]
    return all(one in living for one in tried)


def _without_company(asked: Sequence[Path], phase: Phase) -> frozenset[str]:
    """List destinations with a port that must be closed and no TCP port that may answer."""
    closed = {path.dst_address for path in asked if _must_be_closed(path, phase)}
    company = {
        path.dst_address
        for path in asked
        if path.proto == "tcp" and not _must_be_closed(path, phase)
    }
    return frozenset(closed - company)


def _must_be_closed(path: Path, phase: Phase) -> bool:
    return path.expect.get(phase) is Expectation.CLOSED


def _rank(path: Path, source: str, phase: Phase) -> tuple[object, ...]:
    """Order the candidates: what should answer, and answer this very source, comes first."""
    return (
        path.proto != "tcp",
        path.expect.get(phase) is not Expectation.SERVE,
        path.src != source,
        phase not in path.expect,
        path.port,
        path.proto,
    )


def _as_control(path: Path, source: str) -> Path:
    return msgspec.structs.replace(
        path,
        id=path_id(CONTROL, source, path.dst, path.proto, path.port),
        flow=CONTROL,
        src=source,
        groups=(),
        expect={},
    )


def _living(
    observations: Mapping[Endpoint, Observation], address: str, besides: tuple[str, int]
) -> Iterator[str]:
    for (where, proto, port), seen in observations.items():
        if where == address and (proto, port) != besides:
            yield from _answering(each_address(seen))


def _answering(observations: Iterable[Observation]) -> Iterator[str]:
    for one in observations:
        if one.outcome in SPOKE and one.address is not None:
            yield one.address
