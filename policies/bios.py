"""Bios: every account says when it is monitored, and a professional one says that it is.

Clause 3.8: nobody is expected to look at an account outside working hours, so every bio must state the days and times
at which it is monitored. A description that says nothing of it, that is vague ("in office hours"), or that states other
hours than the register, is housekeeping: a line on Monday's list, never in the nightly digest. How hours are told from
opening hours, telephone numbers and years stands in `freeze.bios`.

Clause 3.7: an account of the kind "professional" is approved, is named for the role and not for the person, says in its
bio that it is professional, and links to the council's pages. Whether it wears the council's brand is for a person to
judge. That a fire service's one is approved by its chief officer too (8.2, section 5.5) is on record in the same field.

During a crisis that is in force, a note names the accounts whose bios promise fewer hours than all: a crisis does not
end at five o'clock (4.3).

Settings, all optional (`[policies.bios]`):

    missing = false              # also list accounts whose description no program has read
    stale_after = 30             # days after which a description that was not read again is told to be old
    leave_out = ["wordpress"]    # platforms whose description is no bio
    council_domains = []         # addresses of the council's pages, for professional accounts; none: any link will do
    professional = ["professional"]   # kinds of account, on the register, that clause 3.7 is about
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from freeze.accounts import Account, KnownBio
from freeze.findings import Finding, Level
from freeze.ports import Facts, World
from freeze.register import Record
from freeze.texts.bios import Verdict
from freeze.texts.bios import judge as read_bio
from freeze.windows import say_day

ID = "bios"
TITLE = "Bios: when an account is monitored"
CLAUSES = ("3.8", "3.7")

NAMED = 5
"""Accounts that one note names."""
_LINK = re.compile(r"(?:https?://)?(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?![a-z0-9@])")
_NOT_PROFESSIONAL = re.compile(r"(?<![a-z])(?:not|non|un)[ -]?(?:a )?professional")

Domain = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]
"""An address without "https://" and without a path, in small letters."""


def _about(unit: str, clause: str) -> dict[str, Any]:
    return {"unit": unit, "clause": clause}


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    missing: bool = Field(
        default=False,
        strict=True,
        description="whether accounts whose description no program has read are listed too",
        json_schema_extra=_about("", "3.8"),
    )
    stale_after: int = Field(
        default=30,
        ge=1,
        le=3650,
        strict=True,
        description="how long a description counts that was not read again",
        json_schema_extra=_about("days", "3.8"),
    )
    leave_out: tuple[str, ...] = Field(
        default=("wordpress",),
        description="platforms whose description is no bio",
        json_schema_extra=_about("platforms", "3.8"),
    )
    council_domains: tuple[Domain, ...] = Field(
        default=(),
        description="addresses of the council's pages, to one of which a professional account links; none: any link",
        json_schema_extra=_about("addresses", "3.7"),
    )
    professional: tuple[str, ...] = Field(
        default=("professional",),
        description="kinds of account, on the register, that are one person's in a role",
        json_schema_extra=_about("kinds of account", "3.7"),
    )


def inspect(options: Options, world: World) -> Iterable[Finding]:
    """Bios that do not state their hours, that were not read for long, and what professional accounts lack."""
    facts = world.facts
    bios = {b.account: b for b in facts.bios}
    bare = Record()
    for account in facts.accounts.values():
        if not account.registered or not account.in_scope or account.platform in options.leave_out:
            continue
        record, bio = facts.records.get(account.id, bare), bios.get(account.id)
        if bio is not None:
            yield from _hours(account, record, bio)
            yield from _old(account, bio, options, facts)
        elif options.missing:
            yield _finding(
                account,
                "3.8",
                "no description",
                "no program has read its description, so whether it states its hours is not known.",
                "Look at it, and compare with: freeze bios suggest " + account.id,
            )
        if record.kind in options.professional:
            yield from _professional(account, record, bio, options)
    yield from _crisis(bios, options, facts)


def _finding(account: Account, clause: str, about: str, said: str, next_step: str) -> Finding:
    return Finding(
        clause=clause,
        level=Level.HOUSEKEEPING,
        sentence=f"{account.name} ({account.platform}): {said}",
        next_step=next_step,
        account=account.id,
        about=about,
    )


def _hours(account: Account, record: Record, bio: KnownBio) -> Iterator[Finding]:
    found = read_bio(bio.text, record.hours, around_the_clock=record.around_the_clock)
    if found.verdict is Verdict.STATES:
        return
    step = f"A wording that fits: freeze bios suggest {account.id}"
    if found.verdict is Verdict.DISAGREES:
        step = f"Correct the one that is wrong. {step}"
    yield _finding(account, "3.8", "hours", found.sentence[0].lower() + found.sentence[1:], step)


def _old(account: Account, bio: KnownBio, options: Options, facts: Facts) -> Iterator[Finding]:
    if (facts.now - bio.read_at).days >= options.stale_after:
        said = f"its description was last read on {say_day(bio.read_at.date())}, and may have changed since."
        yield _finding(account, "3.8", "old", said, "See why it cannot be read: freeze doctor")


def _professional(account: Account, record: Record, bio: KnownBio | None, options: Options) -> Iterator[Finding]:
    if not record.approved_by:
        yield _finding(
            account,
            "3.7",
            "approval",
            "it is a professional account, and nobody is on record as having approved it.",
            "Ask the head of Communications and record it on the register (approved_by).",
        )
    name = bio.name if bio is not None and bio.name else account.name
    words = set(re.findall(r"\w+", name.casefold()))
    people = [a.name for a in record.administrators if a.name and set(re.findall(r"\w+", a.name.casefold())) <= words]
    if people:
        yield _finding(
            account,
            "3.7",
            "name",
            f"it is a professional account, and its name, “{name}”, is that of a person and not of the role.",
            "Rename it after the role.",
        )
    if bio is None:
        return
    text = bio.text.casefold()
    if "professional" not in text or _NOT_PROFESSIONAL.search(text):
        yield _finding(
            account, "3.7", "says so", "its bio does not say that it is a professional account.", "Add it to the bio."
        )
    if not _linked(text, options.council_domains):
        where = f" ({', '.join(options.council_domains)})" if options.council_domains else ""
        said = f"it is a professional account, and its bio has no link to the council's pages{where}."
        yield _finding(account, "3.7", "link", said, "Add a link to the council's page for this role.")


def _linked(text: str, domains: tuple[str, ...]) -> bool:
    hosts = [m[0].removeprefix("https://").removeprefix("http://") for m in _LINK.finditer(text)]
    return any(not domains or any(h == d or h.endswith(f".{d}") for d in domains) for h in hosts)


def _crisis(bios: dict[str, KnownBio], options: Options, facts: Facts) -> Iterator[Finding]:
    for f in facts.freezes:
        if f.preset != "crisis" or not f.holding or not any(facts.now in w for w in f.windows):
            continue
        fewer = []
        for ident, bio in bios.items():
            account = facts.accounts.get(ident)
            if account is None or account.platform in options.leave_out or not f.scope.covers(account):
                continue
            hours = read_bio(bio.text).stated.hours
            if hours is not None and not hours.always:
                fewer.append(f"{account.name} ({account.platform}: {hours.said()})")
        if fewer:
            more = f" and {len(fewer) - NAMED} more" if len(fewer) > NAMED else ""
            yield Finding(
                clause="3.8",
                level=Level.NOTE,
                sentence=f"During {f.label} these bios promise fewer hours than all: {', '.join(fewer[:NAMED])}{more}.",
                next_step="If they are answered for longer now, say so in a pinned post or in the bio.",
                freeze=f.id,
                about="hours in a crisis",
            )
