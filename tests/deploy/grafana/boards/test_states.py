"""States can be told apart by whoever looks, on light ground and on dark."""

from itertools import combinations
from math import dist

import pytest

from deploy.grafana.boards.states import BAD, DOUBT, GOAL, GOOD, LOOKS, PLAIN, SAID, State

PAIRS = list(combinations(("good", "bad", "doubt", "goal"), 2))
GROUNDS = ("#ffffff", "#181b1f")
"""Of Grafana's panels in its light and its dark theme."""
READABLE = 3.0
"""WCAG 2.1, 1.4.11: what graphics and large text need."""
APART = 0.1
"""Between colours whose channels go from 0 to 1."""
COLOURS = {"good": GOOD, "bad": BAD, "doubt": DOUBT, "goal": GOAL, "said": SAID, "plain": PLAIN}
BLIND = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
"""Machado, Oliveira and Fernandes (2009), severity 1, for linear light."""
Rgb = tuple[float, ...]


def linear(colour: str) -> Rgb:
    """Read a colour as amounts of light."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels
    )


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def seen(colour: str, kind: str) -> Rgb:
    """Say what a colour-blind viewer sees of it, in channels as a screen shows them."""
    light = linear(colour)
    mixed = (sum(part * one for part, one in zip(row, light, strict=True)) for row in BLIND[kind])
    return tuple(max(0.0, one) ** (1 / 2.4) for one in mixed)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", COLOURS)
def test_each_colour_is_readable_on_either_ground(name: str, ground: str) -> None:
    lighter, darker = sorted((luminance(COLOURS[name]), luminance(ground)), reverse=True)

    assert (lighter + 0.05) / (darker + 0.05) >= READABLE


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize(
    "pair", list(combinations(("good", "bad", "doubt", "goal"), 2)), ids="-".join
)
def test_colours_differ_for_the_colour_blind(pair: tuple[str, str], kind: str) -> None:
    one, other = (seen(COLOURS[name], kind) for name in pair)

    assert dist(one, other) >= APART


def test_words_differ_where_colours_do_not() -> None:
    assert set(LOOKS) == set(State)
    assert len({look.text for look in LOOKS.values()}) == len(State)


def test_the_worst_state_is_the_least() -> None:
    assert list(State) == sorted(State)
    assert min(State) is State.BROKEN
    assert State.UNPROVEN < State.OK
