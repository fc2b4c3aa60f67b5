"""A store that refuses in the middle of a command: one sentence, exit 5, nothing half-applied, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import pytest
from conftest import POSTGRESQL, Practice, on_both_databases
from practising import PAGE, SITE, at, hamlet
from sqlalchemy import Connection, select
from test_event_files import ics

from freeze.store.database import connect
from freeze.store.tables import METADATA, POST

NOW = at("2022-09-08T18:40")
PLANTED = "planted by a test"
FUNCTION = (
    "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN {}; RETURN NEW; END $$ LANGUAGE plpgsql;"
    "CREATE TRIGGER refuses BEFORE INSERT ON log_line FOR EACH ROW EXECUTE FUNCTION refuse()"
)
LINE_REFUSED = {
    "sqlite": (
        f"CREATE TRIGGER refuses BEFORE INSERT ON log_line BEGIN SELECT RAISE(ABORT, '{PLANTED}'); END",
        "DROP TRIGGER refuses",
    ),
    "postgresql": (
        FUNCTION.format(f"RAISE EXCEPTION '{PLANTED}'"),
        "DROP TRIGGER refuses ON log_line; DROP FUNCTION refuse",
    ),
}
"""The log's line is the last thing that a command writes: what was written before it must be undone."""
SESSION_LOST = FUNCTION.format("PERFORM pg_terminate_backend(pg_backend_pid())")
WRITES: Sequence[Sequence[str]] = (
    ("agree", "{post}", "--sign-off", "--by", "Jo Smith"),
    ("accept", "--baseline", "--until", "2022-10-31"),
    ("foi", "log", "--received", "2022-09-08"),
    ("workdays", "proclaim", "2022-09-19", "State funeral", "--source", "The Gazette"),
    ("events", "import", "meetings.ics"),
    ("accounts", "edit", "anyshirecc-facebook", "--owner", "Jo Smith"),
    ("accounts", "import", "accounts.csv"),
    ("crisis", "--considered", "It was answered", "--account", "anyshirecc-facebook"),
    ("announce", "f1", "--source", "https://www.example.gov.uk/1"),
    ("allow", "{post}", "--reason", "Asked for"),
    ("allow", "{post}", "--risk-to-life"),
    ("allow", "--new", "We share the sorrow.", "--account", "anyshirecc-facebook", "--reason", "Asked for"),
    ("decide", "{post}", "--keep"),
    ("decide", "--all-missed", "--freeze", "f1", "--cancel", "{post}", "--yes"),
    ("extend", "f1", "--hole", "2022-09-15T10:00/2022-09-15T12:00"),
    ("declare", "silence", "--everything", "--from", "2022-09-11T11:00", "--yes"),
    ("end", "f1"),
    ("undo", "f1"),
)


@pytest.fixture
def village(practice: Callable[..., Practice]) -> Practice:
    """Two posts, held in a pause."""
    posts = (
        {**PAGE, "at": at("2022-09-10T10:00"), "text": "Join us"},
        {**SITE, "at": at("2022-09-10T10:00"), "text": "Fair"},
    )
    p = hamlet(practice, NOW, *posts)
    (p.folder / "meetings.ics").write_bytes(ics("SUMMARY:Full council\nDTSTART;TZID=Europe/London:20220912T180000"))
    assert p.freeze("declare", "menai-bridge", "--yes").code == 0
    return p


@contextmanager
def stored(p: Practice) -> Iterator[Connection]:
    with closing(connect(p.store_url, p.folder)) as db, db.write() as c:
        yield c


def execute(p: Practice, sql: str) -> None:
    with stored(p) as c:
        c.exec_driver_sql(sql)


def everything(p: Practice) -> dict[str, list[Any]]:
    """Every row of every table."""
    with stored(p) as c:
        return {t.name: sorted(map(repr, c.execute(select(t)))) for t in METADATA.sorted_tables}


def typed(p: Practice, args: Sequence[str]) -> list[str]:
    with stored(p) as c:
        post = c.execute(select(POST.c.id).where(POST.c.text == "Join us")).scalar_one()
    return [a.format(post=f"p{post}") for a in args]


def refused_plainly(p: Practice, args: Sequence[str]) -> str:
    """What was said; empty when it was said and done as it should."""
    before = everything(p)
    result = p.freeze(*typed(p, args))
    said = [x for x in result.err.splitlines() if x.strip()]
    wrong = {
        "code": result.code != 5,
        "words": len(said) != 1 or "Traceback" in result.err or "The guard itself failed" in result.err,
        "half-applied": everything(p) != before,
    }
    return "".join(f"freeze {' '.join(args)}: {k}: {result.code} {result.err}" for k, bad in wrong.items() if bad)


@on_both_databases
def test_a_write_that_fails_in_the_middle_undoes_the_whole_command(village: Practice, store: str) -> None:
    plant, mend = LINE_REFUSED[store]
    execute(village, plant)
    assert not [w for args in WRITES if (w := refused_plainly(village, args))]
    execute(village, mend)
    assert village.freeze("log", "verify").code == 0
    assert village.freeze(*typed(village, WRITES[0])).code == 0, "the store is as good as before"


@pytest.mark.postgres
@pytest.mark.parametrize("store", [POSTGRESQL])
def test_a_session_lost_in_the_middle_undoes_the_whole_command(village: Practice) -> None:
    execute(village, SESSION_LOST)
    assert not [w for args in WRITES if (w := refused_plainly(village, args))]
    execute(village, LINE_REFUSED[POSTGRESQL][1])
    assert village.freeze("log", "verify").code == 0
    assert village.freeze(*typed(village, WRITES[0])).code == 0, "the store is as good as before"
