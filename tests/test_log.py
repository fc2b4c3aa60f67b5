"""The log finds every change, removal, reorder and truncation, with or without a head printed earlier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Practice
from hypothesis import given
from hypothesis import strategies as st
from office import Office
from sqlalchemy import text

from freeze.acts import log as act
from freeze.holds import Kind
from freeze.store.database import connect, migrate
from freeze.store.journal import Transaction, once
from freeze.store.log import GENESIS, Line, head, lines, seal, verify

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)


def a_log(n: int = 6) -> list[Line]:
    out: list[Line] = []
    previous = GENESIS
    for seq in range(1, n + 1):
        at, data = (NOW + timedelta(minutes=seq)).isoformat(), f'{{"post": {seq}}}'
        previous = seal(previous, seq, at, "J Larch", "hold.confirmed", data)
        out.append(Line(seq, at, "J Larch", "hold.confirmed", data, previous))
    return out


def head_of(log: list[Line]) -> str:
    return f"{log[-1].seq}-{log[-1].hash[:16]}"


def resealed(log: list[Line]) -> list[Line]:
    """The log as a forger would leave it who knows how lines are sealed."""
    out: list[Line] = []
    previous = GENESIS
    for seq, x in enumerate(log, start=1):
        previous = seal(previous, seq, x.at, x.actor, x.event, x.data)
        out.append(replace(x, seq=seq, hash=previous))
    return out


def test_a_whole_log_verifies_with_every_head_it_ever_had() -> None:
    log = a_log()
    assert verify(log) == (6, "")
    for n in range(1, 7):
        assert verify(log, head_of(log[:n])) == (6, "")
    assert verify([]) == (0, "")
    assert verify([], f"0-{GENESIS[:16]}") == (0, "")


@given(st.integers(0, 5), st.sampled_from(["at", "actor", "event", "data", "hash"]))
def test_a_changed_line_is_found_and_named(which: int, what: str) -> None:
    log = a_log()
    log[which] = replace(log[which], **{what: getattr(log[which], what) + "x"})
    stands, wrong = verify(log)
    assert stands == which
    assert f"line {which + 1} " in wrong


@given(st.integers(0, 4))
def test_a_line_taken_out_of_the_middle_is_found_without_a_head(which: int) -> None:
    log = a_log()
    del log[which]
    assert "missing or out of order" in verify(log)[1]


@given(st.permutations(range(6)))
def test_a_reordered_log_is_found_without_a_head(order: list[int]) -> None:
    log = a_log()
    changed = [log[i] for i in order]
    assert (verify(changed)[1] == "") == (order == list(range(6)))


@given(st.integers(0, 5))
def test_lines_cut_off_at_the_end_are_found_with_a_head_only(left: int) -> None:
    log = a_log()
    assert verify(log[:left]) == (left, ""), "nothing in the lines left can show that others followed"
    stands, wrong = verify(log[:left], head_of(log))
    assert stands == left
    assert "cut off" in wrong


@given(st.integers(0, 5))
def test_a_log_written_anew_from_some_line_on_is_found_with_a_head(which: int) -> None:
    log = a_log()
    forged = list(log)
    forged[which] = replace(forged[which], data='{"post": 99}')
    forged = resealed(forged)
    assert verify(forged)[1] == "", "a forger who seals everything anew leaves a log that is whole in itself"
    assert verify(forged, head_of(log))[1] != ""


def test_lines_are_sealed_in_order_and_kept_with_their_transaction(store_url: str, tmp_path: Path) -> None:
    db = connect(store_url, tmp_path)
    migrate(db, NOW)

    def two(tx: Transaction) -> None:
        tx.log(NOW, "first", {"words": "caf\N{LATIN SMALL LETTER E WITH ACUTE} \N{BOOKS}"})
        tx.log(NOW, "second", {})

    once(db, "J Larch", two)
    with db.read() as c:
        early = head(c)
    once(db, "R Alder", lambda tx: tx.log(NOW, "third", {"n": 1}))
    with db.read() as c:
        assert [(x.seq, x.actor, x.event) for x in lines(c)] == [
            (1, "J Larch", "first"),
            (2, "J Larch", "second"),
            (3, "R Alder", "third"),
        ]
        assert verify(lines(c), early) == (3, "")
    for tampering in (
        "UPDATE log_line SET data='{}' WHERE seq=1",
        "UPDATE log_line SET actor='Somebody Else' WHERE seq=2",
        "DELETE FROM log_line WHERE seq=2",
    ):
        with pytest.raises(ZeroDivisionError), db.write() as c:  # noqa: PT012 - undone by raising
            c.execute(text(tampering))
            assert verify(lines(c))[1] != "", tampering
            raise ZeroDivisionError
    db.close()


def test_the_command_says_what_is_wrong_and_ends_with_5(practice: Callable[..., Practice]) -> None:
    import sqlite3

    council = practice("empty")
    assert council.freeze("init").code == 0
    council.freeze("accounts", "import", "accounts.csv")
    good = council.json("log", "verify")
    assert good["whole"]
    assert council.freeze("log", "verify", "--head", good["head"]).code == 0
    with sqlite3.connect(council.db) as c:
        c.execute("DELETE FROM log_line WHERE seq=(SELECT max(seq) FROM log_line)")
    short = council.freeze("log", "verify")
    assert short.code == 5, "what is left is whole, but the mark outside the store knows a later line"
    assert "1 newer line is missing" in short.err
    (council.folder / "freeze.db.mark").unlink()
    assert council.freeze("log", "verify").code == 0, "without the mark only the head tells"
    cut = council.freeze("log", "verify", "--head", good["head"])
    assert cut.code == 5
    assert "THE LOG IS NOT WHOLE" in cut.out
    with sqlite3.connect(council.db) as c:
        c.execute("UPDATE log_line SET at='2022-01-01' WHERE seq=1")
    changed = council.freeze("log", "verify")
    assert changed.code == 5
    assert "line 1" in changed.out


def test_it_is_verified_and_exported_without_a_terminal(tmp_path: Path) -> None:
    office = Office(tmp_path / "council", {"quiet": Kind.DRAFT}, NOW)
    for n in range(3):
        once(office.app().store, "J Larch", lambda tx, n=n: tx.log(NOW, "hold.confirmed", {"post": n}))
    found = act.verify(office.app())
    assert (found.wrong, found.head) == ("", act.export(office.app()).head)
    every, last = act.export(office.app()).lines, act.export(office.app(), 2).lines
    assert len(every) == found.lines
    assert last == every[-2:]
    assert last[-1].data == '{"post": 2}'
    assert act.verify(office.app(), "99-0123456789abcdef").wrong
