"""The journal: one writer, groups of work, nothing claimed before its commit, and a failure that nobody can miss."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from freeze.errors import CouldNotKnow, NotWritten, StoreError
from freeze.holds import Change, Expected, HoldState, Kind, Step
from freeze.pauses.freezes import Freeze
from freeze.ports import Scope
from freeze.posts import Locator, Seen, State
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import posts as post_store
from freeze.store.database import Database, connect, migrate
from freeze.store.holds import ToHold
from freeze.store.journal import Journal, Outcome, Transaction, once
from freeze.store.log import lines, verify
from freeze.windows import Window

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)

PAUSE = Freeze(
    number=0,
    preset="royal-death",
    title="Royal death",
    policy="royal-death",
    clause="",
    scope=Scope(everything=True),
    windows=(Window(NOW, NOW + timedelta(days=10), ""),),
    provisional=False,
    d_day=None,
    because="",
    reason="",
    authority="",
    declared_at=NOW,
    declared_by="tests",
)


@pytest.fixture
def db(store_url: str, tmp_path: Path) -> Iterator[Database]:
    made = connect(store_url, tmp_path)
    migrate(made, NOW)
    yield made
    made.close()


def a_hold(db: Database, native: str) -> tuple[int, int]:
    """A hold that is requested, and its intent."""
    seen = Seen(Locator("memory", "a", native), State.SCHEDULED, NOW, text=native)
    change = Change(Kind.DRAFT, "made a draft", (Step("PUT", f"/posts/{native}"),), Expected(State.DRAFT))

    def write(tx: Transaction) -> tuple[int, int]:
        tx.c.execute(
            text("INSERT INTO account(id, registered, in_scope) VALUES('a', true, true) ON CONFLICT DO NOTHING")
        )
        if not freeze_store.all_of(tx.c):
            freeze_store.insert_unless(tx.c, PAUSE, lambda _there: None)
        post = post_store.take_in(tx.c, [seen], {("memory", "a"): "a"}, NOW)[0]
        run = hold_store.begin_run(tx.c, "declare", "tests", NOW)
        hold, intent = hold_store.open_holds(tx.c, run, [ToHold(post, seen, change, (1,))], NOW)[0]
        assert intent is not None
        return hold.id, intent.id

    return once(db, "tests", write)


def outcome(hold: int, intent: int | None, state: HoldState = HoldState.CONFIRMED) -> Outcome:
    return Outcome(
        connection="memory",
        at=NOW,
        hold=hold,
        state=state.value,
        detail="",
        event=f"hold.{state.value}",
        data={},
        intent=intent,
        intent_state=state.value if intent else "",
        checked=True,
    )


def test_a_piece_of_work_is_committed_before_its_caller_goes_on(db: Database) -> None:
    with Journal(db, "tests") as journal:
        for n in range(5):
            journal.call(lambda tx, n=n: tx.log(NOW, "step", {"n": n}))  # type: ignore[misc]
            with db.read() as c:
                assert [x.data for x in lines(c)][-1] == f'{{"n": {n}}}'


def test_many_workers_share_few_commits_and_keep_the_log_whole(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = 0
    plain = Database.write

    @contextmanager
    def counted(self: Database) -> Iterator[Connection]:
        nonlocal commits
        with plain(self) as c:
            yield c
        commits += 1

    monkeypatch.setattr(Database, "write", counted)
    with Journal(db, "tests") as journal:
        gate = threading.Barrier(16)

        def work(who: int) -> None:
            gate.wait()
            for _ in range(12):
                journal.call(lambda tx: tx.log(NOW, "step", {"who": who}))

        workers = [threading.Thread(target=work, args=(i,)) for i in range(16)]
        for w in workers:
            w.start()
        for w in workers:
            w.join()
    assert commits < 16 * 12 / 2
    with db.read() as c:
        assert verify(lines(c)) == (16 * 12, "")


def test_an_outcome_its_hold_and_its_log_line_are_written_together(db: Database) -> None:
    hold, intent = a_hold(db, "n1")
    with Journal(db, "tests") as journal:
        journal.outcome(outcome(hold, intent))
    with db.read() as c:
        assert [h.state for h in hold_store.holds(c)] == [HoldState.CONFIRMED]
        assert hold_store.unfinished(c) == {}
        assert [x.event for x in lines(c)] == ["hold.confirmed"]


def test_work_sees_the_outcomes_handed_in_before_it(db: Database) -> None:
    hold, intent = a_hold(db, "n1")
    with Journal(db, "tests") as journal:
        journal.outcome(outcome(hold, intent))
        assert journal.call(lambda tx: [h.state.value for h in hold_store.holds(tx.c)]) == ["confirmed"]


def test_outcomes_of_one_group_keep_their_order(db: Database) -> None:
    hold, intent = a_hold(db, "n1")
    with Journal(db, "tests") as journal:
        for state in (HoldState.HELD, HoldState.UNCONFIRMED, HoldState.CONFIRMED, HoldState.CHANGED):
            journal.outcome(outcome(hold, intent, state))
    with db.read() as c:
        assert [h.state for h in hold_store.holds(c)] == [HoldState.CHANGED]
        assert [x.event.removeprefix("hold.") for x in lines(c)] == ["held", "unconfirmed", "confirmed", "changed"]


def test_one_bad_piece_of_work_takes_no_other_with_it(db: Database) -> None:
    busy, go = threading.Event(), threading.Event()
    answers: dict[str, object] = {}

    def slow(tx: Transaction) -> None:
        busy.set()
        assert go.wait(5)

    def hand_in(name: str, work: Callable[[Transaction], object]) -> threading.Thread:
        def run() -> None:
            try:
                answers[name] = journal.call(work)
            except CouldNotKnow as e:
                answers[name] = e

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    lost: list[str] = []
    journal = Journal(db, "tests", lost=lost.append)
    with journal:
        workers = [hand_in("slow", slow)]
        assert busy.wait(5)
        workers += [hand_in(f"good {n}", lambda tx: tx.log(NOW, "good", {})) for n in range(4)]
        workers.append(hand_in("bad", lambda tx: tx.c.execute(text("INSERT INTO no_such_table VALUES (1)"))))
        journal.later(lambda tx: tx.c.execute(text("INSERT INTO nor_this_one VALUES (1)")))
        while journal._queue.qsize() < 6:
            time.sleep(0.001)
        go.set()
        for w in workers:
            w.join()
        journal.call(lambda tx: tx.log(NOW, "good", {}))
    bad = answers.pop("bad")
    assert isinstance(bad, NotWritten)
    assert "no_such_table" in str(bad)
    assert set(answers.values()) == {None}
    assert ["nor_this_one" in why for why in lost] == [True], "what nobody waited for is told all the same"
    with db.read() as c:
        assert verify(lines(c)) == (5, "")


def test_nothing_more_is_begun_once_the_store_failed(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    hold, intent = a_hold(db, "n1")
    plain = Database.write

    @contextmanager
    def full(self: Database) -> Iterator[Connection]:
        with plain(self) as c:
            yield c
            raise StoreError("The disk is full.")

    monkeypatch.setattr(Database, "write", full)
    with pytest.raises(StoreError, match="full"), Journal(db, "tests") as journal:  # noqa: PT012 - each is looked at
        journal.outcome(outcome(hold, intent))
        with pytest.raises(StoreError, match="full"):
            journal.call(lambda tx: tx.log(NOW, "next", {}))
        with pytest.raises(StoreError, match="full"):
            journal.call(lambda tx: tx.log(NOW, "the one after", {}))
    monkeypatch.undo()
    with db.read() as c:
        assert [h.state for h in hold_store.holds(c)] == [HoldState.REQUESTED]
        assert list(hold_store.unfinished(c)) == [hold], "the purpose is still there for the next run to settle"
        assert list(lines(c)) == []


def test_an_outcome_that_could_not_be_written_is_not_swallowed(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    hold, intent = a_hold(db, "n1")

    @contextmanager
    def full(self: Database) -> Iterator[Connection]:
        raise StoreError("The disk is full.")
        yield

    monkeypatch.setattr(Database, "write", full)
    with pytest.raises(StoreError, match="full"), Journal(db, "tests") as journal:
        journal.outcome(outcome(hold, intent))


def test_a_post_cannot_have_two_open_holds(db: Database) -> None:
    a_hold(db, "n1")
    with pytest.raises(StoreError):
        a_hold(db, "n1")
    with db.read() as c:
        assert len(hold_store.holds(c)) == 1
