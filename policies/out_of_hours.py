"""Out of hours: posts that invite replies at a time when nobody looks at the account. Off unless settings turn it on.

Clause 3.8 is about monitoring and about bios: it forbids no post at any time. A council that wants to know can turn
this on, and gets a note for a post that goes out while its account is not monitored and that invites an answer (it asks
a question, or says "tell us", "comment below" and the like). The hours are those of the register, else those the bio
states, else `hours`; an account monitored around the clock has none of these. Bank holidays are not told apart.

Settings, all optional (`[policies.out-of-hours]`):

    on = false                       # turn it on
    hours = "Mon-Fri 09:00-17:00"    # where neither register nor bio says when; empty: such accounts are left out
    invites = ["tell us", ...]       # words that invite an answer; a question mark does too
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field, field_validator

from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Post
from freeze.texts.bios import Hours, hours_from
from freeze.texts.bios import read as read_bio
from freeze.windows import london, say
from policies._words import Phrase, about, phrases, read

ID = "out-of-hours"
TITLE = "Posts that invite replies out of hours"
CLAUSES = ("3.8",)

DAY = 24 * 60
_LINKS = re.compile(r"https?://\S{1,2000}")


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: bool = Field(
        default=False,
        strict=True,
        description="whether posts that invite replies out of hours are noted",
        json_schema_extra=about("", "3.8"),
    )
    hours: str = Field(
        default="Mon-Fri 09:00-17:00",
        description="when accounts are monitored of which neither register nor bio says it; empty: left out",
        json_schema_extra=about("days and times", "3.8"),
    )
    invites: tuple[Phrase, ...] = Field(
        default=(
            "ask us",
            "comment below",
            "get in touch",
            "have your say",
            "in the comments",
            "let us know",
            "message us",
            "reply",
            "send us",
            "share your",
            "tell us",
            "what do you think",
        ),
        description="words that invite an answer, as a question mark does",
        json_schema_extra=about("words", "3.8"),
    )

    @field_validator("hours")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value.strip() and hours_from(value) is None:
            raise ValueError('days and times are needed, like "Mon-Fri 09:00-17:00"')
        return value


def judge(options: Options, post: Post, facts: Facts) -> Iterable[Finding]:
    """A note for a post that invites replies when nobody looks at its account."""
    if not options.on or post.intended_at is None:
        return
    text = _LINKS.sub(" ", read(post))
    if "?" not in text and not phrases(options.invites).search(text):
        return
    hours = _hours(options, post, facts)
    if hours is None or _within(hours, post.intended_at):
        return
    yield Finding(
        clause="3.8",
        level=Level.NOTE,
        sentence=f"Invites replies on {say(post.intended_at)}; the account is monitored {hours.said()}.",
        next_step="Move it into those hours, or say in it when replies are read.",
        post=post.id,
        account=post.account,
        about="invites replies",
    )


def _hours(options: Options, post: Post, facts: Facts) -> Hours | None:
    record = facts.records.get(post.account)
    if record is not None and record.around_the_clock:
        return None
    known = _read(record.hours) if record is not None and record.hours else None
    bio = next((b.text for b in facts.bios if b.account == post.account), "") if known is None else ""
    return known or (_stated(bio) if bio else None) or (_read(options.hours) if options.hours else None)


@lru_cache(maxsize=1024)
def _read(words: str) -> Hours | None:
    return hours_from(words)


@lru_cache(maxsize=1024)
def _stated(bio: str) -> Hours | None:
    return read_bio(bio).hours


def _within(hours: Hours, at: datetime) -> bool:
    """Whether an instant lies in the hours of a London week; a span past midnight reaches into the next day."""
    t = london(at)
    minute, day = t.hour * 60 + t.minute, t.weekday()
    today = any(start <= minute < end for start, end in hours.week[day])
    return today or any(minute < end - DAY for _, end in hours.week[day - 1])
