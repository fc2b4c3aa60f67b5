"""The lines of a file of JSON lines, each with its number, none of them endless."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

LONGEST = 1_000_000
"""Bytes of one line; of a longer one only so many are given, which is no JSON then."""


def lines(source: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Every line that is not empty, and its number."""
    n = 0
    while raw := source.readline(LONGEST):
        n += 1
        rest = raw
        while len(rest) == LONGEST and not rest.endswith(b"\n"):
            rest = source.readline(LONGEST)
        if raw.strip():
            yield n, raw
