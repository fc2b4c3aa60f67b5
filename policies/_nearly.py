"""Posts that say the same, or nearly the same, or lead to the same page, close together in time. Pure.

What is compared are words: without markup, links, punctuation, emoji and capitals, a hashtag as its word. Two texts are
nearly the same when the words they share in the same order make up at least `ALIKE` percent of both together (the
normalised Indel similarity that rapidfuzz calls `ratio`, over words), and when they may be about the same thing: the
same numbers stand in both, and not each of them has a name that the other lacks (a name: a word with a capital inside
a sentence). So "Advent: window 5" and "window 6", or bin day in two places, are not the same. Fewer than three words
say nothing. All of this is our choice; it cannot tell a name without its capital, nor words that were turned around.

Only posts at most `within` apart are compared, in one walk through time, a block of posts after the other; of what went
by only the last `within` is kept, and in a block each text is read once, however often it is posted. A text meets only
texts with the same numbers, that share one of its rarest words: two texts so alike must (prefix filtering, as in
Bayardo, Ma and Srikant, "Scaling up all pairs similarity search", 2007). It meets at most `MEETS` of them, those with
its rarest word first, and of these the latest, so that the work for a text is bounded however many posts stand close
together; only where more texts than that share rare words at one time can a pair be overlooked (measured at 1,700 posts
a day, one in twenty reworded: 1 pair in 1,200).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import chain, compress, filterfalse
from math import ceil
from operator import ne
from sys import intern
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from freeze.posts import Post, plain_letters, unescaped, without_markup
from policies._together import Pair, Timed, in_order

WITHIN = timedelta(days=3)
ALIKE = 85
FEWEST = 3
"""Words that a text must have to be compared."""
LONGEST = 300
"""Words of a text that are compared; a longer one is compared by its beginning and its length."""
MEETS = 12
"""Texts that one post is compared with at most."""
BLOCK = 10_000
"""Posts that are compared in one go: which words are rare is told among them."""

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"']{1,2000}", re.IGNORECASE)
_QUOTE = re.compile(r"(?<!\w)['’]|['’](?!\w)")
"""An apostrophe that stands in no word."""
_CAPITAL = re.compile(r"[A-Z](?<!\S.)\S*")
"""A word that begins with a capital: the letter stands first, as a search for a letter is quickest."""
_TRACKS = re.compile(r"utm_.*|fbclid|gclid|dclid|msclkid|igshid|igsh|mc_cid|mc_eid|si|ref_src", re.IGNORECASE)


class _Spaced(dict[int, str]):
    """What each letter becomes: itself in a word, a new line where a sentence ends, a space elsewhere."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        kept = letter.isalnum() or letter in "_'’"
        self[code] = spaced = letter if kept else "\n" if letter in ".!?\n…" else " "
        return spaced


_SPACED = _Spaced()


class Text(NamedTuple):
    """What a post says, as it is compared: its words in order, and the numbers and the names among them, each once."""

    words: tuple[str, ...]
    numbers: tuple[str, ...]
    names: tuple[str, ...]


class Reader(dict[tuple[str, str], Text]):
    """Reads what posts say, each title and text once."""

    def __missing__(self, said: tuple[str, str]) -> Text:
        self[said] = text = _read(*said)
        return text

    def words(self, posts: Iterable[Post]) -> set[tuple[str, ...]]:
        """The different words of these posts."""
        return {self[p.title, p.text].words for p in posts}


def read(post: Post) -> Text:
    """The words of a post, title first; a text that repeats its title says it once."""
    return _read(post.title, post.text)


