"""Which version a host runs in a phase, as far as anybody knows (DESIGN 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from flows.hosts import BACK_OFFICE, Host, Role, Version
from flows.inventory import Inventory
from flows.phases import Phase


class Source(StrEnum):
    """Who says so, the first to speak wins."""

    SET = "set"
    """The operator, at run time (`gatewatch host set`)."""
    STATED = "stated"
    """The inventory."""
    SHOWN = "shown"
    """The service itself, by what it answers."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What was set, stated and shown of every host of an inventory."""

    inventory: Inventory
    set_: Mapping[str, Version] = field(default_factory=dict, hash=False)
    shown: Mapping[str, Version] = field(default_factory=dict, hash=False)

    def declared(self, host: Host) -> Version | None:
        """Look up what an operator set or stated; None where nobody did."""
        return self.set_.get(host.name) or host.version

    def known(self, host: Host) -> tuple[Version, Source] | None:
        """Look up the version and who says so; None where nobody knows.

        A virtual host shows now one of its members, now another: that tells nothing.
        """
        if host.name in self.set_:
            return self.set_[host.name], Source.SET
        if host.version is not None:
            return host.version, Source.STATED
        if host.name in self.shown and not host.virtual:
            return self.shown[host.name], Source.SHOWN
        return None

    def is_new(self, host: Host, phase: Phase, role: Role) -> bool:
        """Decide whether a host speaks the new release's ports in a phase.

        `role` is what the host plays in the flow: it decides the default where nothing is known.
        """
        match phase:
            case Phase.BASELINE | Phase.PREPARE:
                return False
            case Phase.COMPLETE:
                return True
            case Phase.BACKOFFICE | Phase.AGENTS:
                return self._is_new_now(host, phase, role)
            case _:
                assert_never(phase)

    def _is_new_now(self, host: Host, phase: Phase, role: Role) -> bool:
        known = self.known(host)
        if known is not None:
            return known[0].is_new
        if host.members:
            members = (self.inventory.hosts[name] for name in host.members)
            return all(self.is_new(member, phase, role) for member in members)
        return phase is Phase.AGENTS and role in BACK_OFFICE

    def back_office_lags(self) -> bool:
        """Decide whether a back-office host is set or stated below the new release (guide 3.1)."""
        for host in self.inventory.hosts.values():
            declared = self.declared(host)
            if declared is not None and not declared.is_new and host.roles & BACK_OFFICE:
                return True
        return False
