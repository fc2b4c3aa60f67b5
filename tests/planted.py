"""A rule of the tests' own, in the place of all but royal death: what it says is in the words of each post."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import policies

RULE = '''
"""Words: a rule for tests, which says what a post tells it to say.

And nothing else.
"""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from freeze.findings import Finding, Level
from freeze.windows import Window

ID = "words"
TITLE = "Words"
CLAUSES = ("4.2",)


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    most: int = Field(
        default=3, ge=1, le=9, description="how many", json_schema_extra={"unit": "words", "clause": "4.2"}
    )


def judge(options, post, facts):
    if "broken:" in post.text:
        raise ValueError("planted")
    for word in ("conflict", "note"):
        if f"{word}:" in post.text:
            said, do = f"It says {word}.", f"Change {post.ref}."
            yield Finding("4.2", Level(word), said, do, post.id, post.account, about=word)
    if "private:" in post.text:
        yield Finding("3.4", Level.NOTE, "It says private.", "Change it.", post.id, post.account)
    if "timed:" in post.text:
        window = Window(post.intended_at, post.intended_at + timedelta(1))
        yield Finding("4.2", Level.NOTE, "It clashes.", "Move it.", post.id, post.account, window, about="timed")


def inspect(options, world):
    for account in world.facts.accounts.values():
        if account.registered and account.name.startswith("Anyshire"):
            said = f"Nobody runs {account.name}."
            yield Finding("2.3", Level.HOUSEKEEPING, said, "Say who.", account=account.id, about="nobody")
'''


@contextmanager
def planted(folder: Path) -> Iterator[None]:
    """The guard with royal death and this rule only."""
    place = folder / "planted"
    place.mkdir()
    (place / "words.py").write_text(RULE)
    shutil.copy(Path(policies.__path__[0]) / "royal_death.py", place)
    before = dict(sys.modules)
    with pytest.MonkeyPatch.context() as m:
        m.setattr(policies, "__path__", [str(place)])
        yield
    for name in [n for n in sys.modules if n.startswith("policies.") and n not in before]:
        parent, _, child = name.rpartition(".")
        vars(sys.modules[parent]).pop(child, None)
        del sys.modules[name]
