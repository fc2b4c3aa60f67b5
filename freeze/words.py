"""Words shared by every report: safe text, counted nouns, aligned columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from freeze.posts import Post, same_words, without_markup


def safe(text: str, most: int = 60) -> str:
    """Somebody else's text on one line, without characters that could move the cursor or turn the line around.

    >>> safe("a\\x1b[31mb\\u202ec\\nd")
    'a [31mb c d'
    """
    some = text[: most * 8]
    if not some.isprintable():  # else none of these are in it, as in nearly every text
        some = "".join(" " if unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else ch for ch in some)
    flat = " ".join(some.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def many(n: int, noun: str, plural: str = "") -> str:
    """A counted noun: '1 post', '3 posts', '2,000 posts'."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def columns(rows: Iterable[Sequence[str]], indent: str = "  ") -> list[str]:
    """Rows as aligned plain text; the last column is not padded."""
    table = [list(r) for r in rows]
    if not table:
        return []
    widths = [max(_width(r[i]) for r in table) for i in range(len(table[0]) - 1)]
    return [
        indent + "  ".join([c + " " * (w - _width(c)) for c, w in zip(r[:-1], widths, strict=True)] + [r[-1]]).rstrip()
        for r in table
    ]


def _width(text: str) -> int:
    """Columns a text takes at a terminal: wide characters two, combining ones none."""
    return sum(0 if unicodedata.combining(ch) else 2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def listed(counts: dict[str, int], most: int = 6) -> str:
    """Counts in one line, most first: 'Libraries 12, Highways 9 and 3 more'."""
    items = sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))
    shown = ", ".join(f"{name or 'no service'} {n}" for name, n in items[:most])
    rest = len(items) - most
    return f"{shown} and {rest} more" if rest > 0 else shown


def excerpt(post: Post, most: int = 60) -> str:
    """What a post says, in one line, without a website's markup."""
    title, text = (safe(without_markup(t), 400) for t in (post.title, post.text))
    said = text if same_words(text).startswith(same_words(title)) else f"{title} {text}"
    return safe(said, most) or "(no words)"
