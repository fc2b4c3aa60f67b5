"""A bio that states its hours: what was there is kept, and the longest wording that fits is added. Pure.

Nothing is ever cut: whole sentences stay, and only one that speaks of monitoring gives way. Lengths are counted the way
the strictest platforms do, an emoji as two characters or more (UTF-16 units; our choice).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from freeze.texts.bio_reading import Verdict, read
from freeze.texts.bio_times import DAY, FULL, Hours, Span, days, groups
from freeze.texts.bio_words import CUES, SAYING, Is, Token, levelled, tokens

LONGEST = {
    "x": 160,
    "twitter": 160,
    "instagram": 150,
    "tiktok": 80,
    "threads": 150,
    "facebook": 255,
    "youtube": 1000,
    "linkedin": 2000,
    "bluesky": 256,
    "mastodon": 500,
}
"""Characters a description may have (secondary sources, except Mastodon's and Bluesky's, which are documented)."""

NO_BIO = 2 * max(LONGEST.values())
"""Characters, beyond which no wording is looked for."""
_SENTENCE = re.compile(r"[^.!?\n|•·]*(?:\.(?!\s|$)[^.!?\n|•·]*)*[.!?]*[\n|•·]*\s*")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A bio to use instead. `text` is empty where none fits: `over` is by how many characters; `said` is a sentence."""

    text: str
    said: str
    over: int = 0


