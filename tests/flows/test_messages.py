"""Bodies between probe and collector, as in FORMATS."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec

from flows.messages import Assignment, Check, Report, Result, rfc3339, to_json
from flows.outcomes import Outcome, Service


def test_times_are_utc_with_milliseconds() -> None:
    moment = datetime(2027, 1, 31, 13, 0, 0, 123999, tzinfo=timezone(timedelta(hours=1)))

    assert rfc3339(moment) == "2027-01-31T12:00:00.123Z"
    assert rfc3339(datetime(2027, 1, 31, tzinfo=UTC)) == "2027-01-31T00:00:00.000Z"


def test_an_assignment_reads_as_in_the_formats() -> None:
    body = b"""{"revision": "b1946ac9", "host": "con-01", "checks": [{"id": 17,
      "address": "10.1.0.11", "name": "be-01.acme.example", "proto": "tcp", "port": 443,
      "services": ["https", "grpc"], "interval": 15.0, "deadline": 4.0, "offset": 3.2}],
      "runs": [{"id": "01J", "checks": [17], "expires": "2027-01-31T12:00:00.000Z"}],
      "watch": []}"""

    assignment = msgspec.json.decode(body, type=Assignment)

    assert assignment.checks == (
        Check(
            id=17,
            address="10.1.0.11",
            name="be-01.acme.example",
            proto="tcp",
            port=443,
            services=(Service.HTTPS, Service.GRPC),
            interval=15.0,
            deadline=4.0,
            offset=3.2,
        ),
    )
    assert assignment.runs[0].expires == datetime(2027, 1, 31, 12, tzinfo=UTC)


def test_a_report_reads_as_in_the_formats() -> None:
    body = b"""{"host": "con-01", "stream": "6f1d", "seq": 812, "sent": "2027-01-31T12:00:00Z",
      "probe": {"version": "0.1.0", "loop_lag": 0.0004, "spooled": 0, "late": 0},
      "results": [{"check": 17, "at": "2027-01-31T12:00:00Z", "run": null, "outcome": "open"}],
      "facts": {"listening": ["tcp/443"], "os": "windows", "versions": {},
                "firewall": {"enabled": true, "stealth": true}},
      "sightings": []}"""

    report = msgspec.json.decode(body, type=Report)

    assert report.results == (
        Result(check=17, at=datetime(2027, 1, 31, 12, tzinfo=UTC), outcome=Outcome.OPEN),
    )
    assert (report.facts.listening, report.facts.os) == (("tcp/443",), "windows")


def test_a_neighbour_of_another_release_may_say_more() -> None:
    body = b'{"revision": "a", "host": "b", "checks": [], "later": 1}'

    assert msgspec.json.decode(body, type=Assignment).runs == ()


def test_a_body_encodes_to_json() -> None:
    assert to_json({"seq": 812}) == b'{"seq":812}'
