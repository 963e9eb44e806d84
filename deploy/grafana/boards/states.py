"""What a path shows in a dashboard: words, shapes and colours, and the expression of them."""

from dataclasses import dataclass
from enum import IntEnum

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import (
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

GOOD = "#2b9d66"
BAD = "#dd4b40"
DOUBT = "#b07d12"
GOAL = "#4f86d8"
SAID = "#8d7be0"
PLAIN = "#7d8799"
NONE = "transparent"
"""The page's hues by meaning, between light and dark: Grafana has one colour for both themes."""


class State(IntEnum):
    """What a path is, as the number that an expression gives: the least is the worst of several."""

    BROKEN = 0
    UNPROVEN = 1
    PENDING = 2
    SILENCED = 3
    ATTESTED = 4
    OK = 5
    ADVISED = 6


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is shown: the shape tells it apart where colours do not."""

    text: str
    colour: str


LOOKS: dict[State, Look] = {
    State.BROKEN: Look("✕ broken", BAD),
    State.UNPROVEN: Look("? unproven", DOUBT),
    State.PENDING: Look("○ pending", GOAL),
    State.SILENCED: Look("waived", SAID),
    State.ATTESTED: Look("attested", SAID),
    State.OK: Look("✓ ok", GOOD),
    State.ADVISED: Look("· advised", PLAIN),
}
MEANINGS = (
    "✓ ok; ✕ broken; ? unproven: nothing proves it either way; ○ pending: a goal that was not"
    " reached yet; waived: or maintained; attested: by an operator; · advised: not met, in no gate."
)


def value_map(looks: dict[int, Look]) -> list[ValueMapping]:
    """Map numbers to what they mean."""
    return [
        ValueMap(
            options={
                str(int(value)): ValueMappingResult(text=look.text, color=look.colour, index=index)
                for index, (value, look) in enumerate(looks.items())
            }
        )
    ]


def state_map() -> list[ValueMapping]:
    """Map the numbers of `state_of` to their looks."""
    return value_map({int(state): look for state, look in LOOKS.items()})


def thresholds(base: str, *steps: tuple[float, str]) -> ThresholdsConfig:
    """Colour by absolute value: `base` below the first step."""
    first = Threshold(value=None, color=base)
    rest = [Threshold(value=value, color=colour) for value, colour in steps]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps([first, *rest])


PATH = "flow, src, dst, proto, port"
_EACH = f"phase, {PATH}"


def state_of(matchers: str) -> str:
    """Write the expression of the State of each path of some phases.

    `matchers` select by phase, flow, src, dst, proto and port. Each path that a phase asks for has
    its series: what was never measured is unproven, never absent.
    """
    judged = f"max by ({_EACH}) (gatewatch_path_ok{{{matchers}}})"
    unproven = f"max by ({_EACH}) (gatewatch_path_unproven{{{matchers}}}) == 1"
    alerting = f"max by ({_EACH}) (gatewatch_path_broken{{{matchers}}})"
    not_ok = f"({judged} == 0 or {unproven})"
    return "\n".join(
        (
            f"({State.SILENCED} + 0 * {not_ok} and on ({PATH})"
            ' gatewatch_path_silenced{by=~"waiver|maintenance"})',
            f"or ({State.ATTESTED} + 0 * ({unproven}) and on ({PATH})"
            ' gatewatch_path_silenced{by="attestation"})',
            f"or ({State.ADVISED} + 0 * {not_ok} unless on ({_EACH}) {alerting})",
            f"or ({State.PENDING} + ({judged} == 0) and on ({_EACH}) ({alerting} == 0))",
            f"or ({State.UNPROVEN} * ({unproven}))",
            f"or ({State.OK} * ({judged} == 1))",
            f"or ({judged} == 0)",
        )
    )


def at_site(expression: str, end: str, site: str) -> str:
    """Keep the paths whose `end` (src or dst) stands in sites that match."""
    hosts = f'label_replace(gatewatch_host_info{{site=~"{site}"}}, "{end}", "$1", "host", "(.+)")'
    return f"({expression})\nand on ({end}) {hosts}"
