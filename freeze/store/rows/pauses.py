"""Pauses, what is let through them, and ways back that were shown."""

from datetime import datetime
from typing import Any

from freeze.permissions import How
from freeze.store.rows.fields import Row, instant, named, number, record, refers, said, series, truth, valued
from freeze.store.rows.marks import AT, AUDIT, DAY, ID, NAMED, NO, OTHERS, STAFF, STORE, Mark, yes


class Declaration(Row, table=True):
    """A declared freeze. `key` names one that stands by itself, such as a yearly silence; `details` are a crisis's."""

    __tablename__ = "declaration"

    id: int | None = number(Mark(ID, NO, AUDIT))
    preset: str = named(Mark("a prepared pause's name", NO, AUDIT))
    title: str = said(Mark("words", NO, AUDIT))
    policy: str = said(Mark("a rule's id", NO, AUDIT))
    clause: str = said(Mark("a clause of the policy", NO, AUDIT))
    scope: dict[str, Any] = record(Mark("a JSON scope", NO, AUDIT))
    windows: list[Any] = series(Mark("a JSON list of spans, UTC", NO, AUDIT))
    provisional: bool = truth(Mark("yes or no", NO, AUDIT))
    d_day: str = said(Mark(DAY, NO, AUDIT))
    because: str = said(Mark("a sentence", NO, AUDIT))
    reason: str = said(Mark("a sentence", yes(NAMED, "whose death or what crisis it is"), AUDIT))
    authority: str = said(Mark("a name or an office", yes(STAFF, "on whose authority publishing stopped"), AUDIT))
    declared_at: datetime = instant(Mark(AT, NO, AUDIT))
    declared_by: str = said(Mark("a name and a user", yes(STAFF, "who declared it"), AUDIT))
    rehearsal: bool = truth(Mark("yes or no", NO, AUDIT))
    ended_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    ended_how: str = said(Mark("early, completed or by mistake", NO, AUDIT))
    announced_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    announced_source: str = said(Mark("an address", NO, AUDIT))
    key: str = said(Mark("the name of a date that comes every year", NO, AUDIT))
    details: dict[str, Any] = record(
        Mark(
            "a JSON record",
            yes(STAFF, "who is in the crisis group, and who approves"),
            AUDIT,
        )
    )


class Permission(Row, table=True):
    """One post, or a standing kind of post, allowed through one freeze by somebody with a reason."""

    __tablename__ = "permission"

    id: int | None = number(Mark(ID, NO, AUDIT))
    declaration: int = refers(Mark("a pause's number", NO, AUDIT), foreign="declaration.id", index=True)
    how: How = valued(Mark("a `freeze.permissions.How`", NO, AUDIT), How)
    post: int | None = refers(Mark("a post's number", NO, AUDIT), foreign="post.id", index=True, null=True)
    kind: str = said(Mark("a kind of post", NO, AUDIT))
    words: str = said(
        Mark(
            "words meant for the public",
            yes(NAMED, "a message may name people; only these words pass"),
            AUDIT,
        )
    )
    accounts: list[Any] = series(Mark("a JSON list of accounts", NO, AUDIT))
    reason: str = said(Mark("a sentence", NO, AUDIT))
    directed_by: str = said(
        Mark(
            "a body and a name",
            yes(OTHERS, "who directed a message about a risk to life (clause 4.1)"),
            AUDIT,
        )
    )
    given_by: str = said(Mark("a name and a user", yes(STAFF, "who allowed it"), AUDIT))
    given_at: datetime = instant(Mark(AT, NO, AUDIT))
    until: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)
    withdrawn_at: datetime | None = instant(Mark(AT, NO, AUDIT), null=True)


class PutBackPlan(Row, table=True):
    """A way back that somebody saw: times stay as shown, so its digest stands for it."""

    __tablename__ = "put_back_plan"

    digest: str = named(Mark("a seal, hexadecimal", NO, STORE), primary=True)
    declaration: int = refers(Mark("a pause's number", NO, STORE), foreign="declaration.id", index=True)
    items: list[Any] = series(Mark("a JSON list of holds and instants, UTC", NO, STORE))
    made_at: datetime = instant(Mark(AT, NO, STORE))
