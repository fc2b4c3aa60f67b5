"""What is on record about a crisis: its signs, its group, who approves messages, reviews, and responses. Pure.

Clause 4.3. A crisis starts at once, and everything here follows while it goes on. Each thing that is put down is one
event (`Noted`); folding it gives the next `Crisis`, so that the value and its history cannot disagree. What is kept
are the council's own people and its own steps: nothing about members of the public (2.11). Instants are UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from freeze.errors import RefusedByRule, UsageError, nearest
from freeze.posts import Json, same_words
from freeze.windows import say

CRISIS = "crisis"
"""The prepared pause that carries such a record."""
SIGNS: Mapping[str, str] = {
    "negative": "it is the only thing people talk about there, and it is negative",
    "emotive": "it is emotive, or the council's reputation is at stake",
    "legal": "it may have consequences in law",
    "press": "the press has it",
}
"""The four signs of a crisis (4.3), by the word people type; numbers 1 to 4 are understood too."""
LONGEST = 2_000
"""Characters of one entry."""
MOST = 500
"""Entries that one crisis may have."""


class What(StrEnum):
    """What an event is about."""

    SIGN = "sign"
    GROUP = "in the group"
    LEFT = "not in the group"
    APPROVER = "approver"
    DEPUTY = "deputy"
    REVIEW = "review"
    NEXT_REVIEW = "next review"
    HOURS = "watched until"
    LISTENING = "listening response"


@dataclass(frozen=True, slots=True)
class Noted:
    """One thing put down. `words` are a name, a text, a sign, or an instant as ISO 8601; `by` is who put it down.

    For a listening response `words` is the account's id on the register and `ref` the permission it was given.
    """

    at: datetime
    by: str
    what: What
    words: str
    ref: str = ""

    def said(self) -> str:
        """In words."""
        if self.what is What.SIGN:
            return f"sign: {SIGNS.get(self.words, self.words)}"
        if self.what in (What.NEXT_REVIEW, What.HOURS):
            return f"{self.what.value}: {say(datetime.fromisoformat(self.words))}"
        if self.what is What.LISTENING:
            return f"listening response allowed on {self.words} ({self.ref})"
        return f"{self.what.value}: {self.words}"


@dataclass(frozen=True, slots=True)
class Crisis:
    """What is known of one crisis. `listening` are the accounts whose one response was allowed, with the permission."""

    signs: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    approver: str = ""
    deputy: str = ""
    reviews: tuple[Noted, ...] = ()
    next_review: datetime | None = None
    hours_until: datetime | None = None
    listening: tuple[tuple[str, str], ...] = ()
    events: tuple[Noted, ...] = ()

    def noted(self, e: Noted) -> Crisis:
        """The same crisis with one more event. Raises RefusedByRule for a second listening response of an account.

        Raises UsageError for an entry that is empty, far too long, or one too many.
        """
        if not e.words.strip():
            raise UsageError(f"Nothing is said for: {e.what.value}.", "Give some words.")
        if len(e.words) > LONGEST:
            raise UsageError(f"That is {len(e.words):,} characters; one entry has at most {LONGEST:,}.", "Shorten it.")
        if len(self.events) >= MOST:
            raise UsageError(f"{MOST} entries are on record for this crisis; it can take no more.")
        after = replace(self, events=(*self.events, e))
        match e.what:
            case What.SIGN:
                return replace(after, signs=tuple(s for s in SIGNS if s in {*self.signs, e.words}))
            case What.GROUP:
                there = any(same_words(n) == same_words(e.words) for n in self.group)
                return after if there else replace(after, group=(*self.group, e.words))
            case What.LEFT:
                return replace(after, group=tuple(n for n in self.group if same_words(n) != same_words(e.words)))
            case What.APPROVER:
                return replace(after, approver=e.words)
            case What.DEPUTY:
                return replace(after, deputy=e.words)
            case What.REVIEW:
                later = self.next_review if self.next_review is not None and self.next_review > e.at else None
                return replace(after, reviews=(*self.reviews, e), next_review=later)
            case What.NEXT_REVIEW:
                return replace(after, next_review=datetime.fromisoformat(e.words))
            case What.HOURS:
                return replace(after, hours_until=datetime.fromisoformat(e.words))
            case What.LISTENING:
                if e.words in self.listened:
                    raise RefusedByRule(
                        f"The listening response of {e.words} was allowed already ({self.listened[e.words]}); there is "
                        "one for each account.",
                        'Anything more is for the approver: freeze allow --new "..." --account '
                        f"{e.words} --reason REASON",
                    )
                return replace(after, listening=(*self.listening, (e.words, e.ref)))

    @property
    def listened(self) -> Mapping[str, str]:
        """The permission of each account whose listening response was allowed."""
        return dict(self.listening)

    def review_due(self, start: datetime, every: timedelta) -> datetime:
        """When the next review is due: as agreed, else `every` after the last one, or after the crisis began."""
        last = self.reviews[-1].at if self.reviews else start
        return self.next_review or last + every

    def asked(self, given_by: str) -> bool:
        """Whether a permission came from the approver or the deputy, as far as their names tell; True with neither."""
        named = [_words(n) for n in (self.approver, self.deputy) if n]
        return not named or any(f" {n} " in f" {_words(given_by)} " for n in named)

    def to_json(self) -> dict[str, Json]:
        """For the store and for programs; instants are ISO 8601 in UTC."""
        return {
            "signs": list(self.signs),
            "group": list(self.group),
            "approver": self.approver,
            "deputy": self.deputy,
            "reviews": [_event_json(e) for e in self.reviews],
            "next_review": self.next_review.isoformat() if self.next_review else None,
            "hours_until": self.hours_until.isoformat() if self.hours_until else None,
            "listening": dict(self.listened),
            "events": [_event_json(e) for e in self.events],
        }

    @classmethod
    def from_json(cls, d: Mapping[str, Json]) -> Crisis:
        """What `to_json` wrote; what is missing is not on record."""
        return cls(
            signs=tuple(d.get("signs", ())),
            group=tuple(d.get("group", ())),
            approver=d.get("approver", ""),
            deputy=d.get("deputy", ""),
            reviews=tuple(_event(e) for e in d.get("reviews", ())),
            next_review=_at(d.get("next_review")),
            hours_until=_at(d.get("hours_until")),
            listening=tuple(d.get("listening", {}).items()),
            events=tuple(_event(e) for e in d.get("events", ())),
        )


def sign(text: str) -> str:
    """The sign a person means, by its word or its number. Raises UsageError listing all four."""
    given = same_words(text)
    if given in SIGNS:
        return given
    if given in {"1", "2", "3", "4"}:
        return list(SIGNS)[int(given) - 1]
    every = "; ".join(f"{n} {word}: {said}" for n, (word, said) in enumerate(SIGNS.items(), 1))
    close = nearest(given, SIGNS)
    raise UsageError(f'"{text[:60]}" is none of the four signs of a crisis.', f"{close} They are: {every}.".strip())


def lines(c: Crisis, start: datetime, now: datetime, *, how: bool = True) -> list[str]:
    """What is on record, on a few lines; what is not yet is said too, and with `how` the option that adds it."""

    def not_yet(words: str, option: str) -> str:
        return f"{words} (--{option})" if how else words

    out = [f"Signs: {'; '.join(SIGNS.get(s, s) for s in c.signs) or not_yet('none on record', 'sign')}"]
    out.append(f"Group: {', '.join(c.group) or not_yet('nobody on record', 'group')}")
    deputy = f"{c.deputy} stands in" if c.deputy else not_yet("nobody stands in", "deputy")
    approver = f"{c.approver}; {deputy}" if c.approver or c.deputy else not_yet("nobody named", "approver")
    out.append(f"Messages are approved by: {approver.removeprefix('; ')}")
    last = f"the last {say(c.reviews[-1].at)}: {c.reviews[-1].words}" if c.reviews else not_yet("none", "review")
    due = f"; the next {'WAS DUE' if now >= c.next_review else 'is due'} {say(c.next_review)}" if c.next_review else ""
    out.append(f"Reviews: {last}{due}")
    if c.hours_until is not None:
        out.append(f"Accounts {'were' if now >= c.hours_until else 'are'} watched until {say(c.hours_until)}")
    listened = ", ".join(f"{a} ({p})" for a, p in c.listening)
    out.append(f"Listening responses allowed: {listened or not_yet('none', 'listening')}")
    return [*out, f"Began {say(start)}."]


def _words(name: str) -> str:
    return " ".join(re.findall(r"[\w'’-]+", same_words(name)))


def _event_json(e: Noted) -> dict[str, Json]:
    return {"at": e.at.isoformat(), "by": e.by, "what": e.what.value, "words": e.words, "ref": e.ref}


def _event(d: Mapping[str, Json]) -> Noted:
    return Noted(datetime.fromisoformat(d["at"]), d["by"], What(d["what"]), d["words"], d.get("ref", ""))


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
