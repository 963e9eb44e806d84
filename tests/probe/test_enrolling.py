"""A probe exchanges its enrolment token once; whatever breaks off on the way may be tried again."""

import hashlib
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from flows.errors import GatewatchError
from flows.messages import to_json
from probe.client import Access
from probe.enrolling import PREFIX, address_towards, enrol
from probe.settings import Settings


class Collector:
    """Takes exchanges, or drops the connection before it answers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.drops = 0
        self.status = 200

    async def exchange(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        if self.drops:
            self.drops -= 1
            assert request.transport is not None
            request.transport.abort()
        if self.status != 200:
            problem = {"type": "x", "title": "x", "status": self.status, "detail": "used up"}
            return web.Response(status=self.status, body=to_json(problem))
        return web.json_response({"host": "con-01", "joined": False})

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/api/v1/enrol", self.exchange)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


def settings(url: str, folder: Path, *, token: bool = True) -> Settings:
    access = Access((url,), token_file=folder / "token" if token else None)
    return Settings(host="con-01", access=access, data=folder)


async def test_the_token_of_the_credential_never_travels(tmp_path: Path) -> None:
    collector = Collector()
    async with collector.at_work() as url:
        enrolled = await enrol(settings(url, tmp_path), "gwe_1", lambda: "chance")

    own = (tmp_path / "token").read_text().strip()
    assert (enrolled.host, own) == ("con-01", f"{PREFIX}chance")
    assert collector.asked == [
        {
            "token": "gwe_1",
            "host": "con-01",
            "sha256": hashlib.sha256(own.encode()).hexdigest(),
            "address": "127.0.0.1",
        }
    ]
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    assert not (tmp_path / "token.new").exists()


async def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_token(
    tmp_path: Path,
) -> None:
    collector, chances = Collector(), iter(["first", "second"])
    collector.drops = 1
    async with collector.at_work() as url:
        with pytest.raises(GatewatchError):
            await enrol(settings(url, tmp_path), "gwe_1", lambda: next(chances))
        await enrol(settings(url, tmp_path), "gwe_1", lambda: next(chances))

    assert collector.asked[0] == collector.asked[1]
    assert (tmp_path / "token").read_text().strip() == f"{PREFIX}first"


async def test_a_token_that_was_only_half_written_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "token.new").write_text("gw")
    async with Collector().at_work() as url:
        await enrol(settings(url, tmp_path), "gwe_1", lambda: "chance")

    assert (tmp_path / "token").read_text().strip() == f"{PREFIX}chance"


async def test_who_is_not_let_in_keeps_its_old_credential(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("gwt_old\n")
    collector = Collector()
    collector.status = 403
    async with collector.at_work() as url:
        with pytest.raises(GatewatchError, match="used up"):
            await enrol(settings(url, tmp_path), "gwe_1", lambda: "chance")

    assert (tmp_path / "token").read_text() == "gwt_old\n"


async def test_a_file_for_the_credential_is_needed(tmp_path: Path) -> None:
    with pytest.raises(GatewatchError, match=r"names no token_file"):
        await enrol(settings("http://127.0.0.1:1", tmp_path, token=False), "gwe_1", lambda: "x")


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"

    with pytest.raises(GatewatchError, match=r"cannot be kept in .*token\.new: No such file"):
        await enrol(settings("http://127.0.0.1:1", nowhere), "gwe_1", lambda: "x")


@pytest.mark.parametrize(
    ("url", "address"),
    [("http://127.0.0.1:8642", "127.0.0.1"), ("https://[::1]", "::1")],
)
def test_the_address_is_the_one_that_leads_there(url: str, address: str) -> None:
    assert address_towards(url) == address
