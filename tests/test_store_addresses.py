"""Of a store's address nothing but host and database is ever said, however wrongly it was written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from practising import Making, at, hamlet
from sqlalchemy import Connection

from freeze.errors import FreezeError, StoreError
from freeze.store import alive, database
from freeze.store.addresses import parsed, said
from freeze.store.database import connect, opened

PIECES = ("hunter2Horse", "s3cretStaple")
BREAKERS = st.sampled_from(
    [*list("@:/?#%[] ;="), "%zz", "\x00", "\\", "//", "é", chr(0xD83D), "", "@:", "@/", "/@", "?@"]
)
SHAPES = st.sampled_from(
    [
        "postgresql://bob:{pw}@127.0.0.1:1/freeze",
        "postgresql://bob:{pw}@127.0.0.1/freeze",
        "postgresql+psycopg://bob:{pw}@127.0.0.1:1/freeze",
        "postgresql:/bob:{pw}@127.0.0.1:1/freeze",
        "postgresql:bob:{pw}@127.0.0.1/freeze",
        "postgresql://bob:{pw}",
        "postgresql://{pw}@127.0.0.1:1/freeze",
        "postgresql://{pw}:bob@127.0.0.1:1/freeze",
        "postgresql://127.0.0.1:{pw}/freeze",
        "postgresql://127.0.0.1:1/freeze?password={pw}",
        "postgresql://127.0.0.1:1/freeze?passwrod={pw}",
        "postgresql://127.0.0.1:1/freeze?sslmode={pw}",
        "postgresql://127.0.0.1:1/freeze?{pw}=1",
        "postgresql://127.0.0.1:1/freeze?plugin={pw}",
        "postgresql://127.0.0.1:1/freeze?host=bob:{pw}@127.0.0.1",
        "postgres://bob:{pw}@127.0.0.1:1/freeze",
        "mysql://bob:{pw}@127.0.0.1/freeze",
        "{pw}://bob@127.0.0.1/freeze",
        "sqlite://bob:{pw}@127.0.0.1/freeze",
        "sqlite:///bob:{pw}@freeze.db",
        "//bob:{pw}@127.0.0.1/freeze",
        "bob:{pw}@127.0.0.1/freeze",
        " postgresql://bob:{pw}@127.0.0.1/freeze",
        "jdbc:postgresql://127.0.0.1:1/freeze?user=bob&password={pw}",
    ]
)


HOST_LAST = ("postgresql://bob:{pw}", "postgresql://127.0.0.1:{pw}/freeze")


def tried(url: str) -> tuple[int, str]:
    """The exit code of opening a store, and everything that is said of it."""
    words = []
    try:
        db = connect(url, Path("/nonexistent"))
        words.append(db.said)
        try:
            opened(db)
        finally:
            db.close()
    except FreezeError as e:
        return e.exit_code, " ".join([*words, str(e)])
    return 0, " ".join(words)


@settings(max_examples=600)
@given(shape=SHAPES, breaker=BREAKERS, order=st.booleans())
def test_no_part_of_a_password_is_ever_said(shape: str, breaker: str, order: bool) -> None:
    pieces = PIECES if order else PIECES[::-1]
    url = shape.format(pw=breaker.join(pieces))
    assume(not (shape in HOST_LAST and breaker.startswith("@")))  # then a piece is where the host stands
    code, words = tried(url)
    assert code in (0, 2, 5)
    assert not [p for p in PIECES if p.lower() in words.lower()], words


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://u:p%40x@db.example.org/freeze", "PostgreSQL db.example.org/freeze"),
        ("postgresql+psycopg://u@10.0.0.5:6000/freeze?sslmode=require", "PostgreSQL 10.0.0.5/freeze"),
        ("postgresql://u@[::1]:5432/freeze-guard", "PostgreSQL ::1/freeze-guard"),
        ("postgresql:///freeze?host=/var/run/postgresql", "PostgreSQL /var/run/postgresql/freeze"),
        ("postgresql://u:@/postgres?host=/tmp/x/data", "PostgreSQL /tmp/x/data/postgres"),
    ],
)
def test_a_good_address_is_taken_and_said_by_host_and_database(url: str, words: str) -> None:
    found = parsed(url)
    assert found is not None
    assert said(found) == words


@pytest.mark.parametrize(
    "path", ["freeze.db", "/srv/freeze/freeze.db", "sqlite:///freeze.db", "a b/ö.db", "C:/x.db", "a@b.db"]
)
def test_a_path_stays_a_path(path: str) -> None:
    assert parsed(path) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "postgresql://h:99999/x",
        "postgresql://h:abc/x",
        "postgresql://h:-1/x",
        "postgresql://h/x?nope=1",
    ],
)
def test_a_command_with_a_wrong_address_ends_with_one_sentence(practice: Making, url: str) -> None:
    p = hamlet(practice, at("2022-09-08T18:40"))
    file = p.folder / "freeze.toml"
    shown = url.replace("\0", "\\u0000")
    file.write_text(re.sub(r'url = "freeze.db"', lambda _: f'url = "{shown}"', file.read_text()))
    for words in (["status"], ["init"], ["doctor"]):
        told = p.freeze(*words)
        assert told.code in (2, 5), told
        assert "The guard itself failed" not in told.err
        assert "store.url " in told.err + told.out


class Info:
    """What a session's beginning said."""

    def __init__(self, pid: int) -> None:
        self.backend_pid = pid


def test_a_pooler_before_postgresql_is_refused_before_anything_is_written(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    true = database.direct

    def pooled(c: Connection, said: str) -> None:
        class Fake:
            class connection:
                class dbapi_connection:
                    info = Info(7)

            def execute(self, *a: Any) -> Any:
                return c.execute(*a)

        true(Fake(), said)  # type: ignore[arg-type]

    monkeypatch.setattr(database, "direct", pooled)
    monkeypatch.setattr(alive, "direct", pooled)
    db = connect(postgres, tmp_path)
    for act in (lambda: database.migrate(db, datetime.now(UTC)), lambda: alive.hold(db, "nightly")):
        with pytest.raises(StoreError, match="connection pooler"):
            act()
    assert db.schema() is None
    db.close()
