"""Requests for information that reached an account: where each stands, when it is due, by when it must be passed on.

A record says how a request came and when it is due. It never holds who asked or what for: that goes to whoever answers.
All dates are London dates. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from freeze.clocks.answers import Answer, Receipt
from freeze.clocks.regimes import NAMES
from freeze.clocks.statutory import due
from freeze.clocks.workdays import Calendar, Holidays
from freeze.ports import RequestView

PAIRS = (("clarification_asked", "clarification_received"), ("fees_notice", "fee_received"))


class State(StrEnum):
    """Where a request stands."""

    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"
    PASSED_ON = "passed on"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `dates` are what happened to it, by the keys of `freeze.clocks.regimes.DATES`."""

    number: int
    channel: str
    account: str
    link: str
    received: str
    received_on: date
    regime: str
    logged_at: datetime
    logged_by: str
    dates: Mapping[str, date] = field(default_factory=dict)
    due: date = date.max
    safe_target: date = date.max
    pass_on_by: date = date.max
    acknowledged_at: datetime | None = None
    passed_on_at: datetime | None = None
    reference: str = ""
    answered_on: date | None = None
    closed_at: datetime | None = None
    closed_because: str = ""
    purged_at: datetime | None = None

    @property
    def ref(self) -> str:
        """The short id people type."""
        return f"r{self.number}"

    @property
    def state(self) -> State:
        """The farthest step taken."""
        if self.closed_at is not None:
            return State.CLOSED
        if self.passed_on_at is not None:
            return State.PASSED_ON
        return State.SEEN if self.acknowledged_at is None else State.ACKNOWLEDGED

    @property
    def waits_for(self) -> str:
        """What was asked of the sender and has not come; empty where nothing was."""
        missing = [b for a, b in PAIRS if a in self.dates and b not in self.dates]
        return {"clarification_received": "clarification", "fee_received": "the fee"}[missing[0]] if missing else ""


def answer(r: Request, holidays: Holidays) -> Answer:
    """The due date of a request by this calendar. What was asked of the sender counts once it came."""
    half = {k for pair in PAIRS if not all(k in r.dates for k in pair) for k in pair}
    if NAMES.get(r.regime, r.regime).startswith(("foi", "eir")):
        half.discard("clarification_received")  # a new receipt, whenever the question was asked
    used = {k: d for k, d in r.dates.items() if k not in half or (k == "fee_received" and r.regime.startswith("sar"))}
    return due(r.regime, Receipt(r.received, r.received_on), holidays, used)


def computed(r: Request, holidays: Holidays, desk: Calendar) -> Request:
    """The request with its dates worked out by this calendar, and by the council's own for passing it on."""
    a = answer(r, holidays)
    return replace(r, due=a.due, safe_target=a.safe_target, pass_on_by=desk.add(r.received_on, 1))


def view(r: Request, today: date, holidays: Holidays) -> RequestView:
    """The request as rules see it."""
    ahead = r.due >= today
    first, last = (today, r.due) if ahead else (r.due, today)
    left = holidays.uk.count(first, last)
    return RequestView(
        id=r.ref,
        regime=r.regime,
        account=r.account,
        received=r.received_on,
        due=r.due,
        safe_target=r.safe_target,
        pass_on_by=r.pass_on_by,
        passed_on=r.passed_on_at is not None,
        working_days_left=left if ahead else -left,
        provisional=r.due.year > holidays.until,
        waits_for=r.waits_for,
    )
