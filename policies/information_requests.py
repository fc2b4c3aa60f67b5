"""Requests for information: they can arrive on any account, and a pause stops none of their clocks.

Clause 8.1: a request under freedom of information, environmental information or data protection law may come as a
comment or a private message, unnamed as such and without an email address. It is passed on quickly to those who answer
it, and the sender is thanked; in doubt a message is treated as one. The main alarm is a request that was not passed on
within one working day. How due dates are counted, and by which law, is in `freeze.statutory` and docs/clocks.md.

Settings, all optional (`[policies.information-requests]`):

    remind = []          # also tell when so many UK-wide working days are left, for example [10, 3]
    stale_after = 180    # days after which bank holidays that nobody compared with gov.uk's are told to be old
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from freeze.findings import Finding, Level
from freeze.ports import Facts, RequestView, World
from freeze.windows import Window, end_of, london, midnight, say_day

ID = "information-requests"
TITLE = "Requests for information: answer due"
CLAUSES = ("8.1",)

REFRESH = "Run: freeze workdays refresh https://www.gov.uk/bank-holidays.json"


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    remind: tuple[int, ...] = Field(
        default=(),
        description="Also tell when so many UK-wide working days are left, for example [10, 3].",
        json_schema_extra={"unit": "working days", "clause": "8.1"},
    )
    stale_after: int = Field(
        default=180,
        ge=1,
        le=3650,
        strict=True,
        description="Bank holidays that nobody compared with gov.uk's for so long are told to be old.",
        json_schema_extra={"unit": "days", "clause": "8.1"},
    )


def windows(options: Options, facts: Facts, span: Window) -> Iterable[Window]:  # noqa: ARG001 - the port's signature
    """Every London day on which answers are due, or that is a safe target, for the calendar; one window each."""
    days: dict[date, list[str]] = {}
    for r in facts.requests:
        due = f"{r.id}: an answer is due by the end of this day{' (provisional)' if r.provisional else ''}"
        days.setdefault(r.due, []).append(due)
        if r.safe_target != r.due:
            days.setdefault(r.safe_target, []).append(f"{r.id}: safe target, right on any reading of the law")
    for day, words in sorted(days.items()):
        window = Window(midnight(day), end_of(day), "; ".join(words))
        if window.start < span.end and span.start < window.end:
            yield window


def inspect(options: Options, world: World) -> Iterable[Finding]:
    """Requests not passed on, overdue or (if asked for) soon due; that a pause stops no clock; data that grew old."""
    facts = world.facts
    for r in facts.requests:
        yield from _request(r, options, facts)
    pauses = [f for f in facts.freezes if f.holding and any(facts.now in w for w in f.windows)]
    for f in pauses:
        yield Finding(
            clause=CLAUSES[0],
            level=Level.NOTE,
            sentence=f"During {f.label} the clocks of requests for information run on, and the inbox is not paused.",
            next_step="Keep reading messages and comments; note requests with: freeze foi log",
            freeze=f.id,
        )
    if facts.holidays_as_of is not None:
        yield from _data(options, facts, paused=bool(pauses))


def _request(r: RequestView, options: Options, facts: Facts) -> Iterator[Finding]:
    today = london(facts.now).date()
    account = r.account if r.account in facts.accounts else ""
    due = f"{r.id}, received {say_day(r.received)}, is due {say_day(r.due)}"
    if r.safe_target != r.due:
        due += f" (safe target {say_day(r.safe_target)})"
    if not r.passed_on and today > r.pass_on_by:
        yield Finding(
            clause=CLAUSES[0],
            level=Level.CONFLICT,
            sentence=f"{due}, and was not passed on within one working day (by {say_day(r.pass_on_by)}).",
            next_step=f"Pass it on now: freeze foi pass-on {r.id} --reference THEIRS",
            account=account,
            about=f"{r.id} pass on",
        )
    elif not r.passed_on:
        yield Finding(
            clause=CLAUSES[0],
            level=Level.NOTE,
            sentence=f"{due}, and is to be passed on by the end of {say_day(r.pass_on_by)}.",
            next_step=f"freeze foi pass-on {r.id} --reference THEIRS",
            account=account,
            about=f"{r.id} pass on",
        )
    if today > r.due:
        yield Finding(
            clause=CLAUSES[0],
            level=Level.CONFLICT,
            sentence=f"{due}: that day is over, and nobody recorded an answer.",
            next_step=f"Ask those who answer it; then: freeze foi answer {r.id} --on DATE",
            account=account,
            about=f"{r.id} overdue",
        )
    elif options.remind and r.working_days_left <= max(options.remind):
        yield Finding(
            clause=CLAUSES[0],
            level=Level.NOTE,
            sentence=f"{due}: working days left, {r.working_days_left}.",
            next_step=f"freeze foi show {r.id}",
            account=account,
            about=f"{r.id} reminder",
        )


def _data(options: Options, facts: Facts, *, paused: bool) -> Iterator[Finding]:
    as_of = facts.holidays_as_of
    assert as_of is not None
    age = (london(facts.now).date() - as_of).days
    if age > options.stale_after:
        yield Finding(
            clause=CLAUSES[0],
            level=Level.NOTE,
            sentence=f"The bank holidays were last compared with gov.uk's {age} days ago, on {say_day(as_of)}.",
            next_step=REFRESH,
            about="old bank holidays",
        )
    elif paused and age > 0:
        yield Finding(
            clause=CLAUSES[0],
            level=Level.NOTE,
            sentence="A bank holiday may be proclaimed during a pause, and moves due dates; the bank holidays were "
            f"last compared with gov.uk's on {say_day(as_of)}.",
            next_step=f"{REFRESH}, or: freeze workdays proclaim DATE TITLE --source S",
            about="bank holidays during a pause",
        )
