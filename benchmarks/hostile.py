"""Texts made to cost time, measured: every rule, and every reader of words, on ten shapes and more.

    python -m benchmarks.bench hostile      as a promise
    python -m benchmarks.hostile [WORD]     the whole table, slowest first; only of what has WORD in its name

What is promised: 20,000 characters take at most 2.3 times as long as 10,000, and none takes more than 50 ms. Times are
the processor's, the best of some, with what anybody's first call loads left out.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from math import inf

from benchmarks.rules import NOW, every_rule, world
from benchmarks.table import Measure
from freeze.accounts import KnownBio
from freeze.judging.evaluate import COULD_NOT, findings
from freeze.permissions import Allowing
from freeze.ports import Facts
from freeze.posts import Locator, Post, State, same_words
from freeze.texts.bio_reading import read as read_bio
from freeze.texts.bio_suggest import suggest
from freeze.texts.bio_times import ALWAYS
from freeze.texts.stale_words import stale_words
from policies import _nearly

HALF, WHOLE = 10_000, 20_000
"""Characters."""
TIMES, LONGEST = 2.3, 50.0
"""How many times as long the whole may take, and the milliseconds it may take."""
SMALL = 1.0
"""Milliseconds below which a ratio says nothing: the clock and the constant part of the work are as large."""

SHAPES: Mapping[str, str] = {
    "comments that are never closed": "<!-- ",
    "pointed brackets": "<",
    "tags that are never closed": "<a",
    "ampersands": "&",
    "entities": "&#",
    "digits": "1",
    "digits with spaces": "0 1 ",
    "telephone prefixes": "+44 ",
    "telephone numbers": "01632 960123 ",
    "at signs": "@",
    "addresses that lack their end": "a.b@a-",
    "commas and spaces": ", ",
    "days and hours": "Mon 9-5, ",
    "dates": "on 12 September, ",
    "days of the week": "Monday to ",
    "times": "at 10:30pm ",
    "half a postcode": "AN1 2",
    "house numbers": "12 The Long ",
    "house numbers and streets": "12 Long Road ",
    "brackets": "(",
    "brackets both ways": "()[]",
    "one long word": "a",
    "one long word with capitals": "Aa",
    "dots": ".",
    "letters with dots": "a.",
    "hyphens": "a-",
    "apostrophes": "'",
    "quotation marks": '"',
    "an opened quotation": "“He said ",
    "opened quotation marks": "“",
    "hashtags": "#",
    "hashtags of digits": "#1",
    "links": "http://",
    "links without their end": "www.",
    "councillors": "Councillor A ",
    "names in a row": "Councillors Ann Lee, ",
    "spaces": " ",
    "lines": "\n",
    "underscores": "_",
    "your": "your name ",
    "not": "not ",
    "crews": "two pumps ",
    "people": "people were ",
    "accents": "e\u0301",
    "marks that nobody sees": "\u200b",
    "marks on one letter": "\u0301",
    "large ligatures": "\ufdfa",
    "emoji": "\U0001f56f",
}
"""What each text repeats."""
OPENS = "Your Cllr at the fire today, AN1 2AB: "

Work = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Timed:
    """What one text cost: milliseconds for the half and for the whole."""

    what: str
    shape: str
    half: float
    whole: float

    @property
    def ratio(self) -> float:
        """How many times as long the whole took; 1 where both are too short to tell."""
        return self.whole / self.half if self.whole >= SMALL and self.half > 0 else 1.0

    def said(self) -> str:
        """One line."""
        return f"{self.what} on {self.shape}: {self.half:.1f} to {self.whole:.1f} ms, {self.ratio:.2f} times"


def text_of(shape: str, length: int) -> str:
    """A text of this length that repeats a shape, behind words for which rules look closer."""
    piece = SHAPES[shape]
    return (OPENS + piece * (length // len(piece) + 1))[:length]


def everything() -> dict[str, Work]:
    """Every rule that judges a post or looks at bios, and every other reader of words, by name."""
    modules, options = every_rule()
    _, facts = world(50)
    out: dict[str, Work] = {}
    for name, module in modules.items():
        out[f"rule {name}"] = partial(_judged, {name: module}, options, facts)
    out["stale words"] = lambda text: stale_words(text, NOW, NOW + timedelta(days=3))
    out["same words"] = same_words
    out["a bio read"] = read_bio
    out["a bio suggested"] = lambda text: suggest(text, ALWAYS, 160)
    out["words compared"] = lambda text: _nearly.read(_post(1, text))
    out["links compared"] = lambda text: _nearly.links(_post(1, text))
    return out


def _post(n: int, text: str) -> Post:
    where = Locator("orlo", "a0", str(n))
    return Post(
        n, "a0", "facebook", "fire-and-rescue", where, State.SCHEDULED, NOW + timedelta(hours=n), text, text[:500], "Jo"
    )


def _judged(module: Mapping[str, object], options: Mapping[str, object], facts: Facts, text: str) -> object:
    bios = [KnownBio("a0", "facebook", "Anyshire", text, 100_000, NOW)]
    mine = Facts(
        facts.now, facts.accounts, facts.freezes, Allowing(()), records=facts.records, bios=bios, events=facts.events
    )
    several = any((hasattr(m, "across") or hasattr(m, "inspect")) and not hasattr(m, "judge") for m in module.values())
    found = findings([_post(n, text) for n in ((1, 2) if several else (1,))], mine, module, options)  # type: ignore[arg-type]
    failed = [f.sentence for f in found if f.about == COULD_NOT]
    if failed:
        raise AssertionError(failed[0])
    return found


def timed(what: str, work: Work, shape: str, tries: int = 3) -> Timed:
    """What a text of this shape costs; again with more tries where it seems to cost too much."""
    half = _best(work, text_of(shape, HALF), tries)
    if half > 4 * LONGEST:
        return Timed(what, shape, half, inf)  # too long already; twice as much could take minutes
    whole = _best(work, text_of(shape, WHOLE), tries)
    found = Timed(what, shape, half, whole)
    if tries < 12 and (found.ratio > TIMES or whole > LONGEST) and whole < 4 * LONGEST:
        return timed(what, work, shape, tries * 4)
    return found


def _best(work: Work, text: str, tries: int) -> float:
    spent = []
    gc.disable()
    try:
        for _ in range(tries):
            began = time.process_time()
            work(text)
            spent.append(time.process_time() - began)
            if spent[-1] * 1000 > 4 * LONGEST:
                break
    finally:
        gc.enable()
    return min(spent) * 1000


def measured(wanted: str = "") -> list[Timed]:
    """Everything on every shape, the slowest first."""
    out = []
    for what, work in everything().items():
        if wanted in what:
            work("Open Mon-Fri 9-5. Call 01632 960 123 on 1 May; +353 1 679 4055 & a@b.example, 1 A Road AN1 2AB")
            out += [timed(what, work, shape) for shape in SHAPES]
    return sorted(out, key=lambda t: -t.whole)


def hostile() -> Iterator[Measure]:
    """The slowest of all, and the one that grows fastest."""
    found = measured()
    slow, steep = found[0], max(found, key=lambda t: t.ratio)
    count = f"of {len(found):,} measured"
    yield Measure(
        "a hostile text of 20,000 characters, the slowest", slow.whole, "ms", LONGEST, None, f"{slow.said()}; {count}"
    )
    yield Measure(
        "a hostile text, 10,000 to 20,000 characters", steep.ratio, "times", TIMES, None, f"{steep.said()}; {count}"
    )


def main(wanted: str) -> None:
    """Print what everything takes."""
    for t in measured(wanted):
        bad = "  TOO LONG" * (t.whole > LONGEST) + "  TOO STEEP" * (t.ratio > TIMES)
        print(f"{t.what:28} {t.shape:34} {t.half:9.2f} ms {t.whole:9.2f} ms {t.ratio:6.2f}{bad}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
