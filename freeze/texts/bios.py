"""Bios: does an account's description state the days and times at which it is monitored? Pure.

Clause 3.8: nobody is expected to look at an account outside working hours, so every bio must state the days and times
at which it is monitored. Four verdicts: it *states* both, is *vague* ("in office hours", "not monitored 24/7", days
without times), says *none* of it, or states hours that are not those of the register (*disagrees*).

How hours are told from other figures (our choice, tried on tests/data/bios.jsonl):

- Hours belong to the nearest word that says what they are for, in the same sentence and before them if there is one:
  "monitored", "replies", "tweets", "we're here" make them hours of the account; "open", "visit", "call", a telephone
  number, or a place or event make them those of a door, a telephone, a class.
- Hours that stand alone are the account's, as nothing else could be meant, unless they follow at once upon such words.
- Only English is read. Clock-face emoji and hashtags state nothing.

Times are Europe/London. Every text is read in time proportional to its length; none raises an error.
"""

from __future__ import annotations

from dataclasses import dataclass

from freeze.texts.bio_reading import Stated, Verdict, read
from freeze.texts.bio_suggest import LONGEST, Suggestion, suggest
from freeze.texts.bio_times import ALWAYS, Hours, hours_of

__all__ = [
    "LONGEST",
    "Hours",
    "Judged",
    "Stated",
    "Suggestion",
    "Verdict",
    "hours_from",
    "hours_of",
    "judge",
    "read",
    "suggest",
]


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict with its sentence; `stated` is what the bio says, `wanted` what the register says, where readable."""

    verdict: Verdict
    sentence: str
    stated: Stated
    wanted: Hours | None = None


def judge(text: str, register_hours: str = "", *, around_the_clock: bool = False) -> Judged:
    """The verdict on a bio, compared with the hours of the register as people wrote them there.

    Hours of the register that cannot be read as days and times are not compared with: the sentence says so.
    """
    stated = read(text)
    wanted = hours_from(register_hours, around_the_clock=around_the_clock)
    if stated.verdict is Verdict.NONE:
        return Judged(stated.verdict, "The bio does not say when the account is monitored.", stated, wanted)
    if stated.hours is None:
        said = f"The bio says “{_short(stated.words)}”, not the days and times at which the account is monitored."
        return Judged(stated.verdict, said, stated, wanted)
    said = f"The bio says that the account is monitored {stated.hours.said()}"
    if wanted is None:
        unread = (
            f"; the register's “{_short(register_hours)}” cannot be read as days and times" if register_hours else ""
        )
        return Judged(stated.verdict, f"{said}{unread}.", stated)
    if wanted != stated.hours:
        return Judged(Verdict.DISAGREES, f"{said}; the register says {wanted.said()}.", stated, wanted)
    return Judged(stated.verdict, f"{said}, as the register does.", stated, wanted)


def hours_from(words: str, *, around_the_clock: bool = False) -> Hours | None:
    """The hours of the register, as people wrote them; None for nothing, or for words that state none."""
    if around_the_clock:
        return ALWAYS
    return read(f"monitored {words}").hours if words.strip() else None


def _short(words: str) -> str:
    flat = " ".join("".join(c if c.isprintable() else " " for c in words[:200]).split())
    return flat if len(flat) <= 80 else f"{flat[:79].rstrip()}…"
