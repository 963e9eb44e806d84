"""Reports: taken once, durably, of the sender's own paths alone; else nothing changes."""

import asyncio
import gzip
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from collector.settings import Limits
from flows.messages import to_json
from flows.outcomes import Observation, Outcome
from tests.collector.samples import CONSOLE, HTTPS, INVENTORY, NOW, REFUSED, result_of
from tests.collector.serving import (
    Body,
    Caller,
    a_report,
    calling,
    settings_in,
)


async def row_of(caller: Caller, path: str) -> Body:
    rows = (await caller.get("matrix")).body["rows"]
    return next(row for row in rows if row["path"] == path)


async def test_what_a_probe_saw_is_judged(caller: Caller) -> None:
    reply = await caller.report("con-01", {CONSOLE: HTTPS}, seq=7)

    assert (reply.status, reply.body) == (200, {"seq": 7})
    row = await row_of(caller, CONSOLE)
    assert (row["verdict"], row["outcome"], row["observed_at"]) == (
        "ok",
        "open",
        "2026-11-23T12:00:00.000Z",
    )


async def test_a_repeated_report_is_acknowledged_again_with_no_effect(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS}, seq=7)
    caller.clock.pass_by(1)
    before = await caller.everything()

    again = await caller.report("con-01", {CONSOLE: REFUSED}, seq=7)
    older = await caller.report("con-01", {CONSOLE: REFUSED}, seq=3)

    assert [(reply.status, reply.body) for reply in (again, older)] == [
        (200, {"seq": 7}),
        (200, {"seq": 3}),
    ]
    assert await caller.everything() == before


async def test_a_gap_between_reports_is_no_fault(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS}, seq=0)

    assert (await caller.report("con-01", {CONSOLE: HTTPS}, seq=900)).status == 200


async def test_a_new_spool_counts_from_its_own_beginning(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS}, stream="old", seq=900)
    caller.clock.pass_by(1)

    await caller.report("con-01", {CONSOLE: REFUSED}, stream="new", seq=1)

    assert (await row_of(caller, CONSOLE))["suspect"]


async def test_a_report_for_somebody_elses_path_changes_nothing(caller: Caller) -> None:
    foreign = await caller.check_of("console-backend:con-02>be-02:tcp/443")
    results = [
        result_of(await caller.check_of(CONSOLE), HTTPS, NOW),
        result_of(foreign, HTTPS, NOW),
    ]
    before = await caller.everything()

    reply = await caller.send(a_report("con-01", results))

    assert reply.problem == (
        403,
        "foreign-path",
        f"check {foreign} is not, and never was, of con-01: nothing was taken",
    )
    assert await caller.everything() == before


async def test_a_check_that_never_was_is_foreign_too(caller: Caller) -> None:
    reply = await caller.send(a_report("con-01", [result_of(99999, HTTPS, NOW)]))

    assert reply.problem[:2] == (403, "foreign-path")


async def test_a_result_for_a_path_that_left_the_plan_is_dropped_and_counted(
    caller: Caller,
) -> None:
    old = await caller.check_of(CONSOLE)
    await caller.call(
        "PUT", "inventory", {"inventory": INVENTORY.replace("be-02.acme", "be-9.acme")}
    )

    reply = await caller.send(a_report("con-01", [result_of(old, HTTPS, NOW)]))

    assert reply.status == 200
    metrics = (await caller.get("/metrics/self")).content
    assert b'gatewatch_collector_results_total{fate="dropped"} 1.0' in metrics
    assert (await row_of(caller, CONSOLE))["outcome"] is None


async def test_times_of_another_zone_are_the_same_times(caller: Caller) -> None:
    check = await caller.check_of(CONSOLE)
    body = to_json(a_report("con-01", [result_of(check, HTTPS, NOW)]))
    shifted = body.replace(b"2026-11-23T12:00:00Z", b"2026-11-23T14:00:00+02:00")

    reply = await caller.call("POST", "reports", data=shifted)

    assert reply.status == 200
    assert (await row_of(caller, CONSOLE))["observed_at"] == "2026-11-23T12:00:00.000Z"


async def test_a_compressed_report_is_taken(caller: Caller) -> None:
    check = await caller.check_of(CONSOLE)
    body = gzip.compress(to_json(a_report("con-01", [result_of(check, HTTPS, NOW)])))

    reply = await caller.call("POST", "reports", data=body, headers={"Content-Encoding": "gzip"})

    assert reply.status == 200


