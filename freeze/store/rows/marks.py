"""What every column must say of itself: its unit, whose personal data it is and why, and how long it is kept."""

from __future__ import annotations

from dataclasses import dataclass

AT = "an instant, UTC"
DAY = "a London date, ISO 8601"
ID = "a number of this store"

NO = "no"
STAFF = "the council's own people"
NAMED = "whoever a post is about"
OTHERS = "people outside the council"

STORE = "as long as the store; no rule of the council's is known yet"
AUDIT = "as long as the store: Internal Audit proves from it what was stopped, by whom and when"
FACTS = "as long as the store; but the sign of life of a process that ended for 7 days (freeze.store.jobs.REMEMBERED)"
REGISTER = "until it is changed; no rule is known yet that takes an account off the register"
ALIAS = "as long as the store, as its posts stand there; no rule of the council's is known yet"
BIO = "until the description is read again; no rule is known yet for the last one"
TURN = "until its run is over, its last calls can no longer arrive, and another run begins (freeze.store.turn)"
FEED = "until its feed is made anew 31 days after it was cancelled or was over (freeze.views.feeds.KEPT)"
JOB = "as long as the store, but the claim of a night that failed; no rule of the council's is known yet"
OUT = "as long as the store, for Internal Audit; but what may have gone out until a copy shows that it did not"
IMPORT = "until its file is imported anew, or removed (freeze events remove)"
NEXT = "until the next digest for that reader"
PURGED = "until 180 days after closing, or what [requests] keep_days says: freeze foi purge then removes it"
UNTIL = "until somebody withdraws it (freeze accept --withdraw); it says nothing after its last day"


@dataclass(frozen=True, slots=True)
class Mark:
    """One column's mark. `personal` is "no", or whose it is and why it is needed."""

    unit: str
    personal: str
    kept: str


def yes(whose: str, why: str) -> str:
    """Personal data: whose, and why it is needed."""
    return f"yes: {whose}; {why}"
