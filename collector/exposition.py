"""Prometheus' text format 0.0.4: families and samples to text, and nothing of what they mean."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[str, float]
"""A label set as `labels` writes it, and a value."""
Lines = tuple[str, ...]
"""What each of some families says of one thing, in their order."""
_AT_ONCE = 256
"""Samples of one piece."""
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


class Type(StrEnum):
    """What a family measures."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Family:
    """What samples of one name have in common."""

    name: str
    kind: Type
    text: str

    @property
    def header(self) -> str:
        """Write the lines above its samples."""
        return f"# HELP {self.name} {self.text}\n# TYPE {self.name} {self.kind}\n"


def pairs(named: Mapping[str, object]) -> str:
    """Write labels without their braces."""
    return ",".join(f'{name}="{str(value).translate(_ESCAPES)}"' for name, value in named.items())


def labels(named: Mapping[str, object]) -> str:
    """Write a label set, braces included; empty for none."""
    return f"{{{pairs(named)}}}" if named else ""


def family(name: str, kind: Type, text: str, samples: Iterable[Sample]) -> str:
    """Write one family; samples are label sets (see `labels`) with their values.

    Empty for no samples: a family without series says nothing.
    """
    return "".join(family_pieces(name, kind, text, samples))


def family_pieces(name: str, kind: Type, text: str, samples: Iterable[Sample]) -> Iterator[str]:
    """Write one family that may be long, piece by piece."""
    header = Family(name, kind, text).header
    remaining = iter(samples)
    while some := list(islice(remaining, _AT_ONCE)):
        yield header + "".join([f"{name}{label} {number(value)}\n" for label, value in some])
        header = ""


def histogram(
    name: str, text: str, series: Iterable[tuple[dict[str, object], Mapping[float, int], float]]
) -> str:
    """Write a histogram: label pairs, cumulative counts by upper bound (inf last), and the sum."""
    lines: list[str] = []
    for named, buckets, total in series:
        for bound, count in buckets.items():
            edge = labels({**named, "le": "+Inf" if bound == float("inf") else f"{bound:g}"})
            lines.append(f"{name}_bucket{edge} {count}")
        lines.append(f"{name}_sum{labels(named)} {number(total)}")
        lines.append(f"{name}_count{labels(named)} {buckets[float('inf')]}")
    header = Family(name, Type.HISTOGRAM, text).header
    return header + "\n".join(lines) + "\n" if lines else ""


def number(value: float) -> str:
    """Write a value; whole numbers without a fraction, infinity and NaN as Go reads them too."""
    exact = float(value)
    return str(int(exact)) if exact.is_integer() else repr(exact)
