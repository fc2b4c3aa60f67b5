"""What `freeze doctor` asks of every connection: its accounts, its credential, its clock and what else it can check."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic

from freeze.accounts import Gap
from freeze.acts.app import App
from freeze.errors import FreezeError, SettingsError
from freeze.ports import Closes, Credential, Platform, Probes, ShowsCredential, TellsTime
from freeze.run import collect
from freeze.windows import say, say_span
from freeze.words import many

Result = tuple[bool, str, str]
"""Whether it is well, what was looked at, what was found."""
PATIENCE = 45.0
"""Seconds for all connections together; each is asked on a thread of its own."""


def connections(app: App) -> Iterator[Result]:
    """Every connection, in the order of the settings; all are asked at once and nothing waits for one that hangs."""
    asked: list[tuple[str, threading.Thread, list[Result]]] = []
    made = _made(app)
    for name, platform in made.items():
        found: list[Result] = []
        thread = threading.Thread(target=_ask, args=(app, name, platform, found), daemon=True, name=f"doctor-{name}")
        thread.start()
        asked.append((name, thread, found))
    ends = monotonic() + PATIENCE
    for name, thread, found in asked:
        thread.join(max(0.0, ends - monotonic()))
        yield from found[:]
        if thread.is_alive():
            yield False, name, f"it did not answer everything in {PATIENCE:.0f} seconds"
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


def _ask(app: App, name: str, platform: Platform | SettingsError, out: list[Result]) -> None:
    """Everything there is to ask of one connection; what is known so far is in `out` at any moment."""
    if isinstance(platform, SettingsError):
        out.append((False, name, str(platform)))
        return
    for ask in (_accounts, _credential, _clock, _probe):
        try:
            for result in ask(app, name, platform):
                out.append(result)  # noqa: PERF402 (one at a time: a later one may hang)
        except FreezeError as e:
            out.append((False, name, str(e)))
        except Exception as e:  # noqa: BLE001 - a fault in one adapter must not hide the others
            out.append((False, name, f"its answer could not be understood ({type(e).__name__}: {e})"))


def _accounts(_app: App, name: str, platform: Platform) -> Iterator[Result]:
    found = list(collect.accounts(platform))
    gaps = [g for g in found if isinstance(g, Gap)]
    n = len(found) - len(gaps)
    for g in gaps:
        yield False, name, f"{g.reason} {g.advice}".strip()
    if n or not gaps:
        yield True, name, f"{many(n, 'account')} reached"


def _credential(app: App, name: str, platform: Platform) -> Iterator[Result]:
    if isinstance(platform, ShowsCredential):
        for credential in platform.credential():
            well, found = stands(credential, _now(app, platform))
            yield well, f"{name} credential", found


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


def _clock(app: App, name: str, platform: Platform) -> Iterator[Result]:
    told = platform.clock() if isinstance(platform, TellsTime) else None
    if told is not None:
        skew = abs((app.now() - told[0]).total_seconds() - (monotonic() - told[1]))
        yield skew <= 60, f"{name} clock", f"{skew:.0f} seconds from this machine's"


def _probe(_app: App, name: str, platform: Platform) -> Iterator[Result]:
    if isinstance(platform, Probes):
        for sentence in platform.probe():
            yield True, f"{name} probe", sentence


def _now(app: App, platform: Platform) -> datetime:
    """The present by the platform's own clock, by this machine's where it does not tell."""
    told = platform.clock() if isinstance(platform, TellsTime) else None
    return app.now() if told is None else told[0] + timedelta(seconds=monotonic() - told[1])
