"""Campaigns: a long or a major one is agreed with Communications first.

Clause 3.5. A campaign is told by a tag such as "campaign:warm-homes" that a person puts on its posts. Among what is
scheduled it is major with more than `posts` posts and long with more than `weeks` weeks from its first to its last;
both numbers are our choice, as the policy names none. Then an agreement has to be on record that stands to its last day
(`freeze agree --campaign TAG --by NAME`). One line for each campaign, however many posts it has.

Settings, all optional (`[policies.campaigns]`):

    posts = 10             # more make it major
    weeks = 4              # more make it long
    prefix = "campaign:"   # how tags that name a campaign begin
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from freeze.agreements import Agreement, Matter
from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import GOES_OUT, Post, same_words
from freeze.windows import london, say_day
from policies._words import about, named

ID = "campaigns"
TITLE = "Campaigns"
CLAUSES = ("3.5",)


def _levelled(value: object) -> object:
    return same_words(value) if isinstance(value, str) else value


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    posts: int = Field(
        default=10,
        ge=1,
        strict=True,
        description="how many scheduled posts a campaign may have without an agreement",
        json_schema_extra=about("posts", "3.5"),
    )
    weeks: int = Field(
        default=4,
        ge=1,
        le=520,
        strict=True,
        description="how long a campaign may last without an agreement",
        json_schema_extra=about("weeks", "3.5"),
    )
    prefix: Annotated[str, BeforeValidator(_levelled)] = Field(
        default="campaign:",
        min_length=1,
        description="how a tag begins that names a campaign",
        json_schema_extra=about("", "3.5"),
    )


class _Campaign:
    """The posts of one campaign, each counted once however often it was seen."""

    def __init__(self) -> None:
        self.posts: set[int] = set()
        self.times: tuple[datetime, datetime] | None = None
        """When the first and the last are due."""
        self.services: set[str] = set()

    def add(self, p: Post, at: datetime) -> None:
        """Count a post."""
        if (one := p.same_as or p.id) not in self.posts:
            self.posts.add(one)
            self.times = (min(self.times[0], at), max(self.times[1], at)) if self.times else (at, at)
            self.services.add(p.service or p.account)


class Across:
    """Tells the campaigns of the posts still to come."""

    def __init__(self, options: Options, facts: Facts) -> None:
        self._options, self._facts = options, facts
        self._found: dict[str, _Campaign] = {}
        self._read: dict[tuple[str, ...], list[str]] = {}
        """What was read of tags, which many posts share."""

    def see(self, posts: Sequence[Post]) -> None:
        """Count these posts."""
        facts = self._facts
        for p in posts:
            if not p.tags or p.state not in GOES_OUT or p.intended_at is None or p.intended_at < facts.now:
                continue
            account = facts.accounts.get(p.account)
            if account is None or account.in_scope:
                for name in self._names(p.tags):
                    self._found.setdefault(name, _Campaign()).add(p, p.intended_at)

    def _names(self, tags: tuple[str, ...]) -> list[str]:
        if tags not in self._read:
            levelled, prefix = map(same_words, tags), self._options.prefix
            self._read[tags] = [name for t in levelled if t.startswith(prefix) and (name := t[len(prefix) :].strip())]
        return self._read[tags]

    def findings(self) -> Iterator[Finding]:
        """One conflict for each long or major campaign without an agreement to its last day."""
        yield from _told(self._options, self._facts, self._found)


def across(options: Options, facts: Facts) -> Across:
    """What tells the campaigns as posts go by."""
    return Across(options, facts)


def _told(options: Options, facts: Facts, found: Mapping[str, _Campaign]) -> Iterator[Finding]:
    for name, campaign in sorted(found.items()):
        assert campaign.times is not None
        first, last = (london(at).date() for at in campaign.times)
        count, long = len(campaign.posts), last - first > timedelta(weeks=options.weeks)
        if count <= options.posts and not long:
            continue
        given = _agreed(name, options, facts)
        if any(a.stands(last) for a in given):
            continue
        services = named(sorted(campaign.services), most=6)
        yield Finding(
            clause="3.5",
            level=Level.CONFLICT,
            sentence=f'The campaign "{name}" has {count:,} posts from {say_day(first)} to {say_day(last)}, and '
            f"{_lacks(given)}. It is run by {services}.",
            next_step=f'Agree it with Communications; then: freeze agree --campaign "{name}" --by NAME --until {last}',
            about=name,
        )


def _agreed(name: str, options: Options, facts: Facts) -> list[Agreement]:
    """The agreements to this campaign, however its tag was written, the first one first."""
    return [
        a
        for a in facts.agreements
        if a.matter is Matter.CAMPAIGN and same_words(a.campaign).removeprefix(options.prefix).strip() == name
    ]


def _lacks(given: Sequence[Agreement]) -> str:
    ends: list[date] = [a.until for a in given if a.until is not None]
    if ends:
        return f"what was agreed with Communications ends on {say_day(max(ends))}"
    return "no agreement with Communications is on record"
