"""Agreements: that somebody accountable said yes to something the policy asks about beforehand. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Matter(StrEnum):
    """What was agreed to."""

    SIGN_OFF = "sign-off"  # a political or controversial matter, clause 4.2
    BOOST = "boost"  # paid promotion, clause 2.7
    CAMPAIGN = "campaign"  # a long or major campaign, clause 3.5
    MEDIA = "media"  # pictures of people, clause 2.9


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement. `by` gave it; `reference` is a budget code, or where a written permission is kept.

    It is for the posts named, with the words they had (`content`, by post id), or for a campaign's tag; `until` is the
    last London day of it. `at` (UTC) is when it was recorded.
    """

    number: int
    matter: Matter
    by: str
    at: datetime
    posts: tuple[int, ...] = ()
    content: tuple[str, ...] = ()
    campaign: str = ""
    reference: str = ""
    until: date | None = None

    @property
    def ref(self) -> str:
        """The short id people type."""
        return f"g{self.number}"