def _read(title: str, text: str) -> Text:
    if not text.startswith(title):
        text = f"{title}\n{text}"
    if "<" in text:
        text = without_markup(text, "\n")
    if "&" in text:
        text = unescaped(text)
    if not text.isascii():
        text = plain_letters(text)
    if _may_link(text):
        text = _URL.sub(" ", text)
    if "'" in text or "’" in text:
        text = _QUOTE.sub(" ", text)
    text = text.translate(_SPACED)
    words = tuple(map(intern, text.casefold().split()))
    names = _names(text, _capital(text, words))
    if len(words) > LONGEST:
        words = (*words[:LONGEST], str(len(words)))
    if "".join(words).isalpha():
        return Text(words, (), names)
    numbers = {w for w in filterfalse(str.isalpha, words) if any(map(str.isdigit, w))}
    return Text(words, tuple(sorted(numbers)), names)


def _may_link(text: str) -> bool:
    return "://" in text or "www." in text.casefold()


def _capital(text: str, words: Sequence[str]) -> list[str]:
    """Its words that begin with a capital."""
    if text.isascii():
        return _CAPITAL.findall(text)
    spoken = text.split()
    return [w for w in compress(spoken, map(ne, spoken, words)) if w[0].isupper()]


def _names(text: str, capital: Iterable[str]) -> tuple[str, ...]:
    """Which of the words with a capital start no sentence of this text."""
    names = set(capital)
    for sentence in text.split("\n") if names else ():
        if not names:
            return ()
        names.difference_update(sentence.split(None, 1)[:1])
    return tuple(sorted(set(map(str.casefold, names)))) if names else ()


def alike(a: Text, b: Text, least: float = ALIKE) -> bool:
    """Whether two texts are nearly the same; `least` is a percentage."""
    if min(len(a.words), len(b.words)) < FEWEST or a.numbers != b.numbers:
        return False
    if a.words == b.words:
        return True
    if not (set(a.names).issubset(b.words) or set(b.names).issubset(a.words)):
        return False
    from rapidfuzz.fuzz import ratio

    return ratio(a.words, b.words, score_cutoff=least) > 0


def links(post: Post) -> frozenset[str]:
    """The pages a post leads to, levelled; home pages, which everybody leads to, are left out."""
    found = _URL.findall(post.text) if _may_link(post.text) else []
    if post.link:
        found.append(post.link)
    return frozenset(filter(None, map(level, found))) if found else frozenset()


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


class Likeness:
    """Tells which posts are nearly the same within some time, ends included; posts come in order of time, each once.

    `pairs` join all of them. Not every two: of posts with one text each is joined to the one before, and to the latest
    of each text that is nearly the same. So whatever is joined by all pairs is joined by these, and each of these is
    such a pair.
    """

    def __init__(self, within: timedelta = WITHIN, least: float = ALIKE, block: int = BLOCK) -> None:
        self._within, self._least, self._block = within, least, block
        self._before: list[Timed] = []
        """Posts already compared that are near enough to those to come."""
        self._next: list[Timed] = []
        self._reader = Reader()
        self._pairs: list[Pair] = []

    def see(self, posts: Iterable[Timed]) -> None:
        """Look at these posts, which come next."""
        self._next += posts
        if len(self._next) >= max(self._block, 2 * len(self._before)):  # else what was compared weighs more
            self._compare()

    def pairs(self) -> list[Pair]:
        """What was found, once all posts were seen."""
        self._compare()
        return self._pairs

    def _compare(self) -> None:
        """Find the pairs of the posts that wait, and keep those that are near enough to what may follow."""
        from rapidfuzz.fuzz import ratio
        from rapidfuzz.process import extract

        if not self._next:
            return
        timed, known, within, least = self._before + self._next, len(self._before), self._within, self._least
        reader = self._reader
        numbered: dict[Text, int] = {}
        walk = [numbered.setdefault(reader[p.title, p.text], len(numbered)) for _, p in timed]
        texts = list(numbered)
        latest = [-1] * len(texts)
        """For each text where in the walk it stood last."""
        first = 0
        """Where in the walk the posts near enough begin."""
        shelves = _Shelves(texts, latest, least)
        coded, names = shelves.coded, shelves.names
        for i, n in enumerate(walk):
            at, post = timed[i]
            if len(texts[n].words) < FEWEST:
                continue
            while at - timed[first][0] > within:
                first += 1
            others = shelves.met(n, first)
            if i >= known:
                if latest[n] >= first:
                    self._pairs.append((timed[latest[n]][1], post))
                mine, named = coded[n], names[n]
                near = [coded[o] for o in others]
                like = extract(mine, near, scorer=ratio, score_cutoff=least, limit=None) if near else ()
                for other in dict.fromkeys([others[k] for _, _, k in like]):
                    # Stripping leaves nothing of names that the other has too; `alike` says the same, far more slowly.
                    if other == n or latest[other] < first or (named.strip(coded[other]) and names[other].strip(mine)):
                        continue
                    if alike(texts[n], texts[other], least):
                        self._pairs.append((timed[latest[other]][1], post))
            latest[n] = i
        while timed[-1][0] - timed[first][0] > within:
            first += 1
        self._before, self._next = timed[first:], []
        self._reader = Reader({said: reader[said] for _, p in self._before if (said := (p.title, p.text))})


