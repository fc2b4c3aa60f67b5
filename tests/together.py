"""What a rule that looks across posts says of some: they go by in order of time, as many at once as asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from freeze.findings import Finding
from freeze.judging import evaluate
from freeze.ports import Facts
from freeze.posts import Post


def said(rule: Any, options: Any, facts: Facts, posts: Sequence[Post], at_once: int = evaluate.BATCH) -> list[Finding]:
    """The findings of `rule.across`."""
    across = rule.across(options, facts)
    for some in evaluate.in_turn(posts):
        for start in range(0, len(some), at_once):
            across.see(some[start : start + at_once])
    return list(across.findings())
