"""Prometheus' text format 0.0.4: families and samples to text, and nothing of what they mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Sample = tuple[str, float]
"""A label set as `labels` writes it, and a value."""
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
    body = "\n".join(f"{name}{label} {number(value)}" for label, value in samples)
    return f"{Family(name, kind, text).header}{body}\n" if body else ""


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
    return str(int(value)) if float(value).is_integer() else repr(float(value))
