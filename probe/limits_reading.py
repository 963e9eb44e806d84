"""Reading the `limits` block of probe.yaml."""

from flows.reading import Value
from flows.scalars import duration, number, size
from probe.limits import MIB, Limits

LIMIT_KEYS = (
    "checks",
    "interval",
    "deadline",
    "in_flight",
    "per_second",
    "runs",
    "addresses",
    "lookups",
    "body",
)


def read_limits(value: Value) -> Limits:
    """Read the limits; those that are not given keep their defaults."""
    fields = value.fields(LIMIT_KEYS)
    default = Limits()
    limits = Limits(
        checks=fields.optional("checks", number(1, 50_000), default.checks),
        interval=fields.optional("interval", duration, default.interval),
        deadline=fields.optional("deadline", duration, default.deadline),
        in_flight=fields.optional("in_flight", number(1, 4096), default.in_flight),
        per_second=fields.optional("per_second", number(1, 1000), default.per_second),
        runs=fields.optional("runs", number(1, 1000), default.runs),
        addresses=fields.optional("addresses", number(1, 256), default.addresses),
        lookups=fields.optional("lookups", number(1, 256), default.lookups),
        body=fields.optional("body", size, default.body),
    )
    if not 1.0 <= limits.interval <= 86400.0:
        fields.at("interval").refuse("is not between 1s and 24h")
    if not 0.1 <= limits.deadline <= 60.0:
        fields.at("deadline").refuse("is not between 100ms and 60s")
    if not MIB // 16 <= limits.body <= 64 * MIB:
        fields.at("body").refuse("is not between 64KiB and 64MiB")
    return limits
