"""Levelling: the one place that makes text safe to keep and to show. Pure.

Everything that comes in goes through here once: what platforms answer, what files hold, what is typed. Two things
cannot be kept: half of a surrogate pair (what JavaScript's `slice` leaves of an emoji; no database and no file takes
it) becomes U+FFFD, two halves that stand together the letter they were meant to be; and NUL, which PostgreSQL refuses,
goes. Every other character stays, line ends, tabs, joiners and marks of direction too: words are put back as they were.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

T = TypeVar("T")

_UNSAFE = re.compile("[\0\ud800-\udfff]")
_SUSPECT = re.compile(
    rb"\\u(?:0000"
    rb"|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"  # the first half of a pair without the second
    rb"|[dD][c-fC-F](?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD].))"  # the second without the first
    rb"|\\\\u"  # a backslash of the text's own, behind which the halves above could hide
)


def level(text: str) -> str:
    r"""Text that can be kept anywhere; what already can is given back itself.

    >>> level("Bin day \ud83d") == "Bin day \ufffd", level("\ud83d\ude00") == "\U0001f600", level("a\0b\n")
    (True, True, 'ab\n')
    """
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    if _UNSAFE.search(text) is None:
        return text
    # Python joins what belongs together when it reads UTF-16, and puts U+FFFD for each half that is alone.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")


def level_all(value: T) -> T:
    """JSON, or what TOML holds, with every text in it levelled, names of fields too."""
    return _all(value)  # type: ignore[no-any-return]


def _all(value: Any) -> Any:
    if isinstance(value, str):
        return level(value)
    if isinstance(value, dict):
        return {_all(k): _all(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_all(v) for v in value]
    return value


def loads(raw: bytes | str) -> Any:
    """The JSON in `raw`, levelled; bytes are UTF-8, -16 or -32. Raises ValueError, RecursionError.

    Only an answer that holds half a pair or a NUL is walked through: the others cost one look at their bytes.
    """
    import json  # what is typed is levelled too, and commands start without it

    value = json.loads(raw)
    return level_all(value) if isinstance(raw, str) or suspect(raw) else value


def suspect(raw: bytes) -> bool:
    """Whether JSON may hold what must be levelled; True for a few that do not."""
    # Raw bytes of half a pair begin with ED A0 to ED BF; JSON in UTF-16 or -32 is full of zeros.
    if b"\\u" in raw and _SUSPECT.search(raw) is not None:
        return True
    return b"\0" in raw or (b"\xed" in raw and re.search(rb"\xed[\xa0-\xbf]", raw) is not None)
