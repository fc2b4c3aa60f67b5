"""What rules look at besides posts, and what is known and fine."""

from datetime import datetime
from typing import Any

from freeze.agreements import Matter
from freeze.store.rows.fields import Row, instant, named, number, said, series, truth, valued
from freeze.store.rows.marks import AT, AUDIT, DAY, ID, IMPORT, NO, OTHERS, STAFF, UNTIL, Mark, yes


class Event(Row, table=True):
    """One occurrence of something on the shared calendar, from one imported file."""

    __tablename__ = "event"

    id: int | None = number(Mark(ID, NO, IMPORT))
    source: str = named(Mark("the name of a file", NO, IMPORT), index=True)
    kind: str = said(Mark("a kind of `freeze.events`", NO, IMPORT))
    title: str = said(Mark("words", NO, IMPORT))
    service: str = said(Mark("a service of the council", NO, IMPORT))
    start: datetime = instant(Mark(AT, NO, IMPORT))
    end: datetime = instant(Mark(AT, NO, IMPORT))
    civil: str = said(Mark("how its time was written", NO, IMPORT))


class Agreement(Row, table=True):
    """That somebody accountable said yes to something."""

    __tablename__ = "agreement"

    id: int | None = number(Mark(ID, NO, AUDIT))
    matter: Matter = valued(Mark("a `freeze.agreements.Matter`", NO, AUDIT), Matter)
    given_by: str = said(Mark("a name and a user", yes(STAFF, "who said yes"), AUDIT))
    at: datetime = instant(Mark(AT, NO, AUDIT))
    posts: list[Any] = series(Mark("a JSON list of posts' numbers", NO, AUDIT))
    content: list[Any] = series(Mark("a JSON list of seals", NO, AUDIT))
    campaign: str = said(Mark("a name", NO, AUDIT))
    reference: str = said(Mark("words", yes(OTHERS, "a consent form may be known by a name"), AUDIT))
    until: str = said(Mark(DAY, NO, AUDIT))


class AcceptedFinding(Row, table=True):
    """A finding that is known and fine: `until` is the last London day on which it stays quiet."""

    __tablename__ = "accepted_finding"

    ref: str = named(Mark("a short id", NO, UNTIL), primary=True)
    reason: str = said(Mark("a sentence", NO, UNTIL))
    until: str = said(Mark(DAY, NO, UNTIL))
    at: datetime = instant(Mark(AT, NO, UNTIL))
    who: str = said(Mark("a name and a user", yes(STAFF, "who accepted it"), UNTIL))
    baseline: bool = truth(Mark("yes or no", NO, UNTIL))
    sentence: str = said(Mark("a sentence", NO, UNTIL))