def nearly(posts: Iterable[Post], within: timedelta = WITHIN, least: float = ALIKE) -> list[Pair]:
    """Pairs that join all posts which are nearly the same within this time, of posts in any order."""
    found = Likeness(within, least)
    found.see(in_order(posts))
    return found.pairs()


class _Shelves:
    """Where texts are put and looked for: two texts that are alike share a shelf.

    There is one for each of the rarest words of a text beside the same numbers; how many is told by how much must be
    shared. A letter stands for each word: texts are compared ten times as fast, and rarer words have earlier letters.
    """

    FIRST, LETTERS = 0x10000, 0x100000
    """Words beyond a million share letters."""

    def __init__(self, texts: Sequence[Text], latest: Sequence[int], least: float) -> None:
        together = Counter([t.numbers for t in texts])
        how_often = Counter(chain.from_iterable([t.words for t in texts if together[t.numbers] > 1]))
        words = sorted(how_often, key=how_often.__getitem__)
        self._letters = {w: chr(self.FIRST + i % self.LETTERS) for i, w in enumerate(words)}
        # Nobody else has a word that stands in one text only, so it needs no shelf, unless words share letters.
        once = sum(n == 1 for n in how_often.values())
        self._common = chr(self.FIRST + once) if len(words) < self.LETTERS else ""
        self._share = least / (200 - least)
        self._rooms: dict[tuple[str, ...], dict[str, list[int]]] = {k: {} for k, n in together.items() if n > 1}
        self._texts, self._latest = texts, latest
        self.coded, self.names = [""] * len(texts), [""] * len(texts)
        """The words and the names of each text that was met, a letter for each."""

    def met(self, n: int, first: int) -> list[int]:
        """The texts that this one may be like, those that share its rarest word first; puts it on its shelves."""
        text, latest, common = self._texts[n], self._latest, self._common
        room = self._rooms.get(text.numbers)
        if room is None:
            return []
        said = self.coded[n]
        if not said:
            self.coded[n] = said = "".join(map(self._letters.__getitem__, text.words))
            if text.names:
                self.names[n] = "".join([self._letters.get(w, "-") for w in text.names])
        fresh = latest[n] < first
        others: list[int] = []
        before = ""
        for letter in sorted(said)[: len(said) - ceil(len(said) * self._share - 1e-9) + 1]:
            # The second "the" of a text is found by another that has it twice.
            before = before + letter if before[:1] == letter else letter
            if letter < common:
                continue
            shelf = room.get(before)
            if shelf is None:
                room[before] = [n]
                continue
            if len(others) < MEETS:
                while shelf and latest[shelf[0]] < first:
                    del shelf[0]
                others += shelf[::-1]
            if fresh:
                shelf.append(n)
                if len(shelf) > MEETS:
                    del shelf[0]
        return others[:MEETS]
