"""Gaps in the register: who runs each account, who can log in, what was checked when.

All of it is housekeeping: lines on Monday's list, never in the nightly digest. An account of which the register knows
nothing but its name gets one line. Accounts out of scope (schools, 1.3; partners' own, 2.6) are left alone.

- 2.2: managers regularly assess the channels of their service, so each account has an owner and a last review.
- 2.3 and 2.8: each administrator is authorised by a manager, trained, and has read the policy.
- 3.8: the register says at which hours an account is monitored, or that it is around the clock.
- 5.5: for accounts outside the scheduler it says where the credentials are kept (a reference, never the secret) and
  when the password was last changed: regularly, and when somebody leaves or moves. "Change the password" stays on the
  list until it was changed on or after that day, and until the code no longer goes to that person.
- 5.6: two-factor sign-in was seen to be on, somebody's device gets its code, and two people can log in.
- 8.2: an account of the fire service of the kind "professional" is approved by its chief officer too (section 5.5),
  and the fire administrator, if the settings name one, runs every account of that service (section 2.4).

That somebody approved a professional account at all (3.7) is told by the rule about bios. The policy says how often
only of reviews of itself ("yearly", 6.1); every number of months below is our choice.

Settings, all optional (`[policies.register]`):

    matters = ["record", "owner", ...]    # what to tell of; see below
    review_months = 12        # an account is reviewed again after so long
    two_factor_months = 12    # two-factor sign-in is looked at again after so long
    password_months = 12      # a password outside the scheduler is changed again after so long
    logins = 2                # how many people can log in at least
    not_monitored = ["wordpress"]             # platforms on which nobody answers
    fire_services = ["fire-and-rescue"]       # services to which 8.2 applies
    chief_fire_officer = "chief fire officer" # how approved_by names that officer
    fire_administrator = ""                   # who runs every account of the fire service
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from freeze.accounts import Account
from freeze.findings import Finding, Level
from freeze.ports import World
from freeze.register import Administrator, Record, mentions, overdue, person
from freeze.texts.bios import hours_from
from freeze.windows import london, say_day

ID = "register"
TITLE = "The register: who runs each account, and what was checked"
CLAUSES = ("2.2", "2.3", "2.8", "3.8", "5.5", "5.6", "8.2")

Matter = Literal[
    "record",
    "owner",
    "administrator",
    "authorised",
    "trained",
    "policy read",
    "logins",
    "two-factor",
    "code",
    "credentials",
    "password",
    "leaver",
    "review",
    "hours",
    "fire",
]
"""What may be the matter with an account."""

Found = tuple[Matter, str, str, str, str]
"""The matter, its clause, what tells it apart from others of the kind, what is said, and what to do."""


def _about(unit: str, clause: str) -> dict[str, Any]:
    return {"unit": unit, "clause": clause}


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    matters: tuple[Matter, ...] = Field(
        default=get_args(Matter), description="what is told of", json_schema_extra=_about("matters", "2.2 to 5.6")
    )
    review_months: int = Field(
        default=12,
        ge=1,
        le=120,
        strict=True,
        description="how long after its last review an account is reviewed again",
        json_schema_extra=_about("months", "2.2"),
    )
    two_factor_months: int = Field(
        default=12,
        ge=1,
        le=120,
        strict=True,
        description="how long after it was last seen to be on two-factor sign-in is looked at again",
        json_schema_extra=_about("months", "5.6"),
    )
    password_months: int = Field(
        default=12,
        ge=1,
        le=120,
        strict=True,
        description="how long after its last change a password outside the scheduler is changed again",
        json_schema_extra=_about("months", "5.5"),
    )
    logins: int = Field(
        default=2,
        ge=1,
        le=20,
        strict=True,
        description="how many people can log in at least",
        json_schema_extra=_about("people", "5.6"),
    )
    not_monitored: tuple[str, ...] = Field(
        default=("wordpress",),
        description="platforms on which nobody answers, so that no hours are asked for",
        json_schema_extra=_about("platforms", "3.8"),
    )
    fire_services: tuple[str, ...] = Field(
        default=("fire-and-rescue",),
        description="services to which the fire and rescue part of the policy applies",
        json_schema_extra=_about("services", "8.2"),
    )
    chief_fire_officer: str = Field(
        default="chief fire officer",
        min_length=1,
        description="how approved_by names the chief officer of the fire service",
        json_schema_extra=_about("", "8.2"),
    )
    fire_administrator: str = Field(
        default="",
        description="who runs every account of the fire service; empty: not asked for",
        json_schema_extra=_about("", "8.2"),
    )


def inspect(options: Options, world: World) -> Iterable[Finding]:
    """What is missing or overdue on each registered account in scope, one finding for each matter."""
    facts = world.facts
    today = london(facts.now).date()
    for account in facts.accounts.values():
        if not account.registered or not account.in_scope:
            continue
        record = facts.records.get(account.id)
        inside = account.id in facts.in_scheduler
        found = _all(account, record, options, today, inside=inside) if record else [_NOTHING]
        for matter, clause, about, said, step in found:
            if matter in options.matters:
                yield Finding(
                    clause=clause,
                    level=Level.HOUSEKEEPING,
                    sentence=f"{account.name} ({account.platform}): {said}",
                    next_step=step,
                    account=account.id,
                    about=about,
                )


def _edit(account: Account, words: str) -> str:
    return f"freeze accounts edit {account.id} {words}"


_NOTHING: Found = (
    "record",
    "2.2",
    "record",
    "the register does not say who runs it or who can log in.",
    "Fill in the columns and import it again: freeze accounts export register.csv",
)


def _all(account: Account, record: Record, options: Options, today: date, *, inside: bool) -> Iterator[Found]:
    yield from _owner(account, record, today)
    if record.administrators or record.access or record.code_goes_to or record.two_factor_on or record.credentials_at:
        yield from _administrators(account, record, options, today)
        yield from _leavers(account, record, today)
        yield from _sign_in(account, record, options, today)
        if not inside:
            yield from _credentials(account, record, options, today)
    else:
        yield _NOTHING
    yield from _review(account, record, options, today)
    yield from _hours(account, record, options)
    yield from _fire(account, record, options, today)


def _owner(account: Account, record: Record, today: date) -> Iterator[Found]:
    if not account.owner:
        yield "owner", "2.2", "owner", "nobody is named as its owner.", _edit(account, "--owner NAME")
        return
    gone = [a for a in record.administrators if a not in record.present(today) and mentions(account.owner, a.name)]
    for a in gone:
        said = f"its owner, {a.name}, {_went(a)}."
        yield "owner", "2.2", f"owner {person(a.name)}", said, _edit(account, "--owner NAME")


def _administrators(account: Account, record: Record, options: Options, today: date) -> Iterator[Found]:
    here = record.present(today)
    if not here:
        step = _edit(account, '--administrator "NAME; authorised by NAME; trained DATE; policy read DATE"')
        yield "administrator", "2.3", "administrator", "nobody is named as its administrator.", step
    gaps: tuple[tuple[Matter, str, str, str, list[Administrator]], ...] = (
        ("authorised", "2.3", "no manager's authorisation is on record for", "authorised by NAME",
         [a for a in here if not a.authorised_by]),
        ("trained", "2.8", "no training is on record for", "trained DATE", [a for a in here if a.trained_on is None]),
        ("policy read", "2.8", "no day on which they read the policy is on record for", "policy read DATE",
         [a for a in here if a.policy_read_on is None]),
    )  # fmt: skip
    for matter, clause, said, part, who in gaps:
        if who:
            names = ", ".join(a.name for a in who)
            about = f"{matter}: {', '.join(sorted(person(a.name) for a in who))}"
            yield matter, clause, about, f"{said} {names}.", _edit(account, f'--administrator "{who[0].name}; {part}"')
    if here or record.access:
        able = record.able(today)
        if len(able) < options.logins:
            who_can = f"only {', '.join(able)}" if able else "nobody on record"
            said = f"{who_can} can log in; it takes at least {options.logins} people."
            yield "logins", "5.6", "logins", said, _edit(account, "--access NAME")


def _leavers(account: Account, record: Record, today: date) -> Iterator[Found]:
    for a in record.open_leavers():
        if a.left_on is None or a.left_on > today:
            continue
        todo = ["change the password"] if record.password_known_to(a) else []
        steps = ["--password-changed-on DATE"] if todo else []
        if record.code_comes_to(a.name):
            todo.append("let its code go to somebody else's device")
            steps.append("--code-goes-to NAME")
        step = "Do it, then: " + _edit(account, " ".join(steps))
        about = f"leaver {person(a.name)} {a.left_on}"
        yield "leaver", "5.5", about, f"{' and '.join(todo)}: {a.name} {_went(a)}.", step


def _went(a: Administrator) -> str:
    day = say_day(a.left_on) if a.left_on else "an unknown day"
    return f"moved to other work on {day}" if a.moved else f"left on {day}"


def _sign_in(account: Account, record: Record, options: Options, today: date) -> Iterator[Found]:
    if overdue(record.two_factor_on, options.two_factor_months, today):
        on = record.two_factor_on
        seen = f"was last looked at on {say_day(on)}" if on else "was never checked"
        step = f"Look, then: {_edit(account, '--two-factor-on DATE')}"
        yield "two-factor", "5.6", "two-factor", f"two-factor sign-in {seen}.", step
    if not record.code_with:
        said = "nobody is named to whose device the second factor's code goes."
        yield "code", "5.6", "code", said, _edit(account, "--code-goes-to NAME")


def _credentials(account: Account, record: Record, options: Options, today: date) -> Iterator[Found]:
    if not record.credentials_at:
        said = "it is outside the scheduler, and the register does not say where its credentials are kept."
        step = f"{_edit(account, '--credentials-at WHERE')} (a reference, never the password itself)"
        yield "credentials", "5.5", "credentials", said, step
    if overdue(record.password_changed_on, options.password_months, today):
        changed = f"on {say_day(record.password_changed_on)}" if record.password_changed_on else "on no known day"
        said = f"it is outside the scheduler, and its password was last changed {changed}."
        step = f"Change it, then: {_edit(account, '--password-changed-on DATE')}"
        yield "password", "5.5", "password", said, step


def _review(account: Account, record: Record, options: Options, today: date) -> Iterator[Found]:
    if overdue(record.reviewed_on, options.review_months, today):
        last = f"was last reviewed on {say_day(record.reviewed_on)}" if record.reviewed_on else "was never reviewed"
        yield "review", "2.2", "review", f"it {last}.", f"Look at it, then: freeze accounts review {account.id}"


def _hours(account: Account, record: Record, options: Options) -> Iterator[Found]:
    if record.around_the_clock or account.platform in options.not_monitored:
        return
    step = _edit(account, '--hours "Mon-Fri 9am-5pm"')
    if not record.hours:
        yield "hours", "3.8", "hours", "the register does not say when it is monitored.", step
    elif hours_from(record.hours) is None:
        yield "hours", "3.8", "hours", f"its hours, “{record.hours}”, cannot be read as days and times.", step


def _fire(account: Account, record: Record, options: Options, today: date) -> Iterator[Found]:
    if account.service not in options.fire_services:
        return
    chief = options.chief_fire_officer
    if record.kind == "professional" and chief.casefold() not in record.approved_by.casefold():
        said = f"it is a professional account of the fire service, and no approval by the {chief} is on record."
        step = f"Ask the {chief}, then: " + _edit(account, '--approved-by "..."')
        yield "fire", "8.2", "fire approval", said, step
    name = options.fire_administrator
    if name and person(name) not in {person(a.name) for a in record.present(today)}:
        said = f"{name} runs every account of the fire service, and is not among its administrators."
        yield "fire", "8.2", "fire administrator", said, _edit(account, f'--administrator "{name}"')
