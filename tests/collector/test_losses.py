from datetime import timedelta

import pytest

from collector.estate import Estate
from flows.phases import Phase
from tests.collector.samples import (
    CONNECTED,
    CONSOLE,
    FAULT,
    FILTERED,
    INVENTORY,
    REFUSED,
    SILENT,
    SYSLOG,
    SYSLOG_UDP,
    at,
    started,
    tell,
    turn,
)

TLS = "syslog-tls:ah-02>log-01:tcp/5614"


@pytest.mark.parametrize("path", [SYSLOG, TLS])
def test_logs_over_tcp_and_tls_are_lost_a_day_after_the_break(estate: Estate, path: str) -> None:
    tell(estate, {path: CONNECTED})
    turn(estate, {path: REFUSED}, 100)

    assert estate.loss_at(path, at(200)) == at(100) + timedelta(hours=24)


def test_logs_over_udp_are_lost_at_once(estate: Estate) -> None:
    tell(estate, {SYSLOG_UDP: SILENT})
    turn(estate, {SYSLOG_UDP: REFUSED}, 100)

    assert estate.loss_at(SYSLOG_UDP, at(200)) == at(100)


def test_nothing_is_lost_while_the_server_is_reached(estate: Estate) -> None:
    tell(estate, {SYSLOG: CONNECTED, SYSLOG_UDP: SILENT})

    assert estate.loss_at(SYSLOG, at(1)) is None
    assert estate.loss_at(SYSLOG_UDP, at(1)) is None


def test_one_odd_measurement_loses_nothing(estate: Estate) -> None:
    tell(estate, {SYSLOG: CONNECTED})
    tell(estate, {SYSLOG: REFUSED}, 15)

    assert estate.loss_at(SYSLOG, at(20)) is None


def test_a_break_that_shows_otherwise_is_still_the_same_break(estate: Estate) -> None:
    turn(estate, {SYSLOG: REFUSED})
    turn(estate, {SYSLOG: FILTERED}, 7200)

    assert estate.loss_at(SYSLOG, at(7300)) == at(0) + timedelta(hours=24)


def test_a_probe_that_cannot_measure_mends_nothing(estate: Estate) -> None:
    turn(estate, {SYSLOG: REFUSED})
    turn(estate, {SYSLOG: FAULT}, 60)

    assert estate.loss_at(SYSLOG, at(100)) == at(0) + timedelta(hours=24)


def test_the_loss_is_over_when_the_server_is_reached_again(estate: Estate) -> None:
    turn(estate, {SYSLOG: REFUSED})
    turn(estate, {SYSLOG: CONNECTED}, 60)

    assert estate.loss_at(SYSLOG, at(100)) is None


def test_a_loss_outlives_staleness_and_a_restart(estate: Estate) -> None:
    turn(estate, {SYSLOG: REFUSED})
    memory = estate.memory

    again = started(cells=memory.cells, breaks=memory.breaks, check_ids=memory.check_ids)

    assert again.loss_at(SYSLOG, at(9999)) == at(0) + timedelta(hours=24)


def test_only_syslog_loses_logs(estate: Estate) -> None:
    turn(estate, {CONSOLE: REFUSED})

    assert estate.loss_at(CONSOLE, at(10)) is None


def test_a_path_that_is_only_advised_tells_of_no_loss() -> None:
    text = INVENTORY[: INVENTORY.index("handler_groups:")]
    estate = started(text, Phase.BASELINE)
    turn(estate, {SYSLOG: REFUSED})

    assert estate.loss_at(SYSLOG, at(10)) is None
