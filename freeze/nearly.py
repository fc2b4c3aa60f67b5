"""Posts that say the same, or nearly the same, or lead to the same page, close together in time. Pure.

What is compared are words: without markup, links, punctuation, emoji and capitals, a hashtag as its word. Two texts are
nearly the same when the words they share in the same order make up at least `ALIKE` percent of both together (the
normalised Indel similarity that rapidfuzz calls `ratio`, over words), and when they may be about the same thing: the
same numbers stand in both, and not each of them has a name that the other lacks (a name: a word with a capital inside
a sentence). So "Advent: window 5" and "window 6", or bin day in two places, are not the same. Fewer than three words
say nothing. All of this is our choice; it cannot tell a name without its capital, nor words that were turned around.

Only posts at most `within` apart are compared, in one walk through time. A post meets only texts with the same numbers,
that share one of its rarest words: two texts so alike must (prefix filtering, as in Bayardo, Ma and Srikant, "Scaling
up all pairs similarity search", 2007). It meets at most `MEETS` of them, those with its rarest word first, and of these
the latest; only where more texts than that share rare words at one time can a pair be overlooked.

Two sights of one post (`Post.same_as`) count as that one post.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import ceil
from operator import itemgetter
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from freeze.posts import MARKUP, Post

WITHIN = timedelta(days=3)
ALIKE = 85
FEWEST = 3
"""Words that a text must have to be compared."""
LONGEST = 300
"""Words of a text that are compared; a longer one is compared by its beginning and its length."""
MEETS = 24
"""Texts that one post is compared with at most."""

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"']{1,2000}", re.IGNORECASE)
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_SENTENCE = re.compile(r"[.!?\n…]")
_TRACKS = re.compile(r"utm_.*|fbclid|gclid|dclid|msclkid|igshid|igsh|mc_cid|mc_eid|si|ref_src", re.IGNORECASE)

NEVER = datetime.min.replace(tzinfo=UTC)

K = TypeVar("K", bound=Hashable)
Pair = tuple[Post, Post]
"""Two posts that belong together, the earlier one first."""


@dataclass(frozen=True, slots=True)
class Text:
    """What a post says, as it is compared."""

    words: tuple[str, ...]
    numbers: frozenset[str]
    names: frozenset[str]


def read(post: Post) -> Text:
    """The words of a post, title first; a text that repeats its title says it once."""
    text = post.text if post.text.startswith(post.title) else f"{post.title}\n{post.text}"
    if "<" in text:
        text = MARKUP.sub("\n", text)
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    text = _URL.sub(" ", text)
    found = _WORD.findall(text)
    words = tuple(w.casefold() for w in found)
    if len(words) > LONGEST:
        words = (*words[:LONGEST], str(len(words)))
    numbers = frozenset(w for w in words if not w.isalpha() and any(map(str.isdigit, w)))
    first = {s[0] for part in _SENTENCE.split(text) if (s := _WORD.findall(part)[:1])}
    names = frozenset(w.casefold() for w in found if w[0].isupper() and w not in first)
    return Text(words, numbers, names)


def alike(a: Text, b: Text, least: float = ALIKE) -> bool:
    """Whether two texts are nearly the same; `least` is a percentage."""
    if min(len(a.words), len(b.words)) < FEWEST or a.numbers != b.numbers:
        return False
    if a.words == b.words:
        return True
    if not (a.names.issubset(b.words) or b.names.issubset(a.words)):
        return False
    from rapidfuzz.fuzz import ratio

    return ratio(a.words, b.words, score_cutoff=least) > 0


def links(post: Post) -> frozenset[str]:
    """The pages a post leads to, levelled; home pages, which everybody leads to, are left out."""
    found = _URL.findall(post.text) if "http" in post.text or "www." in post.text.casefold() else []
    return frozenset(filter(None, map(level, [*found, *filter(None, [post.link])])))


def level(link: str) -> str:
    """A link without what makes no difference: how it is fetched, www, capitals of the host, tracking, the last slash.

    Empty for a home page and for what is no link. Where a shortened link leads to is not known.

    >>> level("https://WWW.anyshire.example/Bins/?utm_source=x") == level("http://anyshire.example/Bins")
    True
    """
    link = link.strip().rstrip(".,;:!?)]}’”'\"")
    try:
        parts = urlsplit(link if "//" in link[:9] else f"//{link}")
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return ""
    asked = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKS.fullmatch(k)]
    path = parts.path.rstrip("/")
    if "." not in host or not (path or asked):
        return ""
    return f"{host}{path}{'?' + urlencode(sorted(asked)) if asked else ''}"


def in_order(posts: Iterable[Post]) -> list[tuple[datetime, Post]]:
    """The posts that have a time, each once however often it was seen, the first one first."""
    once: dict[int, Post] = {}
    for p in posts:
        if p.intended_at is not None:
            family = p.same_as or p.id
            known = once.get(family)
            if known is None or p.id < known.id:
                once[family] = p
    timed = [(p.intended_at, p.id, p) for p in once.values() if p.intended_at is not None]
    timed.sort(key=itemgetter(0, 1))
    return [(at, p) for at, _, p in timed]


def sharing(posts: Iterable[Post], keys: Callable[[Post], Iterable[K]], within: timedelta) -> Iterator[tuple[K, Pair]]:
    """Every two posts that follow each other within this time and share a key, with that key."""
    last: dict[K, tuple[datetime, Post]] = {}
    for at, post in in_order(posts):
        for key in keys(post):
            before = last.get(key)
            if before is not None and at - before[0] <= within:
                yield key, (before[1], post)
            last[key] = (at, post)


def nearly(posts: Iterable[Post], within: timedelta = WITHIN, least: float = ALIKE) -> list[Pair]:
    """Pairs that join all posts which are nearly the same within this time; ends included.

    Not every two of them: of posts with one text each is joined to the one before, and to the latest of each text that
    is nearly the same. So whatever is joined by all pairs is joined by these, and each of these is such a pair.
    """
    return _Walk(in_order(posts), within, least).pairs


class _Walk:
    """One walk through time. Texts are numbered; a text is alive while a post with it is near enough."""

    def __init__(self, timed: Sequence[tuple[datetime, Post]], within: timedelta, least: float) -> None:
        from rapidfuzz.fuzz import ratio
        from rapidfuzz.process import extract

        self._ratio, self._extract = ratio, extract
        self.pairs: list[Pair] = []
        self._least = least
        self._texts: list[Text] = []
        numbered: dict[Text, int] = {}
        walk: list[tuple[datetime, Post, int]] = []
        known: dict[tuple[str, str], Text] = {}
        for at, post in timed:
            said = (post.title, post.text)
            text = known.get(said) or known.setdefault(said, read(post))
            if len(text.words) < FEWEST:
                continue
            n = numbered.setdefault(text, len(self._texts))
            if n == len(self._texts):
                self._texts.append(text)
            walk.append((at, post, n))
        self._coded = _coded(self._texts)
        self._shelves = self._shelved()
        self._when = [NEVER] * len(self._texts)
        self._last: dict[int, Post] = {}
        for at, post, n in walk:
            self._step(at - within, at, post, n)

    def _shelved(self) -> list[tuple[deque[int], ...]]:
        """For each text where it is put and looked for: two texts that are alike share one of these, the rarest first.

        There is one for each of its rarest words beside the same numbers; how many is told by how much must be shared.
        """
        how_often = Counter(w for t in self._texts for w in set(t.words))
        same_numbers = Counter(t.numbers for t in self._texts)
        share = self._least / (200 - self._least)
        rooms: dict[frozenset[str], dict[str, deque[int]]] = {}
        out: list[tuple[deque[int], ...]] = []
        for t in self._texts:
            if same_numbers[t.numbers] == 1:
                out.append(())
                continue
            marked = sorted([(how_often[w], w) for w in t.words])
            kept = len(marked) - ceil(len(marked) * share - 1e-9) + 1
            room = rooms.setdefault(t.numbers, {})
            mine = []
            nth, before = 1, ""
            for times, w in marked[:kept]:
                nth = nth + 1 if w == before else 1
                before = w
                if times > 1:  # nobody else has a word that stands in one text only
                    mine.append(room.setdefault(w if nth == 1 else f"{w} {nth}", deque()))
            out.append(tuple(mine))
        return out

    def _step(self, since: datetime, at: datetime, post: Post, n: int) -> None:
        fresh = self._when[n] < since
        if not fresh:
            self.pairs.append((self._last[n], post))
        for other in self._met(n, since):
            if alike(self._texts[n], self._texts[other], self._least):
                self.pairs.append((self._last[other], post))
        if fresh:
            for shelf in self._shelves[n]:
                shelf.append(n)
        self._when[n], self._last[n] = at, post

    def _met(self, n: int, since: datetime) -> Iterator[int]:
        """The texts alive that this one may be like, each once."""
        when, coded = self._when, self._coded
        others: list[int] = []
        for shelf in self._shelves[n]:
            while shelf and when[shelf[0]] < since:
                shelf.popleft()
            if shelf:
                others += islice(reversed(shelf), MEETS - len(others))
        if not others:
            return
        words = [coded[other] for other in others]
        like = self._extract(coded[n], words, scorer=self._ratio, score_cutoff=self._least, limit=None)
        for other in dict.fromkeys(others[i] for _, _, i in like):
            if other != n and when[other] >= since:
                yield other


def _coded(texts: Sequence[Text]) -> list[str]:
    """Each text with a letter for each word: compared ten times as fast. Words beyond a million share letters."""
    letters: dict[str, str] = {}
    out = []
    for t in texts:
        for w in t.words:
            if w not in letters:
                letters[w] = chr(0x10000 + len(letters) % 0x100000)
        out.append("".join([letters[w] for w in t.words]))
    return out


def clusters(pairs: Iterable[Pair]) -> list[tuple[Post, ...]]:
    """What these pairs join, each in order of time, the first one first."""
    root: dict[int, int] = {}
    posts: dict[int, Post] = {}

    def top(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in pairs:
        for p in (a, b):
            posts.setdefault(p.id, p)
            root.setdefault(p.id, p.id)
        root[top(a.id)] = top(b.id)
    joined: dict[int, list[tuple[datetime, Post]]] = {}
    for at, p in in_order(posts.values()):
        joined.setdefault(top(p.id), []).append((at, p))
    return [tuple(p for _, p in group) for group in joined.values()]
