"""Expansion: inventory x catalog x versions in force gives the plan (DESIGN 3)."""

from collections.abc import Iterator, Mapping
from functools import cache
from sys import intern

import msgspec

from flows.catalog import Asks, End, Row, catalog
from flows.hosts import BACK_OFFICE, Host, Need, Role
from flows.inventory import ExtraFlow, Inventory
from flows.meetings import Estate, Meeting, meetings
from flows.phases import PHASES, Expectation, Phase, strongest
from flows.plan import Path, Plan, Scope, path_id
from flows.versions import Versions

Expected = Mapping[Phase, Expectation]
_BY_SETTING = " (no handler group is declared: whether it is used depends on the group's settings)"


def expand(inventory: Inventory, versions: Versions | None = None) -> Plan:
    """Make the plan of an estate.

    `versions` holds what was set and shown at run time; by default only the inventory speaks.
    """
    return _Expansion(inventory, versions or Versions(inventory)).plan()


class _Expansion:
    """One run of the expansion, with what it needs to look up again and again."""

    def __init__(self, inventory: Inventory, versions: Versions) -> None:
        self.inventory = inventory
        self.versions = versions
        self.estate = Estate(inventory)
        self.back_office_lags = versions.back_office_lags()
        self.is_new = cache(self._is_new)
        self.expected = cache(self._expected)

    def plan(self) -> Plan:
        merged: dict[str, Path] = {}
        rank: dict[str, int] = {}
        for path in (*self._guide_paths(), *self._extra_paths()):
            known = merged.get(path.id)
            merged[path.id] = path if known is None else _merge(known, path)
            rank.setdefault(path.flow, len(rank))
        ordered = sorted(
            merged.values(),
            key=lambda path: (rank[path.flow], path.src, path.dst, path.proto, path.port),
        )
        return Plan(self.inventory, self.versions, {path.id: path for path in ordered})

    def _guide_paths(self) -> Iterator[Path]:
        for index, row in enumerate(catalog()):
            for meeting in meetings(row, self.estate):
                expect = self._expect(index, row, meeting)
                if expect:
                    yield self._path(row, meeting, expect)

    def _path(self, row: Row, meeting: Meeting, expect: Expected) -> Path:
        source, destination = meeting.source, meeting.destination
        return Path(
            id=path_id(row.flow, source.name, destination.name, row.proto, meeting.port),
            flow=row.flow,
            src=intern(source.name),
            dst=intern(destination.name),
            dst_address=intern(destination.address),
            proto=row.proto,
            port=meeting.port,
            service=row.service,
            scope=_scope(source, destination),
            groups=meeting.groups,
            guide=row.guide,
            purpose=row.purpose + _BY_SETTING if meeting.assumed else row.purpose,
            expect=expect,
        )

    def _expect(self, index: int, row: Row, meeting: Meeting) -> Expected:
        """Read what each phase asks of a meeting; empty where the row is dropped."""
        if meeting.need is Need.IGNORE:
            return {}
        decider = meeting.source if row.upgrade is End.SOURCE else meeting.destination
        role = row.source if row.upgrade is End.SOURCE else row.destination
        new = self.is_new(decider.name, role) if row.upgrade and role else _NEVER
        dropped = _NEVER
        if row.legacy and not meeting.legacy_protocol:
            dropped = self.is_new(meeting.destination.name, row.destination)
        return self.expected(index, new, dropped, meeting.need is Need.REQUIRE, meeting.assumed)

    def _is_new(self, name: str, role: Role) -> tuple[bool, ...]:
        host = self.inventory.hosts[name]
        return tuple(self.versions.is_new(host, phase, role) for phase in PHASES)

    def _expected(
        self,
        index: int,
        new: tuple[bool, ...],
        dropped: tuple[bool, ...],
        required: bool,  # noqa: FBT001 - part of a cache's key
        assumed: bool,  # noqa: FBT001 - part of a cache's key
    ) -> Expected:
        """Share one mapping among all paths that are asked the same."""
        row = catalog()[index]
        asks: Asks = row.require if required else row.expect
        expect: dict[Phase, Expectation] = {}
        for phase, is_new, is_dropped in zip(PHASES, new, dropped, strict=True):
            if phase not in asks or (is_dropped and phase in _UPGRADING):
                continue
            asked = asks[phase].new if is_new else asks[phase].old
            expect[phase] = Expectation.ADVISED if assumed else self._held_back(row, phase, asked)
        return expect

    def _held_back(self, row: Row, phase: Phase, asked: Expectation) -> Expectation:
        """Keep old rules of the back office until all of it is migrated (guide 3.1)."""
        retires = asked is Expectation.RETIRED and phase is Phase.AGENTS
        if retires and row.source in BACK_OFFICE and self.back_office_lags:
            return Expectation.PERMIT
        return asked

    def _extra_paths(self) -> Iterator[Path]:
        """Walk the operator's own rows by name, for their order in the file must not matter."""
        rows = sorted(self.inventory.extra_flows, key=lambda row: (row.flow, row.why, row.service))
        for extra in rows:
            for source in self.estate.ends(extra.sources, as_source=True):
                for destination in self.estate.ends(extra.destinations, as_source=False):
                    yield self._extra_path(extra, source, destination)

    def _extra_path(self, extra: ExtraFlow, source: Host, destination: Host) -> Path:
        return Path(
            id=path_id(extra.flow, source.name, destination.name, extra.proto, extra.port),
            flow=extra.flow,
            src=intern(source.name),
            dst=intern(destination.name),
            dst_address=intern(destination.address),
            proto=extra.proto,
            port=extra.port,
            service=extra.service,
            scope=_scope(source, destination),
            groups=self.estate.agent_groups(source, by_role=Role.AGENT in extra.sources),
            guide="inventory",
            purpose=extra.why,
            expect=extra.expect,
        )


_NEVER = (False,) * len(PHASES)
_UPGRADING = frozenset({Phase.BACKOFFICE, Phase.AGENTS})


def _scope(source: Host, destination: Host) -> Scope:
    local = source.name == destination.name or source.name in destination.members
    return Scope.LOCAL if local else Scope.NETWORK


def _merge(known: Path, other: Path) -> Path:
    """Join two rows or groups that ask for the same path: the strongest expectation holds."""
    if known.expect == other.expect and known.groups == other.groups:
        return known
    expect = dict(known.expect)
    for phase, asked in other.expect.items():
        expect[phase] = strongest(asked, expect[phase]) if phase in expect else asked
    return msgspec.structs.replace(
        known,
        expect={phase: expect[phase] for phase in PHASES if phase in expect},
        groups=tuple(sorted({*known.groups, *other.groups})),
    )
