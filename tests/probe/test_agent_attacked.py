"""No answer of a collector ends the probe, or keeps it from doing what a later one says."""

import asyncio

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flows.messages import Accepted, Assignment, to_json
from probe.client import decoded
from probe.collector_errors import CollectorError
from tests.fakes.collector import Reply, a_check, an_assignment, problem, serving
from tests.probe.test_agent import running

DEEP = b"[" * 100_000
SANE = an_assignment(a_check(7), revision="sane")


def ok(assignment: Assignment) -> Reply:
    return Reply(200, to_json(assignment))


ANSWERS = {
    "nested to exhaust the stack": Reply(200, b'{"watch": ' + DEEP),
    "nested refusal": Reply(500, b'{"detail": ' + DEEP),
    "no UTF-8": Reply(200, b'{"revision": "\xff"}'),
    "refusal in no UTF-8": Reply(403, b'{"type": "\xff"}'),
    "a year of twenty digits": problem(
        503, "later", Retry_After="Wed, 21 Oct 99999999999999999999 07:28:00 GMT"
    ),
    "a revision of two lines": ok(an_assignment(revision="two\r\nlines")),
    "an endless revision": ok(an_assignment(revision="x" * 100_000)),
    "an id that JSON cannot carry back": ok(an_assignment(a_check(1 << 200, port=80))),
    "an address of a megabyte": ok(an_assignment(a_check(1, address="x" * 1_000_000))),
    "unknown status": Reply(999),
    "nothing": Reply(200),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
async def test_after_any_answer_a_sane_assignment_is_measured(answer: Reply) -> None:
    async with serving() as collector:
        collector.poll_replies.append(answer)
        collector.assignment = SANE

        async with running(collector.url) as probe:
            while not probe.network.measured and not probe.task.done():
                await asyncio.sleep(0)
                probe.clock.advance(0.5)

    assert collector.polls[1:]
    assert {check for check, _ in probe.network.measured} == {7}


@given(st.binary(max_size=200))
@example(b'{"watch": ' + b"[" * 100_000)
@example(b"[" * 100_000)
@example(b'{"revision": "\xff"}')
@example(b'{"revision": "\\ud800", "host": "con-01", "checks": []}')
def test_no_body_raises_anything_else(body: bytes) -> None:
    try:
        decoded("http://127.0.0.1:1", body, Accepted, "receipt")
    except CollectorError as error:
        said = str(error)
    else:
        said = ""

    assert "\n" not in said
