"""Whether everything is set up: packages, settings, store, files, and each connection's accounts, credential, clock.

It reads, and changes nothing.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shlex
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from freeze import private
from freeze.accounts import Gap
from freeze.acts import tasks
from freeze.acts.app import App
from freeze.council.credentials import readable_by_others
from freeze.errors import FreezeError, SettingsError
from freeze.pauses.freezes import enforced
from freeze.people import signs
from freeze.ports import Closes, Credential, Platform, Probes, ShowsCredential, TellsTime
from freeze.run import collect
from freeze.store import freezes as freeze_store
from freeze.store import holds as hold_store
from freeze.store import jobs, shape
from freeze.store import log as log_store
from freeze.store.database import clock_went_back
from freeze.windows import say, say_span
from freeze.words import many

MANY = 10
"""Open files that are named one by one."""
PATIENCE = 45.0
"""Seconds for all connections together; each is asked on a thread of its own."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: whether it is well, what it was, what was found."""

    well: bool
    what: str
    found: str


def examine(app: App) -> list[Check]:
    """Everything there is to check, in the order in which it is told. What fails hides nothing else."""
    found = [r for look in (_packages, _settings, _store, _files, connections) for r in _careful(look, app)]
    return [*found, Check(False, "store", app.older)] if app.older else found


def _careful(look: Callable[[App], Iterator[Check]], app: App) -> Iterator[Check]:
    try:
        yield from look(app)
    except FreezeError as e:
        yield Check(False, look.__name__.strip("_"), str(e))


def _packages(app: App) -> Iterator[Check]:
    """Generic names (`adapters`, `policies`, `cli`) must be this product's own, all from one place."""
    owners = importlib.metadata.packages_distributions()
    places = {}
    for name in ("freeze", "adapters", "policies", "cli"):
        spec = importlib.util.find_spec(name)
        places[name] = Path(spec.origin or "").resolve().parent if spec else None
        others = set(owners.get(name, ())) - {"freeze-guard"}
        if others:
            found = f'"{name}" is also brought by {", ".join(sorted(others))}; use an environment of its own'
            yield Check(False, "packages", found)
    home = places["cli"]
    for name in ("freeze", "adapters", "policies"):
        if places[name] is None or places[name].parent != home:  # type: ignore[union-attr]
            yield Check(False, "packages", f'"{name}" comes from {places[name]}, not from beside cli ({home})')
            return
    yield Check(True, "packages", f"all from {home}")
    yield Check(True, "platforms", ", ".join(app.kinds))
    yield Check(True, "rules", ", ".join(app.policies))