GOOD = to_json(a_report("con-01", []))


def unfit(said: str) -> tuple[int, str, str]:
    return 422, "wrong-shape", f"the body of /api/v1/reports: {said}"


def spoilt(**changes: object) -> bytes:
    return to_json(msgspec.structs.replace(a_report("con-01", []), **changes))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (
            b"",
            (400, "not-json", "the body of /api/v1/reports: Input data was truncated"),
        ),
        (
            b"hosts: {}",
            (
                400,
                "not-json",
                "the body of /api/v1/reports: JSON is malformed: invalid character (byte 0)",
            ),
        ),
        (
            b'{"host": "\xff"}',
            (
                400,
                "not-json",
                "the body of /api/v1/reports: 'utf-8' codec can't decode byte 0xff in position 0:"
                " invalid start byte",
            ),
        ),
        (
            b"[]",
            unfit("Expected `object`, got `array`"),
        ),
        (
            b"{}",
            unfit("Object missing required field `host`"),
        ),
        (
            GOOD.replace(b'"seq":1', b'"seq":"1"'),
            unfit("Expected `int`, got `str` - at `$.seq`"),
        ),
        (
            spoilt(seq=-1),
            unfit("Expected `int` >= 0 - at `$.seq`"),
        ),
        (
            spoilt(seq=2**63),
            unfit(f"Expected `int` <= {2**63 - 1} - at `$.seq`"),
        ),
        (
            spoilt(stream=""),
            unfit(
                "Expected `str` matching regex '^[A-Za-z0-9._-]{1,64}$(?!\\\\n)' - at `$.stream`"
            ),
        ),
        (
            GOOD.replace(b'"late":0', b'"late":-5'),
            unfit("Expected `int` >= 0 - at `$.probe.late`"),
        ),
        (
            GOOD.replace(b'12:00:00Z"', b'12:00:00"'),
            unfit("Expected `datetime` with a timezone component - at `$.sent`"),
        ),
        (
            GOOD.replace(b"2026-", b"0001-"),
            (422, "wrong-shape", "sent is in the year 1: set the probe's clock"),
        ),
        (
            spoilt(host="con-1"),
            (
                404,
                "unknown-host",
                "no host is named 'con-1' in the inventory (did you mean 'con-01'?)",
            ),
        ),
        (
            spoilt(host="sql-01"),
            (404, "no-probe", "sql-01 has no role that measures anything, so it has no probe"),
        ),
    ],
)
async def test_a_bad_report_is_declined_with_one_sentence_and_changes_nothing(
    caller: Caller, data: bytes, problem: tuple[int, str, str]
) -> None:
    before = await caller.everything()

    reply = await caller.call("POST", "reports", data=data)

    assert reply.problem == problem
    assert await caller.everything() == before


async def test_a_report_that_nests_without_end_is_declined(caller: Caller) -> None:
    deep = b'{"firewall":' * 5000 + b"1" + b"}" * 5000
    data = GOOD.replace(b'"facts":{}', b'"facts":{"firewall":{"a":' + deep + b"}}")

    reply = await caller.call("POST", "reports", data=data)

    assert reply.problem[:2] == (400, "not-json")


async def test_a_body_over_the_limit_is_declined_and_changes_nothing(caller: Caller) -> None:
    before = await caller.everything()

    reply = await caller.call("POST", "reports", data=b" " * (1 << 20) + GOOD)

    assert reply.problem == (
        413,
        "too-large",
        "the body of /api/v1/reports is over 1048576 bytes",
    )
    assert await caller.everything() == before


async def test_a_body_of_exactly_the_limit_is_read(caller: Caller) -> None:
    data = GOOD.ljust(1 << 20)

    assert (await caller.call("POST", "reports", data=data)).status == 200


async def test_a_body_that_unpacks_over_the_limit_is_declined(caller: Caller) -> None:
    data = gzip.compress(b" " * (50 << 20))

    reply = await caller.call("POST", "reports", data=data, headers={"Content-Encoding": "gzip"})

    assert reply.problem[:2] == (413, "too-large")


async def test_a_body_that_is_not_packed_as_it_says_is_declined(caller: Caller) -> None:
    reply = await caller.call("POST", "reports", data=GOOD, headers={"Content-Encoding": "gzip"})

    assert reply.problem[:2] == (400, "unreadable-body")


