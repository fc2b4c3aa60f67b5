"""Pauses that stand without being declared, such as a yearly silence: as dated rows, each made once.

A row appears `AHEAD` before its window, under a key that never changes ("silence-2026-11-11"). The key is looked up in
the serialised transaction that writes it, so that two processes make one row, and one that somebody ended is not made
again. From then on it is a pause like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from freeze.pauses.freezes import Freeze
from freeze.ports import Preset, Scope
from freeze.windows import Window

AHEAD = timedelta(days=14)


def missing(presets: Iterable[tuple[Preset, str]], there: Sequence[Freeze], now: datetime) -> list[Freeze]:
    """The dated pauses of the next `AHEAD` that are not there yet; `presets` are each with the rule it belongs to.

    One that somebody declared by hand for every account, at exactly that time, counts as there, ended or not.
    """
    return list(_missing(presets, there, now))


def _missing(presets: Iterable[tuple[Preset, str]], there: Sequence[Freeze], now: datetime) -> Iterator[Freeze]:
    made = {f.key for f in there if f.key}
    by_hand = {(f.preset, f.windows) for f in map(_bare, there) if f.scope.everything and not f.rehearsal}
    by_name = {p.name: (p, policy) for p, policy in presets if p.dates is not None}
    for preset, policy in by_name.values():
        assert preset.dates is not None
        for key, window in preset.dates(Window(now, now + AHEAD)):
            if key in made or (preset.name, (Window(window.start, window.end),)) in by_hand:
                continue
            yield Freeze(
                number=0,
                preset=preset.name,
                title=preset.title,
                policy=policy,
                clause=preset.clause,
                scope=Scope(everything=True),
                windows=(window,),
                provisional=False,
                d_day=None,
                because="It stands every year, by the settings; nobody has to declare it.",
                reason=window.civil,
                authority=preset.authority,
                declared_at=now,
                declared_by=f"the settings of the rule {policy}",
                announced_at=now,
                announced_source=window.civil,
                key=key,
            )


def _bare(f: Freeze) -> Freeze:
    """The same with windows that say no words, so that they compare by time."""
    return replace(f, windows=tuple(Window(w.start, w.end) for w in f.windows))
