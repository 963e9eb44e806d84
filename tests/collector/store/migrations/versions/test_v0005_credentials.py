"""A store of the first release takes credentials once it was brought up to this one."""

import sqlite3
from contextlib import closing
from pathlib import Path

from collector.credentials import Credential, Enrolment, Joined, Right, digest_of
from collector.memory import Changes
from collector.store.sqlite import url_of
from collector.store.store import Store
from tests.collector.store.opened import load, write
from tests.collector.store.samples import LATER, NOON

FIRST = Path(__file__).parents[4] / "data" / "stores" / "0001.sql"
CREDENTIAL = Credential(
    name="é", right=Right.OPERATOR, sha256=digest_of("gwt_1"), created=NOON, until=LATER
)
ENROLMENT = Enrolment(sha256=digest_of("gwe_1"), created=NOON, until=LATER, left=2, group="hq")
JOINED = Joined(address="10.9.0.9", group="hq", site=None, at=NOON, enrolment=ENROLMENT.id)


async def test_it_lets_in_from_then_on_and_takes_back(tmp_path: Path) -> None:
    file = tmp_path / "gatewatch.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(FIRST.read_text(encoding="utf-8"))
    given = Changes(
        credentials={CREDENTIAL.id: CREDENTIAL},
        enrolments={ENROLMENT.id: ENROLMENT},
        joined={"pc-9": JOINED},
    )
    taken = Changes(
        credentials={CREDENTIAL.id: None}, enrolments={ENROLMENT.id: None}, joined={"pc-9": None}
    )

    async with Store.open(url_of(file)) as store:
        await write(store, [given])
    async with Store.open(url_of(file)) as store:
        held = await load(store)
        await write(store, [taken])
        gone = await load(store)

    assert held is not None
    assert (held.credentials, held.enrolments, held.joined) == (
        given.credentials,
        given.enrolments,
        given.joined,
    )
    assert gone is not None
    assert (gone.credentials, gone.enrolments, gone.joined) == ({}, {}, {})
