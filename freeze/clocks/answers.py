"""What is asked of the clocks and what they answer: a receipt with its London date, and a due date with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from freeze.clocks.workdays import checked
from freeze.errors import UsageError
from freeze.windows import LONDON, civil_to_instant, london, say_day


@dataclass(frozen=True, slots=True)
class Receipt:
    """When something arrived: as it was given, the London date of it, and what had to be assumed."""

    given: str
    day: date
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A weekday that was not counted, and why."""

    day: date
    title: str
    nations: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"date": self.day.isoformat(), "title": self.title, "nations": list(self.nations)}


@dataclass(frozen=True, slots=True)
class Answer:
    """A due date and everything needed to check it by hand. `counted` holds day 1, day 2 and so on."""

    regime: str
    received: str
    received_date: date
    due: date
    safe_target: date
    working_days: int | None
    skipped: tuple[Skipped, ...]
    rule: str
    provisional: bool
    notes: tuple[str, ...]
    counted: tuple[date, ...] = ()

    def json(self) -> dict[str, Any]:
        """For `--json` and batches; dates are ISO 8601, London."""
        return {
            "regime": self.regime,
            "received": self.received,
            "received_date": self.received_date.isoformat(),
            "due": self.due.isoformat(),
            "safe_target": self.safe_target.isoformat(),
            "working_days": self.working_days,
            "skipped": [s.json() for s in self.skipped],
            "rule": self.rule,
            "provisional": self.provisional,
            "notes": list(self.notes),
        }


def receipt(text: str, what: str = "--received") -> Receipt:
    """A date, or an ISO 8601 time turned into the London date it fell on.

    A time without a zone is taken as London time, and the notes say so. Raises UsageError for what is not a date, and
    for a London time that the clocks skipped.
    """
    given = text.strip()
    try:
        return Receipt(given, checked(date.fromisoformat(given)))
    except ValueError:
        pass
    try:
        face = datetime.fromisoformat(given)
    except ValueError:
        raise UsageError(
            f'{what} "{given}" is not a date or time.', "Write it like 2026-06-01 or 2026-06-01T23:50."
        ) from None
    checked(face.date())
    if face.tzinfo is not None:
        here = london(face)
        moved = f"{face:%H:%M} at the offset given is {here:%H:%M} in London, on {say_day(here.date())}."
        return Receipt(given, checked(here.date()), (moved,) if here.date() != face.date() else ())
    assumed = f"No zone was given: {face:%H:%M} is taken as London time (Europe/London)."
    first, second = (face.replace(tzinfo=LONDON, fold=n) for n in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Receipt(given, face.date(), (assumed,))
    if first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) == face:
        twice = (
            f"{face:%H:%M} on {say_day(face.date())} is ambiguous: it happens twice, because the clocks go back that "
            "night. Both are the same London date, so the due date is the same."
        )
        return Receipt(given, face.date(), (assumed, twice))
    civil_to_instant(face, what=what)  # says that the clocks skipped it
    raise AssertionError(given)
