"""The promise about posts that say nearly the same: ten times the posts in at most twelve times the time."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from benchmarks.table import Measure
from freeze.posts import Locator, Post, State
from policies._nearly import nearly as find

FEW, MANY = 10_000, 100_000
SPAN = timedelta(days=60)
START = datetime(2026, 6, 1, tzinfo=UTC)
SERVICES, VOCABULARY = 30, 8_000
AGAIN = 0.1
"""The share of posts whose words somebody used before."""


def nearly() -> Iterator[Measure]:
    """Nearly the same words among posts of sixty days: 10,000 and 100,000 of them."""
    for name, words in (("words of many kinds", _words), ("one sentence, many places", _places)):
        few, _ = _best(_posts(FEW, words))
        many, pairs = _best(_posts(MANY, words))
        note = f"baseline: {FEW:,} in {few:.2f} s; {many / MANY * 1e6:.0f} µs a post, {pairs:,} pairs"
        right = pairs > 0 if words is _words else pairs == 0
        yield Measure(f"nearly the same: {name}, {MANY:,}", many, "s", 12, few, note, right=right)


def _best(posts: list[Post]) -> tuple[float, int]:
    """Seconds of work of the better of two runs, and how many pairs were found."""
    taken = []
    for _ in range(2):
        gc.collect()
        gc.disable()  # as timeit does
        began = time.process_time()
        found = len(find(posts))
        taken.append(time.process_time() - began)
        gc.enable()
    return min(taken), found


def _posts(n: int, words: object) -> list[Post]:
    chance = random.Random(6)
    say = partial(words, chance) if callable(words) else str
    said: list[str] = []
    posts = []
    for i in range(n):
        text = chance.choice(said) if said and chance.random() < AGAIN and words is _words else say(i)
        said.append(text)
        at = START + chance.random() * SPAN
        where = Locator("x", f"a{i % 90}", str(i))
        posts.append(Post(i + 1, f"a{i % 90}", "x", f"service {i % SERVICES}", where, State.SCHEDULED, at, text))
    return posts


def _words(chance: random.Random, _n: int) -> str:
    """Some words, the first of a list far more often than the last, as in any language."""
    return " ".join(f"w{_letters(int(VOCABULARY ** chance.random()))}" for _ in range(chance.randrange(8, 25)))


def _places(_chance: random.Random, n: int) -> str:
    return f"The library in Nether{_letters(n)} is closed for repairs until further notice"


def _letters(n: int) -> str:
    """A number in letters: digits would set texts apart at once."""
    return str(n).translate(str.maketrans("0123456789", "abcdefghij"))
