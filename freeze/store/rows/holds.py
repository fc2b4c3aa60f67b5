"""Holds, the journal, the runs, and what went out."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy import text as sql

from freeze.holds import HoldState, Verb
from freeze.store.rows.fields import Row, counted, instant, named, number, record, refers, said, valued
from freeze.store.rows.marks import AT, AUDIT, ID, NAMED, NO, OUT, STAFF, TURN, Mark, yes


class Hold(Row, table=True):
    """One locator taken out of its queue; at most one open hold each."""

    __tablename__ = "hold"
    __table_args__ = (Index("hold_open", "post", unique=True, sqlite_where=sql("closed_at IS NULL")),)

    id: int | None = number(Mark(ID, NO, AUDIT))
    post: int = refers(Mark("a post's number", NO, AUDIT), foreign="post.id", index=True)
    state: HoldState = valued(Mark("a `freeze.holds.HoldState`", NO, AUDIT), HoldState)
    kind: str = said(Mark("a `freeze.holds.Kind`", NO, AUDIT))
    why: str = said(Mark("a sentence", NO, AUDIT))
    clicks: str = said(Mark("what a person presses", NO, AUDIT))
    before: dict[str, Any] = record(
        Mark(
            "a JSON reading, whole",
            yes(NAMED, "the words a post had before it was held"),
            AUDIT,
        )
    )
    expected: dict[str, Any] = record(Mark("a JSON reading in short", NO, AUDIT))
    expires_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    opened_at: datetime = instant(Mark(AT, NO, AUDIT))
    checked_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    closed_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    detail: str = said(Mark("a sentence", NO, AUDIT))
    decision: str = said(Mark("next-slot, at, keep or cancel", NO, AUDIT))
    decided_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    decided_time: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    decided_by: str = said(Mark("a name and a user", yes(STAFF, "who decided what happens to it"), AUDIT))


class HoldClaim(Row, table=True):
    """Which freezes hold a hold."""

    __tablename__ = "hold_claim"

    hold: int = refers(Mark("a hold's number", NO, AUDIT), foreign="hold.id", primary=True)
    declaration: int = refers(Mark("a pause's number", NO, AUDIT), foreign="declaration.id", primary=True)


class Intent(Row, table=True):
    """The journal: what a run meant to do, written before it did it, and what came of it."""

    __tablename__ = "intent"

    id: int | None = number(Mark(ID, NO, AUDIT))
    run: int = refers(Mark("a run's number", NO, AUDIT), foreign="run.id", index=True)
    hold: int = refers(Mark("a hold's number", NO, AUDIT), foreign="hold.id", index=True)
    verb: Verb = valued(Mark("a `freeze.holds.Verb`", NO, AUDIT), Verb)
    change: dict[str, Any] = record(
        Mark(
            "a JSON list of calls, without their secrets",
            yes(NAMED, "a call that makes a post again holds its words"),
            AUDIT,
        )
    )
    was: dict[str, Any] = record(Mark("a JSON reading in short", NO, AUDIT))
    state: str = named(Mark("where it stands", NO, AUDIT))
    sent: int = counted(Mark("a count of calls sent", NO, AUDIT))
    made: str = said(Mark("the platform's own id of what was made", NO, AUDIT))
    at: datetime = instant(Mark(AT, NO, AUDIT))
    done_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    detail: str = said(Mark("a sentence", NO, AUDIT))


class Run(Row, table=True):
    """One run of a command that may change a platform. `lost_at`: when another run found that it had died."""

    __tablename__ = "run"

    id: int | None = number(Mark(ID, NO, AUDIT))
    command: str = named(Mark("words", NO, AUDIT))
    who: str = said(Mark("a name and a user", yes(STAFF, "who ran it"), AUDIT))
    started_at: datetime = instant(Mark(AT, NO, AUDIT))
    ended_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    lost_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)


class Turn(Row, table=True):
    """Which runs may change a connection: only the latest; `left_at` is when a run made its last call there."""

    __tablename__ = "turn"

    connection: str = named(Mark("a connection of the settings", NO, TURN), primary=True)
    run: int = refers(Mark("a run's number", NO, TURN), foreign="run.id", primary=True, given=True)
    left_at: datetime | None = instant(Mark(AT, NO, TURN), null=True)


class WentOut(Row, table=True):
    """A post that went out inside a freeze: too late to stop, or a slip."""

    __tablename__ = "went_out"

    post: int = refers(Mark("a post's number", NO, OUT), foreign="post.id", primary=True)
    declaration: int = refers(Mark("a pause's number", NO, OUT), foreign="declaration.id", primary=True)
    at: datetime = instant(Mark(AT, NO, OUT))
    how: str = named(Mark("a word of `freeze.outs`", NO, OUT))
    why: str = said(Mark("a sentence", yes(STAFF, "who said so, where it cannot be read"), OUT))
