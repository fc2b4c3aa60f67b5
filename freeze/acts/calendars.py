"""Gathering what a calendar shows, and writing calendars to files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from freeze import private
from freeze.accounts import slug
from freeze.acts import clocks
from freeze.acts.app import App
from freeze.clocks.workdays import ENGLAND_AND_WALES
from freeze.errors import UsageError
from freeze.judging.evaluate import Verdicts
from freeze.pauses.freezes import FAR, ahead
from freeze.people.sources import OLD, Age
from freeze.ports import Facts
from freeze.store import calendar as calendar_store
from freeze.store import events as event_store
from freeze.views import feeds
from freeze.views.month import Material, Month, Rule, month, weeks
from freeze.windows import Window, end_of, london, midnight, say, say_short
from freeze.words import safe

AHEAD = timedelta(days=366)
"""How far ahead the council's rules are asked when they hold."""


@dataclass(frozen=True)
class Shown:
    """A month, and the files that were written."""

    month: Month
    written: Sequence[Path]


def calendar(app: App, first: date, service: str | None, *, ics: Path | None = None, html: Path | None = None) -> Shown:
    """The month that starts on `first`, for one service or for all; written as a feed or a page where these are given.

    For a service, and in files, a pause that is not announced is only "Publishing pause". Raises UsageError for a
    service that is not on the register, and for a file that cannot be written.
    """
    if ics is not None:
        material = feed_material(app, first, service)
    else:
        monday, sunday = weeks(first)
        material = gather(app, midnight(monday), end_of(sunday), service)
    of, written = service or "", []
    if html is not None:
        written.append(write(html, page(month(material, first, of, plain=True))))
    if ics is not None:
        written.append(write(ics, publish(app, material, of)))
    return Shown(month(material, first, of, plain=service is not None), written)


def gather(app: App, start: datetime, end: datetime, service: str | None = None) -> Material:
    """Everything a calendar of the posts in [start, end) is made from. Reads the store only.

    Raises UsageError for a service that is not on the register.
    """
    with app.store.read() as c:
        known = app.known(c)
        if service is not None:
            known.check_names(app.kinds, services=[service], accounts=())
        now, lead, register, freezes = known.now, known.lead, known.register, known.freezes
        posts = calendar_store.posts(c, register, start, end)
        stands, outs = calendar_store.stands(c), calendar_store.outs(c)
        told = clocks.with_clocks(app, c, Facts(now, register, events=event_store.between(c, start, end)))
        kept = clocks.calendar(app, c)
    facts = Facts(now, register, ahead(freezes, now, lead), known.allowing)
    rules, troubles = rules_of(app, told, Window(start, min(end, max(now, start) + AHEAD)))
    shown = {(f.policy, w.start, w.end) for f in freezes if f.key for w in f.windows}
    rules = [r for r in rules if (r.policy, r.window.start, r.window.end) not in shown]
    ages = known.ages()
    troubles += [t for a in ages if (t := _trouble(a, now))]
    return Material(
        now=now,
        council=app.settings.council.name,
        marking=app.settings.council.marking,
        lead=lead,
        register=register,
        freezes=freezes,
        verdicts=Verdicts(facts),
        posts=posts,
        stands=stands,
        outs=outs,
        rules=rules,
        holidays=lambda day: tuple(h.title for h in kept.on(day, ENGLAND_AND_WALES)),
        sources=[_read(a, now) for a in ages if not _trouble(a, now)],
        troubles=troubles,
    )


def _read(age: Age, now: datetime) -> str:
    """When a source was read; a file is opened later, so that "a minute ago" would be wrong."""
    if age.as_of is not None or age.read_at is None:
        return f"{age.connection}: {age.said(now)}"
    return f"{age.connection}: {say_short(age.read_at)}"


def _trouble(age: Age, now: datetime) -> str:
    """Why what a source showed is no answer; empty when it is one."""
    seen = age.as_of or age.read_at
    if seen is not None and now - seen > OLD:
        return f"{age.connection} NOT SEEN SINCE {say(seen)}: what was scheduled there since is not known."
    if age.read_at is None or age.reason:
        return f"Could not know about {age.connection}: {age.said(now)}."
    return ""


def rules_of(app: App, facts: Facts, span: Window) -> tuple[list[Rule], list[str]]:
    """The windows of every rule that has some, and a sentence for each rule that could not say.

    Rules are not told of pauses here: what a quiet one is must not come back by another way.
    """
    found, troubles = [], []
    for name, module in app.policies.items():
        windows = getattr(module, "windows", None)
        if windows is None:
            continue
        title = str(getattr(module, "TITLE", "") or name.replace("-", " ").capitalize())
        try:
            found += [Rule(name, title, w) for w in windows(app.policy_options[name], facts, span)]
        except Exception as e:  # noqa: BLE001 - one broken rule must not take the calendar away
            troubles.append(f"The rule {name} could not say when it holds: {type(e).__name__}: {e}.")
    return found, troubles


def publish(app: App, material: Material, service: str) -> bytes:
    """The .ics feed of a service (or everybody's), and what it says remembered."""
    from freeze.report import ics

    name = feeds.name_of(service)
    current = feeds.events(material, service)
    with app.store.write() as c:
        known = calendar_store.issues(c, name)
        revision = feeds.revise(known, current, material.now)
        calendar_store.keep(c, name, revision.changed, known, revision.gone)
    return ics.feed(material, service, revision.published)


def feed_material(app: App, first: date, service: str | None = None) -> Material:
    """What a feed is made from, and the month that starts on `first`: the last weeks, and everything ahead."""
    return gather(app, min(app.now() - feeds.KEPT, midnight(weeks(first)[0])), FAR, service)


def write(path: Path, content: bytes, *, make: bool = False) -> Path:
    """Put a file in its place at once, so that nobody ever fetches half of one; `make` its folder where there is none.

    Raises UsageError if it cannot be.
    """
    try:
        if path.is_dir():
            raise UsageError(f"{path} cannot be written: it is a folder.", "Give the name of a file.")
        if make:
            private.folder(path.parent)
        private.whole(path, content, readers=True)
    except OSError as e:
        raise UsageError(
            f"{safe(str(path), 200)} cannot be written: {e.strerror}.", "Check the folder and who may write there."
        ) from None
    return path


def page(m: Month) -> bytes:
    """A month as one static page."""
    from freeze.report import calendar_html

    return calendar_html.page(m).encode()


def write_calendars(app: App, folder: Path) -> list[Path]:
    """One page of this London month and one .ics feed for every service: FOLDER/libraries/calendar.html, calendar.ics.

    Names are lasting, so that a link or a subscription goes on working, and each folder can be shared with its own
    readers. Raises UsageError when a file cannot be written.
    """
    first = london(app.now()).date().replace(day=1)
    material = feed_material(app, first)
    return [p for name, service in _folders(material) for p in _both(app, material, first, folder / name, service)]


def _both(app: App, m: Material, first: date, folder: Path, service: str) -> Iterator[Path]:
    yield write(folder / "calendar.html", page(month(m, first, service, plain=True)), make=True)
    yield write(folder / "calendar.ics", publish(app, m, service))


def _folders(m: Material) -> Iterator[tuple[str, str]]:
    """A folder for each service; two services whose names are nearly the same do not share one."""
    taken: set[str] = set()
    for service in sorted({a.service for a in m.register.values() if a.service and a.in_scope}):
        base = slug(service)
        name = next(n for n in (base, *(f"{base}-{i}" for i in range(2, 10_000))) if n not in taken)
        taken.add(name)
        yield name, service
