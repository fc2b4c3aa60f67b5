"""Who a task goes to: its owner in working hours; outside them, whoever is on call. Pure.

Clause 3.8: nobody is expected to be there out of hours unless their contract says so; in an emergency people volunteer,
and get the time back. So out of hours a task goes to on-call people, else to volunteers, else to Communications, and
nobody who is off duty is ever late.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from freeze.windows import LONDON, london

if TYPE_CHECKING:
    from freeze.council.settings import Communications, Hours, Person


class Why(StrEnum):
    """Why somebody is asked."""

    OWNER = "owner"
    HOLDER = "can press it"
    ON_CALL = "on call"
    VOLUNTEER = "volunteer"
    COMMUNICATIONS = "nobody is on call or volunteered"

    @property
    def on_duty(self) -> bool:
        """Whether a task can be late with them; volunteers and Communications at night owe nothing."""
        return self in (Why.OWNER, Why.HOLDER, Why.ON_CALL)


@dataclass(frozen=True, slots=True)
class Reach:
    """Somebody to ask, and how to reach them; `email` and `phone` are empty where nobody noted them."""

    name: str
    email: str = ""
    phone: str = ""
    why: Why = Why.OWNER

    @property
    def said(self) -> str:
        """The name with the number, else the address."""
        return " ".join(x for x in (self.name, self.phone or self.email) if x)


def at_work(now: datetime, hours: Hours, working_day: Callable[[date], bool]) -> bool:
    """Whether the council is at work at `now`: a working day and a time of day in `hours`, Europe/London."""
    here = london(now)
    today = here.isoweekday() in hours.days and working_day(here.date())
    return today and time.fromisoformat(hours.opens) <= here.time() < time.fromisoformat(hours.closes)


def opens_next(now: datetime, hours: Hours, working_day: Callable[[date], bool]) -> datetime:
    """When the council is next at work, in UTC; `now` itself where no day in the coming month is a working day."""
    for ahead in range(32):
        day = london(now).date() + timedelta(days=ahead)
        opens = datetime.combine(day, time.fromisoformat(hours.opens), LONDON)
        if opens > now and day.isoweekday() in hours.days and working_day(day):
            return opens
    return now


def who(
    owner: Reach,
    services: Collection[str],
    people: Iterable[Person],
    communications: Communications,
    *,
    working: bool,
) -> tuple[Reach, ...]:
    """Who a task of these services goes to. Somebody with no services of their own covers them all."""
    team = Reach(communications.name, communications.email, communications.phone, Why.COMMUNICATIONS)
    if working:
        return (owner,) if owner.name else (Reach(team.name, team.email, team.phone, Why.OWNER),)
    mine = [p for p in people if not p.services or set(p.services) & set(services)]
    on_call = tuple(Reach(p.name, p.email, p.phone, Why.ON_CALL) for p in mine if p.on_call)
    volunteers = tuple(Reach(p.name, p.email, p.phone, Why.VOLUNTEER) for p in mine if p.volunteer)
    return on_call or volunteers or (team,)


def reach(name: str, contact: str, people: Iterable[Person]) -> Reach:
    """An owner as the register names them, with what the settings know of a person of that name."""
    known = next((p for p in people if p.name.casefold() == name.casefold()), None)
    email = contact if "@" in contact else (known.email if known else "")
    phone = contact if contact and "@" not in contact else (known.phone if known else "")
    return Reach(name, email, phone)
