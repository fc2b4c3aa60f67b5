"""What the settings of several prepared pauses share."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from freeze.posts import Post

ALWAYS = ("warnings", "school-closures", "statutory-notices", "service-status")
"""Kinds of post that pass every prepared pause unless a council says otherwise."""

Kind = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
"""A kind of post: small letters, digits and hyphens."""


def about(unit: str, clause: str) -> dict[str, Any]:
    """What a setting says of itself beside its description."""
    return {"unit": unit, "clause": clause}


def passes(kinds: frozenset[str], always: tuple[str, ...]) -> bool:
    """Whether a post of these kinds passes a pause that always lets `always` through."""
    return "risk-to-life" in kinds or (bool(kinds) and kinds <= set(always))


def _time_of_day(value: object) -> object:
    # TOML has times of its own, which may carry seconds; a bare number would be read as seconds since midnight.
    if isinstance(value, time) or (isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value)):
        return value
    raise ValueError('give a time of day in London, like "11:00"')


TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
"""A time on a London clock."""


def words(post: Post) -> str:
    """What the public would read, title first."""
    return f"{post.title} {post.text}" if post.title else post.text
