"""What there is: the platforms and what can be done on each, the rules and the clauses that they keep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from freeze.acts.app import App
from freeze.council import options
from freeze.errors import UsageError, nearest
from freeze.report.platforms import Described
from freeze.report.policy_pages import Page


def platforms(app: App, names: Collection[str] = ()) -> list[Described]:
    """The platforms of these names, else all. Raises UsageError with the nearest name."""
    for name in names:
        if name not in app.kinds:
            raise UsageError(f'There is no platform "{name}".', nearest(name, app.kinds))
    return [Described(n, m.TITLE, m.CAPABILITIES) for n, m in app.kinds.items() if not names or n in names]


def rules(app: App, names: Collection[str] = ()) -> tuple[Sequence[Page], Sequence[Page]]:
    """Every rule as it is described, and those of these names, else all again. Raises UsageError likewise."""
    for name in names:
        if name not in app.policies:
            raise UsageError(f'There is no rule "{name}".', nearest(name, app.policies))
    every = [_rule(app, name, module) for name, module in app.policies.items()]
    return every, [p for p in every if not names or p.name in names]


def _rule(app: App, name: str, module: Any) -> Page:
    """One rule as it is described; a pause's own name stands before its other ones."""
    mine = {n: p for n, (p, rule) in app.presets.items() if rule == name}
    own = sorted({p.name for p in mine.values()})
    says = " ".join((module.__doc__ or "").split("\n\n")[0].split())
    described = tuple(options.described(module.Options))
    names = (*own, *sorted(mine.keys() - set(own)))
    return Page(name, says, tuple(module.CLAUSES), described, names, tuple(own))