def _settings(app: App) -> Iterator[Check]:
    yield Check(
        app.path is not None, "settings", str(app.path or "there is no freeze.toml; make one with: freeze init")
    )
    yield Check(True, "you are", app.actor)
    names = list(app.settings.connections)
    yield Check(bool(names), "connections", ", ".join(names) or "none are set up in freeze.toml")
    real = app.path.resolve() if app.path else None
    if real is not None and os.name == "posix" and stat.S_IMODE(real.stat().st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        yield Check(
            False, "settings", f"other users may write {real}, and so who may do what. {_mend('chmod go-w', real)}"
        )
    for path in readable_by_others(app.settings.connections, app.base.resolve()):
        yield Check(
            False, "secrets", f"other users of this computer may read {path}. Run: chmod 600 {shlex.quote(str(path))}"
        )
    for f in tasks.holder_findings(app):
        yield Check(False, "lockdown", f"{f.sentence} {f.next_step}")


def _files(app: App) -> Iterator[Check]:
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
        yield Check(False, "files", f"other users of this computer may look into or change {path}. {_mend(how, path)}")
    if len(open_) > MANY:
        yield Check(False, "files", f"and {len(open_) - MANY} more like these, below {base}")
    if not open_:
        group = f", and the group {app.settings.store.group}" if app.settings.store.group else ""
        yield Check(True, "files", f"what the guard keeps is for its owner{group} only")


def _mend(how: str, path: Path) -> str:
    return f"Run: {how} {shlex.quote(str(path))}"


def _store(app: App) -> Iterator[Check]:
    now = app.now()
    with app.store.read() as c:
        yield Check(True, "store", app.store.said)
        odd = shape.differences(c)
        yield Check(not odd, "tables", "; ".join(odd) or "as described in docs/data.md")
        n, wrong = log_store.verify(log_store.lines(c))
        yield Check(not wrong, "log", wrong or f"whole, {n} lines, head {log_store.head(c)}")
        back = clock_went_back(c, now)
        yield Check(not back, "clock", back or "not behind anything the store holds")
        last = hold_store.last_run(c)
        if last is not None:
            finished = last.ended_at is not None
            yield Check(
                finished, "last run", f"{last.command}: {'finished' if finished else 'did not finish; run it again'}"
            )
        beats = jobs.beats(c)
        working, found = signs.said(beats, now)
        needed = any(enforced(f, now, app.settings.run.lead) for f in freeze_store.all_of(c))
        found = found if working else f"{found} While a pause lasts, leave running: freeze watch"
        yield Check(working or not needed, "keeper", found)
        yield from _nightly(beats, jobs.last_done(c, signs.NIGHTLY), now)


def _nightly(beats: list[signs.Beat], last: Any, now: datetime) -> Iterator[Check]:
    """A night that was done lately, by whatever started it; before the first, only what is to be set up."""
    waits = signs.live(beats, signs.NIGHTLY, now)
    waiting = f"; waiting for the next: {', '.join(b.process for b in waits)}" if waits else ""
    if last is None:
        yield Check(
            True, "nightly", f"no night was done yet{waiting or '; set up: freeze nightly, or freeze nightly --once'}"
        )
        return
    well = now - last.done_at < timedelta(hours=36)
    yield Check(well, "nightly", f"last done on {say(last.done_at)}, by {last.who}{waiting}")


def connections(app: App) -> Iterator[Check]:
    """Every connection, in the order of the settings; all are asked at once and nothing waits for one that hangs."""
    asked: list[tuple[str, threading.Thread, list[Check]]] = []
    made = _made(app)
    for name, platform in made.items():
        found: list[Check] = []
        thread = threading.Thread(target=_ask, args=(app, name, platform, found), daemon=True, name=f"doctor-{name}")
        thread.start()
        asked.append((name, thread, found))
    ends = monotonic() + PATIENCE
    for name, thread, found in asked:
        thread.join(max(0.0, ends - monotonic()))
        yield from found[:]
        if thread.is_alive():
            yield Check(False, name, f"it did not answer everything in {PATIENCE:.0f} seconds")
    if "platforms" not in app.__dict__:  # those are closed with the app
        for platform in made.values():
            if isinstance(platform, Closes):
                platform.close()


def _made(app: App) -> dict[str, Platform | SettingsError]:
    """Every connection, or why it cannot be made: one that is badly set up hides no other."""
    try:
        return dict(app.platforms)
    except SettingsError:
        return {name: _one(app, name) for name in app.settings.connections}


def _one(app: App, name: str) -> Platform | SettingsError:
    try:
        return app.connected(name)
    except SettingsError as e:
        return e


def _ask(app: App, name: str, platform: Platform | SettingsError, out: list[Check]) -> None:
    """Everything there is to ask of one connection; what is known so far is in `out` at any moment."""
    if isinstance(platform, SettingsError):
        out.append(Check(False, name, str(platform)))
        return
    for ask in (_accounts, _credential, _clock, _probe):
        try:
            for result in ask(app, name, platform):
                out.append(result)  # noqa: PERF402 (one at a time: a later one may hang)
        except FreezeError as e:
            out.append(Check(False, name, str(e)))
        except Exception as e:  # noqa: BLE001 - a fault in one adapter must not hide the others
            out.append(Check(False, name, f"its answer could not be understood ({type(e).__name__}: {e})"))


def _accounts(_app: App, name: str, platform: Platform) -> Iterator[Check]:
    found = list(collect.accounts(platform))
    gaps = [g for g in found if isinstance(g, Gap)]
    n = len(found) - len(gaps)
    for g in gaps:
        yield Check(False, name, f"{g.reason} {g.advice}".strip())
    if n or not gaps:
        yield Check(True, name, f"{many(n, 'account')} reached")


def _credential(app: App, name: str, platform: Platform) -> Iterator[Check]:
    if isinstance(platform, ShowsCredential):
        for credential in platform.credential():
            well, found = stands(credential, _now(app, platform))
            yield Check(well, f"{name} credential", found)


def stands(credential: Credential, now: datetime) -> tuple[bool, str]:
    """Whether a credential is well, and how it stands in words, with its end and the days until then."""
    found, ends = credential.sentence.rstrip(), credential.expires_at
    if ends is None:
        return credential.well, found
    left = ends - now
    when = "" if say(ends) in found else f" on {say(ends)}"
    if left <= timedelta(0):
        return False, f"{found} It ended{when}: renew it now."
    found += f" It ends{when or ' then'}: {say_span(left.total_seconds())} left."
    near = left < credential.warn
    return credential.well and not near, found + (" Renew it before then." if near else "")


def _clock(app: App, name: str, platform: Platform) -> Iterator[Check]:
    told = platform.clock() if isinstance(platform, TellsTime) else None
    if told is not None:
        skew = abs((app.now() - told[0]).total_seconds() - (monotonic() - told[1]))
        yield Check(skew <= 60, f"{name} clock", f"{skew:.0f} seconds from this machine's")


def _probe(_app: App, name: str, platform: Platform) -> Iterator[Check]:
    if isinstance(platform, Probes):
        for sentence in platform.probe():
            yield Check(True, f"{name} probe", sentence)


def _now(app: App, platform: Platform) -> datetime:
    """The present by the platform's own clock, by this machine's where it does not tell."""
    told = platform.clock() if isinstance(platform, TellsTime) else None
    return app.now() if told is None else told[0] + timedelta(seconds=monotonic() - told[1])
