"""Bios in files of JSON lines: platform, bio and maybe hours, each judged on its own. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from freeze.files.lines import lines
from freeze.levelling import loads
from freeze.texts import bios


def judged(source: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Every line of JSON with its verdict, or what is wrong with it; a bad line never stops the others."""
    for n, raw in lines(source):
        try:
            data = loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            yield {"line": n, "error": "This line is not JSON."}
            continue
        wrong = _wrong(data)
        if wrong:
            yield {"line": n, "error": wrong}
            continue
        found = bios.judge(data["bio"] or "", data.get("hours") or "")
        yield {**data, "verdict": found.verdict.value, "sentence": found.sentence}


def _wrong(data: Any) -> str:
    """What is wrong with one line; empty when nothing is."""
    if not isinstance(data, dict):
        return "This line is not an object with platform and bio."
    for key in ("platform", "bio"):
        if key not in data:
            return f'"{key}" is missing.'
    for key in ("platform", "bio", "hours"):
        allowed = (str,) if key == "platform" else (str, type(None))
        if not isinstance(data.get(key), allowed) and key in data:
            return f'"{key}" must be text.'
    return ""
