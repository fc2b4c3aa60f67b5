"""Bank holidays and requests for information."""

from datetime import datetime
from typing import Any

from freeze.store.rows.fields import Row, counted, instant, named, number, record, said, truth
from freeze.store.rows.marks import AT, DAY, ID, NO, OTHERS, PURGED, STAFF, STORE, Mark, yes


class HolidayChange(Row, table=True):
    """One change to the shipped bank holidays: a day that was proclaimed or published since, or ceased to be one."""

    __tablename__ = "holiday_change"

    id: int | None = number(Mark(ID, NO, STORE))
    day: str = named(Mark(DAY, NO, STORE))
    title: str = said(Mark("words", NO, STORE))
    nations: int = counted(Mark("a set of nations as bits", NO, STORE))
    source: str = said(Mark("who says so", NO, STORE))
    announced: str = said(Mark(DAY, NO, STORE))
    gone: bool = truth(Mark("yes or no", NO, STORE))
    at: datetime = instant(Mark(AT, NO, STORE))
    who: str = said(Mark("a name and a user", yes(STAFF, "who entered it"), STORE))


class InformationRequest(Row, table=True):
    """One information request that reached an account: how it came and when it is due, never who asked or for what."""

    __tablename__ = "information_request"

    id: int | None = number(Mark(ID, NO, PURGED))
    channel: str = said(Mark("words", NO, PURGED))
    account: str = said(Mark("an account's id", NO, PURGED))
    link: str = said(
        Mark(
            "an address",
            yes(OTHERS, "a public message shows who wrote it; freeze foi purge removes it"),
            PURGED,
        )
    )
    received: str = named(Mark("an instant as given, ISO 8601", NO, PURGED))
    received_on: str = named(Mark(DAY, NO, PURGED))
    regime: str = said(Mark("a regime of `freeze.clocks.regimes`", NO, PURGED))
    dates: dict[str, Any] = record(Mark("JSON: London dates by what happened", NO, PURGED))
    due: str = named(Mark(DAY, NO, PURGED))
    safe_target: str = named(Mark(DAY, NO, PURGED))
    pass_on_by: str = named(Mark(DAY, NO, PURGED))
    logged_at: datetime = instant(Mark(AT, NO, PURGED))
    logged_by: str = said(Mark("a name and a user", yes(STAFF, "who saw it"), PURGED))
    acknowledged_at: datetime | None = instant(Mark(AT, NO, PURGED), null=True)
    passed_on_at: datetime | None = instant(Mark(AT, NO, PURGED), null=True)
    reference: str = said(Mark("the council's own reference", NO, PURGED))
    answered_on: str = said(Mark(DAY, NO, PURGED))
    closed_at: datetime | None = instant(Mark(AT, NO, PURGED), null=True)
    closed_because: str = said(Mark("a sentence", NO, PURGED))
    purged_at: datetime | None = instant(Mark(AT, NO, PURGED), null=True)