async def test_a_probe_that_hangs_up_in_the_middle_changes_nothing(caller: Caller) -> None:
    before = await caller.everything()
    url = urlsplit(caller.url)
    _, writer = await asyncio.open_connection(url.hostname, url.port)

    writer.write(b"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n")
    writer.write(GOOD)
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    assert await caller.everything() == before


async def test_a_report_of_too_many_results_changes_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, limits=Limits(results_per_report=2))
    async with calling(settings) as caller:
        check = await caller.check_of(CONSOLE)
        before = await caller.everything()

        reply = await caller.send(a_report("con-01", [result_of(check, HTTPS, NOW)] * 3))

        assert reply.problem == (
            413,
            "too-many-results",
            "the report holds 3 results, over 2: send fewer at once",
        )
        assert await caller.everything() == before


async def test_a_store_that_takes_nothing_is_said_and_nothing_is_applied(caller: Caller) -> None:
    await caller.report("con-01", {CONSOLE: HTTPS})
    matrix = (await caller.get("matrix")).body
    with closing(sqlite3.connect(caller.file, isolation_level=None)) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON sources"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
        before = caller.rows()
        caller.clock.pass_by(1)

        reply = await caller.report("con-01", {CONSOLE: REFUSED}, seq=9)

        assert reply.problem[:2] == (503, "store-unavailable")
        assert reply.headers["Retry-After"] == "5"
        assert caller.rows() == before
        assert (await caller.get("matrix")).body == matrix
        other.execute("DROP TRIGGER full")

    reply = await caller.report("con-01", {CONSOLE: REFUSED}, seq=9)

    assert reply.status == 200
    assert (await row_of(caller, CONSOLE))["suspect"]


async def test_many_reports_at_once_share_few_commits(tmp_path: Path) -> None:
    agents = [f"pc-{number:03}" for number in range(4, 54)]
    hosts = "".join(
        f"  {name}: {{address: 10.9.2.{index}, roles: [agent]}}\n"
        for index, name in enumerate(agents, 1)
    )
    inventory = INVENTORY.replace("handler_groups:", f"{hosts}handler_groups:").replace(
        "pc-003]", f"pc-003, {', '.join(agents)}]"
    )
    async with calling(settings_in(tmp_path, inventory)) as caller:
        path = "agent-legacy:{}>ah-02:tcp/17000"
        seen = Observation(outcome=Outcome.REFUSED)
        checks = {agent: await caller.check_of(path.format(agent)) for agent in agents}
        before = await commits(caller)

        async with asyncio.TaskGroup() as tasks:
            sent = [
                tasks.create_task(caller.send(a_report(agent, [result_of(check, seen, NOW)])))
                for agent, check in checks.items()
            ]

        assert {task.result().status for task in sent} == {200}
        assert (await commits(caller)) - before <= 10
        rows = (await caller.get("matrix")).body["rows"]
        assert [row["path"] for row in rows if row["outcome"] == "refused"] == [
            path.format(agent) for agent in agents
        ]


async def commits(caller: Caller) -> float:
    lines = (await caller.get("/metrics/self")).content.decode().splitlines()
    found = [line for line in lines if line.startswith("gatewatch_collector_store_seconds_count")]
    return float(found[0].split()[1])


async def test_reports_of_one_host_at_once_are_all_taken(caller: Caller) -> None:
    check = await caller.check_of(CONSOLE)

    async with asyncio.TaskGroup() as tasks:
        for seq in range(20):
            at = NOW + timedelta(seconds=seq - 20)
            report = a_report("con-01", [result_of(check, HTTPS, at)], stream=f"s{seq}", seq=seq)
            tasks.create_task(caller.send(report))

    row = await row_of(caller, CONSOLE)
    assert row["verdict"] == "ok"
    with closing(sqlite3.connect(caller.file)) as connection:
        [(streams,)] = connection.execute("SELECT streams FROM sources").fetchall()
    assert len(json.loads(streams)) == 20


async def test_a_slow_body_holds_nobody_up(caller: Caller) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield GOOD[:10]
        assert (await caller.report("con-02", {})).status == 200
        yield GOOD[10:]

    address = f"{caller.url}/api/v1/reports"
    async with caller.session.post(address, data=slowly()) as answer:
        assert answer.status == 200
