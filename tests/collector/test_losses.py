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

    assert estate.path_view(path, at(200)).loss_at == at(100) + timedelta(hours=24)


def test_logs_over_udp_are_lost_at_once(estate: Estate) -> None:
    tell(estate, {SYSLOG_UDP: SILENT})
    turn(estate, {SYSLOG_UDP: REFUSED}, 100)

    assert estate.path_view(SYSLOG_UDP, at(200)).loss_at == at(100)


def test_nothing_is_lost_while_the_server_is_reached(estate: Estate) -> None:
    tell(estate, {SYSLOG: CONNECTED, SYSLOG_UDP: SILENT})

    assert estate.path_view(SYSLOG, at(1)).loss_at is None
    assert estate.path_view(SYSLOG_UDP, at(1)).loss_at is None


def test_one_odd_measurement_loses_nothing(estate: Estate) -> None:
    tell(estate, {SYSLOG: CONNECTED})
    tell(estate, {SYSLOG: REFUSED}, 15)

    assert estate.path_view(SYSLOG, at(20)).loss_at is None


def test_a_break_that_shows_otherwise_is_still_the_same_break(estate: Estate) -> None:
    turn(estate, {SYSLOG: REFUSED})
    turn(estate, {SYSLOG: FILTERED}, 7200)

    assert estate.path_view(SYSLOG, at(7300)).loss_at == at(0) + timedelta(hours=24)


def test_a_probe_that_cannot_measure_mends_nothing(estate: Estate) -> None:
    turn(estate, {SYSLOG: REFUSED})
    turn(estate, {SYSLOG: FAULT}, 60)

    assert estate.path_view(SYSLOG, at(100)).loss_at == at(0) + timedelta(hours=24)


def test_the_loss_is_over_when_the_server_is_reached_again(estate: Estate) -> None:
    turn(estate, {SYSLOG: REFUSED})
    turn(estate, {SYSLOG: CONNECTED}, 60)

    assert estate.path_view(SYSLOG, at(100)).loss_at is None


def test_a_loss_outlives_staleness_and_a_restart(estate: Estate) -> None:
    turn(estate, {SYSLOG: REFUSED})
    memory = estate.memory

    again = started(cells=memory.cells, breaks=memory.breaks, check_ids=memory.check_ids)

    assert again.path_view(SYSLOG, at(9999)).loss_at == at(0) + timedelta(hours=24)


def test_only_syslog_loses_logs(estate: Estate) -> None:
    turn(estate, {CONSOLE: REFUSED})

    assert estate.path_view(CONSOLE, at(10)).loss_at is None


def test_a_path_that_is_only_advised_tells_of_no_loss() -> None:
    text = INVENTORY[: INVENTORY.index("handler_groups:")]
    estate = started(text, Phase.BASELINE)
    turn(estate, {SYSLOG: REFUSED})

    assert estate.path_view(SYSLOG, at(10)).loss_at is None
