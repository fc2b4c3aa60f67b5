"""`freeze doctor`: is everything set up? It reads, and changes nothing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shlex
import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from freeze import private
from freeze.acts import connections, tasks
from freeze.acts.app import App
from freeze.acts.connections import Result
from freeze.commands.common import Answer, command
from freeze.council.credentials import readable_by_others
from freeze.errors import FreezeError, worst
from freeze.pauses.freezes import enforced
from freeze.people import signs
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import jobs, shape
from freeze.store import log as log_store
from freeze.store.database import clock_went_back
from freeze.windows import say
from freeze.words import columns, many, safe

MANY = 10
"""Open files that are named one by one."""


@click.command("doctor", epilog="Example: freeze doctor")
@command
def doctor_command(app: App) -> Answer:
    """Check the installation, the settings, the store, the log, the clock and every connection. Changes nothing."""
    results = [
        r for look in (_packages, _settings, _store, _files, connections.connections) for r in _careful(look, app)
    ]
    if app.older:
        results.append((False, "store", app.older))
    bad = [r for r in results if not r[0]]
    lines = columns(["ok" if well else "WRONG", what, safe(found, 500)] for well, what, found in results)
    lines.append(f"{many(len(bad), 'thing')} to put right." if bad else "All well.")
    body = {"checks": [{"well": well, "what": what, "found": found} for well, what, found in results]}
    return body, lines, worst(5 if bad else 0)


def _careful(look: Callable[[App], Iterator[Result]], app: App) -> Iterator[Result]:
    try:
        yield from look(app)
    except FreezeError as e:
        yield False, look.__name__.strip("_"), str(e)


def _packages(app: App) -> Iterator[Result]:
    """Generic names (`adapters`, `policies`, `cli`) must be this product's own, all from one place."""
    owners = importlib.metadata.packages_distributions()
    places = {}
    for name in ("freeze", "adapters", "policies", "cli"):
        spec = importlib.util.find_spec(name)
        places[name] = Path(spec.origin or "").resolve().parent if spec else None
        others = set(owners.get(name, ())) - {"freeze-guard"}
        if others:
            yield (
                False,
                "packages",
                f'"{name}" is also brought by {", ".join(sorted(others))}; use an environment of its own',
            )
    home = places["cli"]
    for name in ("freeze", "adapters", "policies"):
        if places[name] is None or places[name].parent != home:  # type: ignore[union-attr]
            yield False, "packages", f'"{name}" comes from {places[name]}, not from beside cli ({home})'
            return
    yield True, "packages", f"all from {home}"
    yield True, "platforms", ", ".join(app.kinds)
    yield True, "rules", ", ".join(app.policies)


def _settings(app: App) -> Iterator[Result]:
    yield app.path is not None, "settings", str(app.path or "there is no freeze.toml; make one with: freeze init")
    yield True, "you are", app.actor
    names = list(app.settings.connections)
    yield bool(names), "connections", ", ".join(names) or "none are set up in freeze.toml"
    real = app.path.resolve() if app.path else None
    if real is not None and os.name == "posix" and stat.S_IMODE(real.stat().st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        yield False, "settings", f"other users may write {real}, and so who may do what. {_mend('chmod go-w', real)}"
    for path in readable_by_others(app.settings.connections, app.base.resolve()):
        yield False, "secrets", f"other users of this computer may read {path}. Run: chmod 600 {shlex.quote(str(path))}"
    for f in tasks.holder_findings(app):
        yield False, "lockdown", f"{f.sentence} {f.next_step}"


def _files(app: App) -> Iterator[Result]:
    """What the guard itself made, and other users of this computer may look into or change."""
    _ = app.settings  # a group in them may do so
    base = app.base.resolve()
    own = [base / app.settings.nightly.folder, base / "state"]
    db = app.store.path
    if db is not None:
        own += sorted(db.parent.glob(f"{db.name}*"))
    found = [p for top in own if top.exists() for p in (top, *(sorted(top.rglob("*")) if top.is_dir() else ()))]
    open_ = [(p, how) for p in found if not p.is_symlink() and (how := private.open_to_others(p))]
    for path, how in open_[:MANY]:
        yield False, "files", f"other users of this computer may look into or change {path}. {_mend(how, path)}"
    if len(open_) > MANY:
        yield False, "files", f"and {len(open_) - MANY} more like these, below {base}"
    if not open_:
        group = f", and the group {app.settings.store.group}" if app.settings.store.group else ""
        yield True, "files", f"what the guard keeps is for its owner{group} only"


def _mend(how: str, path: Path) -> str:
    return f"Run: {how} {shlex.quote(str(path))}"


def _store(app: App) -> Iterator[Result]:
    now = app.now()
    with app.store.read() as c:
        yield True, "store", app.store.said
        odd = shape.differences(c)
        yield not odd, "tables", "; ".join(odd) or "as described in docs/data.md"
        n, wrong = log_store.verify(log_store.lines(c))
        yield not wrong, "log", wrong or f"whole, {n} lines, head {log_store.head(c)}"
        back = clock_went_back(c, now)
        yield not back, "clock", back or "not behind anything the store holds"
        last = hold_store.last_run(c)
        if last is not None:
            finished = last.ended_at is not None
            yield finished, "last run", f"{last.command}: {'finished' if finished else 'did not finish; run it again'}"
        beats = jobs.beats(c)
        working, found = signs.said(beats, now)
        needed = any(enforced(f, now, app.settings.run.lead) for f in freeze_store.all_of(c))
        yield (
            working or not needed,
            "keeper",
            found if working else f"{found} While a pause lasts, leave running: freeze watch",
        )
        yield from _nightly(beats, jobs.last_done(c, signs.NIGHTLY), now)


def _nightly(beats: list[signs.Beat], last: Any, now: datetime) -> Iterator[Result]:
    """A night that was done lately, by whatever started it; before the first, only what is to be set up."""
    waits = signs.live(beats, signs.NIGHTLY, now)
    waiting = f"; waiting for the next: {', '.join(b.process for b in waits)}" if waits else ""
    if last is None:
        yield True, "nightly", f"no night was done yet{waiting or '; set up: freeze nightly, or freeze nightly --once'}"
        return
    well = now - last.done_at < timedelta(hours=36)
    yield well, "nightly", f"last done on {say(last.done_at)}, by {last.who}{waiting}"
