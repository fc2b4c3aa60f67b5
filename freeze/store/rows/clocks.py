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

    id: int | None = number(Mark(ID, NO, STORE))
    channel: str = said(Mark("words", NO, STORE))
    account: str = said(Mark("an account's id", NO, STORE))
    link: str = said(
        Mark(
            "an address",
            yes(OTHERS, "a public message shows who wrote it; freeze foi purge removes it"),
            PURGED,
        )
    )
    received: str = named(Mark("an instant as given, ISO 8601; its day alone once purged", NO, PURGED))
    received_on: str = named(Mark(DAY, NO, STORE))
    regime: str = said(Mark("a regime of `freeze.clocks.regimes`", NO, STORE))
    dates: dict[str, Any] = record(Mark("JSON: London dates by what happened", NO, STORE))
    due: str = named(Mark(DAY, NO, STORE))
    safe_target: str = named(Mark(DAY, NO, STORE))
    pass_on_by: str = named(Mark(DAY, NO, STORE))
    logged_at: datetime = instant(Mark(AT, NO, STORE))
    logged_by: str = said(Mark("a name and a user", yes(STAFF, "who saw it"), STORE))
    acknowledged_at: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    passed_on_at: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    reference: str = said(Mark("the council's own reference", NO, PURGED))
    answered_on: str = said(Mark(DAY, NO, STORE))
    closed_at: datetime | None = instant(Mark(AT, NO, STORE), null=True)
    closed_because: str = said(Mark("a sentence", NO, STORE))
    purged_at: datetime | None = instant(Mark(AT, NO, STORE), null=True)
