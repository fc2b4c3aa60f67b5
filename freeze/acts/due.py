"""When something is due by law: answers to requests for information, and the notice of an election.

Quick to load: `freeze foi due` answers without settings, store or SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import IO, Any

from freeze.acts.app import App
from freeze.acts.holidays import holidays, today
from freeze.clocks import cases
from freeze.clocks.answers import Answer, Receipt
from freeze.report.due import age


def due(app: App, regime: str, at: Receipt, moments: Mapping[str, Receipt], *, code_reading: bool = False) -> Answer:
    """When an answer is due to what was received then; `moments` are the other dates that count, by name.

    For a regime that is an election, `at` is the poll and the answer is the latest day for its notice. Where the bank
    holidays are old, the answer says so. Raises UsageError.
    """
    from freeze.clocks.elections import BY_REGIME, notice

    found = holidays(app)
    if regime in BY_REGIME:
        a = notice(at.day, BY_REGIME[regime], found, given=at.given)
    else:
        a = cases.counted(regime, at, found, moments, code_reading=code_reading)
    old = age(found, today(app))
    return replace(a, notes=(*a.notes, old)) if old else a


def many(app: App, source: IO[bytes], *, code_reading: bool = False) -> Iterator[dict[str, Any]]:
    """The answer to each line of JSON, as data, or an `error`; one bad line never stops the others."""
    return cases.answers(source, holidays(app), code_reading=code_reading)


def election(app: App, poll: date, kind: str, days: int | None = None) -> Answer:
    """The latest day for the notice of election, `days` working days before the poll, else the kind's own.

    Raises UsageError for an unknown kind, a count that is not 1 or more, or a poll under older rules.
    """
    from freeze.clocks.elections import notice

    return notice(poll, kind, holidays(app), days)
