"""A crisis: what is scheduled stops at once on the accounts concerned, and listening begins.

Clause 4.3. Four signs tell a crisis from a bad day: it is the only topic and negative; it is emotive or touches the
council's reputation; it has consequences in law; the press has it. The account's own user posts one listening response,
then stops, gathers what is said, and tells the manager and Communications. A group is formed; one person who approves
messages is helpful. It does not end at five o'clock. It is over when the account is back to normal, and is evaluated.

This rule prepares one pause. Its accounts must be named, so that a service lead can start it on those of the own
service (2.1). It starts now; signs, group, approver and reviews follow (`freeze crisis`). Its end is provisional: a
question that is asked again every day, never an end by itself. How long until it is asked, and how often a crisis is
reviewed, the clause does not say; the defaults are our choice.

Settings, all optional (`[policies.crisis]`):

    end_days = 3          # days after which the end is asked about
    review_hours = 24     # hours from one review to the next, where no other time was agreed
    reason = "..."        # recorded when nobody gives another
    authority = "..."     # who or what allows the pause, likewise
    always = [...]        # kinds of post that it never holds
    by_permission = [...] # kinds of post that a standing permission may let through (freeze allow --kind)

Kinds of post are told by tag or account, never from the text. As in a royal death, warnings, school closures, statutory
notices and service status always pass (our choice, to be confirmed by the Head of Communications), and a message about
a risk to life passes under every pause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from freeze.findings import Finding, Level
from freeze.ports import Assumed, Facts, FreezeView, Preset, World
from freeze.windows import Window, say
from policies._kinds import ALWAYS, Kind, about

ID = "crisis"
TITLE = "A crisis on an account"
CLAUSES = ("4.3",)


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    end_days: int = Field(
        default=3,
        ge=1,
        le=60,
        strict=True,
        description="how long after its start the end is asked about; it never ends by itself",
        json_schema_extra=about("days", "4.3"),
    )
    review_hours: int = Field(
        default=24,
        ge=1,
        le=720,
        strict=True,
        description="how long from one review to the next, where no other time was agreed",
        json_schema_extra=about("hours", "4.3"),
    )
    reason: str = Field(
        default="A crisis on these accounts",
        min_length=1,
        description="why, where nobody gives another reason",
        json_schema_extra=about("", "4.3"),
    )
    authority: str = Field(
        default="Clause 4.3 of the social media policy",
        min_length=1,
        description="who or what allows it, where nobody says otherwise",
        json_schema_extra=about("", "4.3"),
    )
    always: tuple[Kind, ...] = Field(
        default=ALWAYS,
        description="kinds of post that it never holds",
        json_schema_extra=about("kinds of post", "4.3"),
    )
    by_permission: tuple[Kind, ...] = Field(
        default=("flood", "public-health"),
        description="kinds of post that a standing permission may let through",
        json_schema_extra=about("kinds of post", "4.3"),
    )


def presets(options: Options) -> Sequence[Preset]:
    """The one prepared pause of this rule."""

    def end(start: datetime, _d_day: date | None) -> Assumed:
        asked = start + timedelta(days=options.end_days)
        because = f"A crisis has no set end: on {say(asked)} it is asked whether it is over, and every day after."
        return Assumed((Window(start, asked, "a crisis, until it is said to be over"),), True, None, because)

    return (
        Preset(
            name=ID,
            aliases=(),
            title="Crisis",
            clause="4.3",
            default_everything=False,
            reason=options.reason,
            authority=options.authority,
            end=end,
            always=options.always,
            by_permission=options.by_permission,
        ),
    )


def inspect(options: Options, world: World) -> Iterable[Finding]:
    """A review that is overdue, what is not on record yet, longer hours, and what the approver was not asked about."""
    for f in world.facts.freezes:
        if f.preset == ID and f.holding and f.crisis is not None and f.windows[0].start <= world.facts.now:
            yield from _one(options, f, world.facts)


def _one(options: Options, f: FreezeView, facts: Facts) -> Iterator[Finding]:
    crisis = f.crisis
    assert crisis is not None
    due = crisis.review_due(f.windows[0].start, timedelta(hours=options.review_hours))
    if facts.now >= due:
        yield _finding(
            f,
            Level.CONFLICT,
            "review",
            f"A review of {f.label} was due {say(due)}: is it over, and are the right people in the group?",
            f'Record it: freeze crisis {f.id} --review "..." --next-review TIME',
        )
    lacking = {"its signs": crisis.signs, "its group": crisis.group, "who approves messages": crisis.approver}
    missing = [name for name, there in lacking.items() if not there]
    if missing:
        yield _finding(
            f,
            Level.NOTE,
            "record",
            f"Not on record yet of {f.label}: {', '.join(missing)}.",
            f"Add it when there is time: freeze crisis {f.id} --sign S --group NAME --approver NAME",
        )
    if crisis.hours_until is not None and facts.now < crisis.hours_until:
        until = say(crisis.hours_until)
        yield _finding(
            f,
            Level.NOTE,
            "hours",
            f"The accounts of {f.label} are watched for longer than their bios say, until {until}.",
            "Hours beyond the working day count as time in lieu.",
        )
    responses = {p for _, p in crisis.listening}
    for p in facts.allowing.permissions:
        if p.freeze != f.id or p.withdrawn_at is not None or p.about_life or p.ref in responses:
            continue
        if not crisis.asked(p.given_by):
            yield _finding(
                f,
                Level.NOTE,
                p.ref,
                f"{p.ref} was let through {f.label} by {p.given_by}; {crisis.approver or crisis.deputy}, who approves "
                "its messages, was not asked.",
                f"Tell the approver; to take it back: freeze allow --withdraw {p.ref}",
            )


def _finding(f: FreezeView, level: Level, about: str, sentence: str, next_step: str) -> Finding:
    return Finding("4.3", level, sentence, next_step, freeze=f.id, about=about)
