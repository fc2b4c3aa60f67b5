"""The options with which `freeze accounts add` and `edit` name what the register says of an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import click

from freeze.accounts import Account
from freeze.errors import RefusedByRule, UsageError
from freeze.files.register import Row, changed, check, seen, value
from freeze.posts import Json
from freeze.register import Administrator, Record, of_a_councillor, person

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS: Mapping[str, tuple[str, str]] = {
    "handle": ("H", "How it is called on its platform."),
    "service": ("S", "The service it belongs to."),
    "owner": ("NAME", "Who answers for it (2.2)."),
    "contact": ("C", "How the owner is reached."),
    "in_scope": ("yes|no", "Whether the policy applies; else it follows from who administers it (1.3, 2.6)."),
    "kind": ("K", "corporate, service, professional, fire, internal, school ..."),
    "administered_by": ("WHO", 'council, partner, "council and partner" ... (2.6).'),
    "approved_by": ("WHO", "Who approved it (2.5, 3.7)."),
    "hours": ("TEXT", 'When it is monitored: "Mon-Fri 9am-5pm" (3.8).'),
    "around_the_clock": ("yes|no", "Contracted to be monitored at all hours (3.8)."),
    "two_factor_on": ("DATE", "When two-factor sign-in was last seen to be on (5.6)."),
    "code_goes_to": ("NAME", "To whose device its code goes (5.6)."),
    "credentials_at": ("WHERE", "Where its credentials are kept: a reference, never the secret (5.5)."),
    "access": ("NAMES", 'Who else can log in, all of them: "Jo Smith; Ann Lee" (5.5).'),
    "password_changed_on": ("DATE", "When its password was last changed (5.5)."),
    "reviewed_on": ("DATE", "When it was last reviewed (2.2)."),
}
"""Each field that one option sets: what it takes, and its help."""


def fields(f: F) -> F:
    """Give a command an option for every field, for administrators and for where the account is seen."""
    f = click.option("--seen-at", multiple=True, metavar="CONNECTION=ID", help="Where it is seen; may be repeated.")(f)
    f = click.option(
        "--without", multiple=True, metavar="NAME", help="Take this person off its administrators and its access list."
    )(f)
    f = click.option(
        "--administrator",
        multiple=True,
        metavar="TEXT",
        help='Add or change one: "Jo Smith; authorised by Ann Lee; trained DATE; policy read DATE" (2.3, 2.8).',
    )(f)
    for name, (metavar, said) in reversed(list(OPTIONS.items())):
        f = click.option(f"--{name.replace('_', '-')}", name, metavar=metavar, help=said)(f)
    return f


def row(account: Account, record: Record, typed: Mapping[str, Any], today: date) -> Row:
    """What was typed as a row of the register; fields nobody named are left out.

    Raises UsageError naming the option, RefusedByRule for an account of a councillor's own.
    """
    given: dict[str, Json] = {"name": account.name, "platform": account.platform}
    for name in OPTIONS:
        if typed[name] is not None:
            given[name] = _told(f"--{name.replace('_', '-')}", value, name, typed[name], today)
    if typed["administrator"] or typed["without"]:
        given |= _people(replace(record, access=given.get("access", record.access)), typed, today)
    kind, by = given.get("kind", record.kind), given.get("administered_by", record.administered_by)
    if of_a_councillor(kind, by):
        raise RefusedByRule(
            "A councillor's own account is not kept here (clause 2.4): the guard neither reads nor holds it.",
            "Keep a list of contacts elsewhere, to tell councillors of a pause.",
        )
    _told("--in-scope", check, {**given, "kind": kind, "administered_by": by})
    return Row(account.id, given, _told("--seen-at", seen, account.id, ";".join(typed["seen_at"])))


def _told(option: str, f: Callable[..., Any], *args: Any) -> Any:
    """What `f` gives. Raises UsageError in a whole sentence, with the option in front."""
    try:
        return f(*args)
    except UsageError as e:
        said = e.message.partition(": ")[2] or e.message
        raise UsageError(f"{option}: {said.rstrip('.')}.", e.advice) from None


def _people(record: Record, typed: Mapping[str, Any], today: date) -> dict[str, Json]:
    """The administrators and the access list once these people were taken off, and these added or changed."""
    gone = {person(name) for name in typed["without"]}
    names = {person(n) for n in (*(a.name for a in record.administrators), *record.access)}
    if missing := gone - names:
        known = ", ".join(sorted({*(a.name for a in record.administrators), *record.access})) or "nobody"
        raise UsageError(f'--without: "{min(missing)}" does not run it; who does: {known}.')
    kept: dict[str, Administrator] = {person(a.name): a for a in record.administrators if person(a.name) not in gone}
    for text in typed["administrator"]:
        if "|" in text:
            raise UsageError("--administrator: one person at a time.", "Repeat the option for each.")
        made = _told("--administrator", _one, kept, text, today)
        kept[person(made.name)] = made
    return {
        "administrators": tuple(kept.values()),
        "access": tuple(n for n in record.access if person(n) not in gone),
    }


def _one(kept: Mapping[str, Administrator], text: str, today: date) -> Administrator:
    return changed(kept.get(person(text.partition(";")[0])), text, today)
