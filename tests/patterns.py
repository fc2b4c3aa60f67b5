"""Whether a pattern can take more than time in proportion to a text, told from its parts.

Python's `re` counts no steps, so what would cost them is looked for in the pattern itself. Looking through a text is
quadratic where a repetition without a bound can fail at its end and begin again inside itself: `<!--.*?-->` on a text
of `<!--`. It is worse where two repetitions that take the same letters stand beside or inside each other. So one
without a bound passes only where

- nothing has to follow it, or
- what has to follow begins with a letter that it does not take itself, and it takes none with which the whole pattern,
  and so another search, can begin;

and what is repeated never begins with a letter that it may end in, unless it is one letter at a time. A bound above
`MOST` counts as none. Sets of letters are told on a sample of letters of all kinds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MOST = 2_000
SAMPLE = [chr(n) for n in range(128)] + list("é£ß’“”–…\u00a0\u200b\u2028٣½中\U0001f600")
EVERY = frozenset(SAMPLE)
REPEATS = {sre.MAX_REPEAT, sre.MIN_REPEAT}
WITHOUT_WIDTH = {sre.AT, sre.ASSERT, sre.ASSERT_NOT}
Letters = frozenset[str]


def _one(op: Any, arg: Any, flags: int) -> Letters | None:
    """The letters that a single-letter part takes; None for a part that is none."""
    if op in (sre.LITERAL, sre.NOT_LITERAL):
        found = frozenset(c for c in SAMPLE if _same(c, chr(arg), flags))
        return found if op is sre.LITERAL else EVERY - found
    if op is sre.ANY:
        return EVERY if flags & re.DOTALL else EVERY - {"\n"}
    if op is not sre.IN:
        return None
    negated = arg[0][0] is sre.NEGATE
    found = frozenset(c for c in SAMPLE if any(_in(c, item, flags) for item in arg[negated:]))
    return EVERY - found if negated else found


def _same(a: str, b: str, flags: int) -> bool:
    return a == b or bool(flags & re.IGNORECASE and a.casefold() == b.casefold())


def _in(c: str, item: tuple[Any, Any], flags: int) -> bool:
    op, arg = item
    if op is sre.LITERAL:
        return _same(c, chr(arg), flags)
    if op is sre.RANGE:
        return any(
            arg[0] <= ord(x) <= arg[1]
            for x in ({c, c.lower(), c.upper()} if flags & re.IGNORECASE else {c})
            if len(x) == 1
        )
    name = {
        sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_SPACE: r"\s",
        sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_WORD: r"\W",
    }[arg]  # fmt: skip
    return re.fullmatch(name, c) is not None


class _Parts:
    """One pattern's parts, and what is wrong with them."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.tree = parser.parse(pattern, flags & ~re.DEBUG)
        self.flags = self.tree.state.flags
        self.groups: dict[int, Any] = {}
        self._note(self.tree)

    def _note(self, items: Any) -> None:
        for op, arg in items:
            if op is sre.SUBPATTERN and arg[0] is not None:
                self.groups[arg[0]] = arg[3]
            for inner in _inner(op, arg):
                self._note(inner)

    def first(self, items: Sequence[Any], flags: int) -> tuple[Letters, bool]:
        """The letters with which these parts can begin, and whether they may take none at all."""
        out: Letters = frozenset()
        for op, arg in items:
            letters, empty = self._first_of(op, arg, flags)
            out |= letters
            if not empty:
                return out, False
        return out, True

    def _first_of(self, op: Any, arg: Any, flags: int) -> tuple[Letters, bool]:
        single = _one(op, arg, flags)
        if single is not None:
            return single, False
        if op in WITHOUT_WIDTH:
            return frozenset(), True
        if op in REPEATS:
            letters, empty = self.first(arg[2], flags)
            return letters, empty or arg[0] == 0
        if op is sre.SUBPATTERN:
            return self.first(arg[3], (flags | arg[1]) & ~arg[2])
        if op is sre.BRANCH:
            each = [self.first(b, flags) for b in arg[1]]
            return frozenset().union(*(x for x, _ in each)), any(e for _, e in each)
        if op is sre.GROUPREF:
            return self.first(self.groups[arg], flags) if arg in self.groups else (EVERY, True)
        return EVERY, True

    def all(self, items: Sequence[Any], flags: int) -> Letters:
        """Every letter that these parts may take anywhere."""
        out: Letters = frozenset()
        for op, arg in items:
            single = _one(op, arg, flags)
            if single is not None:
                out |= single
            elif op is sre.SUBPATTERN:
                out |= self.all(arg[3], (flags | arg[1]) & ~arg[2])
            elif op not in WITHOUT_WIDTH:
                for inner in _inner(op, arg):
                    out |= self.all(inner, flags)
        return out

    def wrong(self, *, whole: bool) -> Iterator[str]:
        """What may cost more than its share; `whole`: it is only ever held against a whole text from its beginning."""
        begins, _ = self.first(self.tree, self.flags)
        yield from self._walk(list(self.tree), [], self.flags, frozenset() if whole else begins)

    def _walk(self, items: list[Any], after: list[Any], flags: int, begins: Letters) -> Iterator[str]:
        for i, (op, arg) in enumerate(items):
            rest = [*items[i + 1 :], *after]
            if op in REPEATS and arg[1] > MOST:
                yield from self._repeated(arg, rest, flags, begins)
            mine = (flags | arg[1]) & ~arg[2] if op is sre.SUBPATTERN else flags
            for inner in _inner(op, arg):
                # A lookaround ends by itself: nothing behind it makes it begin again.
                yield from self._walk(list(inner), [] if op in WITHOUT_WIDTH else rest, mine, begins)

    def _repeated(self, arg: Any, rest: list[Any], flags: int, begins: Letters) -> Iterator[str]:
        takes = self.all(arg[2], flags)
        single = len(arg[2]) == 1 and _one(*arg[2][0], flags) is not None
        starts, empty = self.first(arg[2], flags)
        if empty or (not single and starts & _ends(self, arg[2], flags)):
            yield "what is repeated can be cut in several ways"
        needed, nothing = self.first(rest, flags)
        must = not nothing or any(op in WITHOUT_WIDTH for op, _ in rest)
        if not must:
            return
        if takes & needed:
            yield "what has to follow an endless repetition can be taken by it"
        if takes & begins:
            yield "an endless repetition that can fail takes what the pattern begins with"


def _ends(parts: _Parts, items: Any, flags: int) -> Letters:
    """The letters in which endless parts at the end of these can run on."""
    out: Letters = frozenset()
    for op, arg in reversed(list(items)):
        if op in REPEATS and arg[1] > MOST:
            out |= parts.all(arg[2], flags)
        elif op is sre.SUBPATTERN:
            out |= _ends(parts, arg[3], flags)
        if not (op in WITHOUT_WIDTH or (op in REPEATS and arg[0] == 0)):
            break
    return out


def _inner(op: Any, arg: Any) -> list[Any]:
    if op in REPEATS:
        return [arg[2]]
    if op is sre.SUBPATTERN:
        return [arg[3]]
    if op is sre.BRANCH:
        return list(arg[1])
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return [arg[1]]
    return []


def costly(pattern: str, flags: int = 0, *, whole: bool = False) -> list[str]:
    """Why this pattern may take more than time in proportion to a text; nothing where it cannot."""
    parts = _Parts(pattern, flags)
    return list(dict.fromkeys(parts.wrong(whole=whole)))