def length(text: str) -> int:
    """Characters, an emoji as two or more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def suggest(text: str, hours: Hours, longest: int) -> Suggestion:
    """`text` with a statement of `hours`, in at most `longest` characters; reads back as exactly those hours."""
    kept = text.strip()
    if length(kept) > NO_BIO:
        over = length(kept) - longest
        return Suggestion("", f"What stands there is no bio: shorten it by {over:,} characters first.", over)
    if read(kept).hours == hours and length(kept) <= longest:
        return Suggestion(kept, "The bio can stay as it is.")
    shortest = ""
    for wording in _wordings(hours):
        for base, gone in _bases(kept):
            made = _joined(base, wording)
            if read(made).hours != hours or read(base).verdict is Verdict.STATES:  # one bio, one statement of hours
                continue
            if length(made) <= longest:
                lost = f" It leaves out “{_start(gone)}”." if gone else ""
                return Suggestion(made, f"{length(made)} of {longest} characters.{lost}")
            shortest = made if not shortest or length(made) < length(shortest) else shortest
            break
    if not shortest:
        return Suggestion("", "No wording could be found that reads back as these hours; write it by hand.")
    over = length(shortest) - longest
    parts = [p.strip() for p in _sentences(kept) if read(p).verdict is Verdict.NONE and p.strip()]
    what = max(parts, key=length, default="")
    cut = f"; the longest part is “{_start(what)}”" if what else ""
    some = "1 character" if over == 1 else f"{over:,} characters"
    return Suggestion("", f"Even the shortest wording is {some} too long: shorten the rest by that much{cut}.", over)


def _start(words: str) -> str:
    flat = " ".join(words.split())
    if len(flat) <= 60:
        return flat
    cut = flat[:60].rsplit(" ", 1)[0]
    return f"{cut} …" if len(cut) < 60 else "…"


def _wordings(hours: Hours) -> Iterator[str]:
    """Ways of saying it, the clearest first and the shortest last."""
    if hours.always:
        yield from ("Monitored 24 hours a day, 7 days a week.", "Monitored 24/7.", "Monitored 24/7")
        return
    found = groups(hours)
    full = "; ".join(f"{days(d, FULL, ' to ')}, {_spans(s, ' to ', exact=True)}" for d, s in found)
    short = "; ".join(f"{days(d)} {_spans(s, '-', exact=True)}" for d, s in found)
    bare = "; ".join(f"{days(d)} {_spans(s, '-', exact=False)}" for d, s in found)
    yield from (f"Monitored {full}.", f"Monitored {short}.", f"Monitored {bare}.", f"Monitored {bare}", short, bare)


def _spans(spans: tuple[Span, ...], to: str, *, exact: bool) -> str:
    return " and ".join(
        "24 hours" if s == (0, DAY) else f"{_time(s[0], exact=exact)}{to}{_time(s[1], exact=exact)}" for s in spans
    )


def _time(minutes: int, *, exact: bool) -> str:
    if minutes in (0, DAY):
        return "midnight"
    hour, minute = minutes % DAY // 60, minutes % 60
    half_day = ("am" if hour < 12 else "pm") if exact else ""
    return f"{hour % 12 or 12}{f'.{minute:02d}' if minute else ''}{half_day}"


def _sentences(text: str) -> list[str]:
    """The sentences and lines of a text, with what separates them; "9 a.m. to 5 p.m." is in one of them."""
    out: list[list[str]] = []
    for s in _SENTENCE.findall(text):
        if out and s and out[-1][-1].endswith(". ") and (s[0].islower() or s[0].isdigit()):
            out[-1].append(s)
        elif s:
            out.append([s])
    return list(map("".join, out))


def _bases(text: str) -> Iterator[tuple[str, str]]:
    """What to keep, and what is lost: first sentences that say nothing else give way, then all that speak of it."""
    said = _sentences(text)
    speaks = [read(s).verdict is not Verdict.NONE for s in said]
    seen: list[str] = []
    if read(text).verdict is Verdict.NONE:  # hours that stand alone in a sentence are said of what the others name
        seen.append(text)
        yield text, ""
    for strict in (True, False):
        kept, lost = [], ""
        for s, about in zip(said, speaks, strict=True):
            drop = about and (not strict or _only_hours(s))
            kept.append(_rest(s) if drop else s)
            lost = lost or (s if drop and _misses(s, kept[-1]) else "")
        base = "".join(kept).strip()
        if base not in seen:
            seen.append(base)
            yield base, lost


def _only_hours(sentence: str) -> bool:
    """Whether a sentence says nothing that would be missed."""
    kinds = [t.kind for t in tokens(levelled(sentence))]
    return Is.OTHER not in kinds and Is.PLACE not in kinds and kinds.count(Is.WORD) <= FEW_WORDS


def _misses(sentence: str, rest: str) -> bool:
    """Whether a sentence had words of its own that are not in what stays of it."""
    own = {t.text for t in tokens(levelled(sentence)) if t.kind is Is.WORD and t.text.isalpha()} - SAYING
    return not _only_hours(sentence) or not own <= set(levelled(rest).split())


def _rest(sentence: str) -> str:
    """What stays of a sentence about monitoring: the words around hours that stand alone; addresses and hashtags."""
    words = sentence.split()
    if not any(t.kind in CUES for t in tokens(levelled(sentence))):
        dated = [i for i, w in enumerate(words) if any(t.kind is Is.DAYS or t.text[:1].isdigit() for t in _cut(w))]
        if dated:
            around = [*words[: dated[0]], *words[dated[-1] + 1 :]]
            rest = " ".join(around).strip(" ,:;-–—(|•·")
            if rest and read(rest).verdict is Verdict.NONE:
                return f"{rest}\n" if sentence.endswith("\n") else f"{rest} "
    kept = " ".join(w for w in words if not levelled(w).strip(".!?,;|") and any(c.isalnum() for c in w))
    return f"{kept} " if kept else ""


def _cut(word: str) -> list[Token]:
    return list(tokens(levelled(word)))


FEW_WORDS = 5
"""Words besides the hours that a sentence about monitoring may have: "This account is … by the press team"."""


def _joined(base: str, wording: str) -> str:
    if not base:
        return wording
    if "\n" in base:
        return f"{base}\n{wording}"
    gap = ". " if base[-1].isalnum() and not base.rsplit(None, 1)[-1].startswith(("http", "www.", "#", "@")) else " "
    return f"{base}{gap}{wording}"
