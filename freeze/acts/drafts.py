"""Judging what is not scheduled yet. Needs no connection, store or settings.

Where there is a store, pauses, register, agreements, events and what is scheduled are known too. Rules that look across
posts see a draft beside what is scheduled around its time, and beside the other drafts of its batch of lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from freeze.acts.app import App
from freeze.errors import UsageError
from freeze.files.drafts import Directory, Draft, Row, from_csv, from_jsonl, read
from freeze.findings import Finding, Level
from freeze.judging.evaluate import COULD_NOT, findings
from freeze.permissions import Allowing
from freeze.ports import Facts
from freeze.posts import Post, Reject

BATCH = 5_000
"""Drafts that are compared with one another; a larger file is read in so many lines at a time."""
AROUND = timedelta(days=31)
"""How far from a draft's time scheduled posts are compared with it."""
ORDER = tuple(Level)
Judged = tuple[Draft, list[Finding]]


@dataclass(frozen=True)
class _Known:
    """What drafts are judged by; `stored` is whether there is a store at all."""

    facts: Facts
    scheduled: tuple[Post, ...]
    stored: bool


def text(app: App, given: Mapping[str, Any]) -> tuple[Draft, list[Finding], bool]:
    """One text, as a row of a file would give it: its draft, what conflicts, and whether there is a store."""
    known = _known(app)
    draft = read(Row(1, dict(given)), Directory(known.facts.accounts.values()), known=known.stored)
    ((_, found),) = _judged(app, [draft], known)
    return draft, found, known.stored


@contextmanager
def opened(app: App, file: Path, unusable: Callable[[str, str], None]) -> Iterator[tuple[Iterator[Judged], bool]]:
    """Every line of a file with what conflicts, in the order of the file, and whether there is a store.

    `unusable` hears of each line that cannot be used: where it stands, and why. Raises UsageError for a file that
    cannot be read, or of a kind that is not known.
    """

    def usable(rows: Iterable[Row | Reject], register: Directory, *, stored: bool) -> Iterator[Draft]:
        for row in rows:
            if isinstance(row, Reject):
                unusable(row.where, row.reason)
                continue
            try:
                draft = read(row, register, known=stored)
            except UsageError as e:
                unusable(f"{file.name} line {row.line}", str(e))
                continue
            yield draft

    def each(drafts: Iterator[Draft], known: _Known) -> Iterator[Judged]:
        while batch := list(islice(drafts, BATCH)):
            yield from _judged(app, batch, known)

    with _reader(file)() as rows:
        known = _known(app)
        drafts = usable(rows, Directory(known.facts.accounts.values()), stored=known.stored)
        yield each(drafts, known), known.stored


def _reader(file: Path) -> Callable[[], Any]:
    """What opens the file and reads its lines. Raises UsageError for a kind of file that is not known."""
    kind = file.suffix.casefold()
    if kind not in (".csv", ".jsonl", ".ndjson"):
        raise UsageError(f"{file}: drafts are a CSV file or JSON lines.", "Name it .csv or .jsonl.")

    @contextmanager
    def opened() -> Iterator[Iterator[Row | Reject]]:
        try:
            if kind == ".csv":
                with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as f:
                    yield from_csv(f, file.name)
            else:
                with file.open("rb") as b:
                    yield from_jsonl(b, file.name)
        except OSError as e:
            raise UsageError(f"{file} cannot be read: {e.strerror}.", "Check the name and who may read it.") from None

    return opened


def _known(app: App) -> _Known:
    """Everything there is to know: from the store where there is one, else nothing but the rules and the time."""
    now = app.now()
    url = app.settings.store.url
    is_file = "://" not in url or url.startswith("sqlite")
    if is_file and not (app.base / url.removeprefix("sqlite:///")).exists():
        return _Known(Facts(now, {}, allowing=Allowing((), app.kinds_of_post)), (), stored=False)
    from freeze.acts import judge
    from freeze.store import posts as post_store

    with app.store.read() as c:
        facts = judge.facts(app, c, app.known(c))
        scheduled = tuple(post_store.fetch(c, post_store.waiting(), facts.accounts))
    # A draft may be meant for a pause that holds nothing yet.
    return _Known(replace(facts, freezes=facts.declared), scheduled, stored=True)


def _judged(app: App, batch: Sequence[Draft], known: _Known) -> Iterator[Judged]:
    """Each draft with what conflicts, the worst first."""
    facts = replace(known.facts, accounts={**known.facts.accounts, **{d.account.id: d.account for d in batch}})
    posts = [d.post for d in batch]
    mine: dict[int, list[Finding]] = {p.id: [] for p in posts}
    found = findings(posts, facts, _only(app.policies, "judge"), app.policy_options)
    found += _across(app, facts, _around(known.scheduled, posts, facts.now), posts)
    for f in found:
        for ident in mine if f.about == COULD_NOT else _meant(f, mine):
            mine[ident].append(f)
    for d in batch:
        if d.unknown:
            mine[d.post.id].append(_nobody_registered(d))
        yield d, sorted(mine[d.post.id], key=lambda f: (ORDER.index(f.level), f.clause))


def _across(app: App, facts: Facts, scheduled: Sequence[Post], drafts: Sequence[Post]) -> list[Finding]:
    """What rules that look across posts say of these drafts among what is scheduled.

    Such a finding may stand on the scheduled post and not name the draft. Where only one draft is asked about, what
    was not found without it is about it.
    """
    rules = _only(app.policies, "across", "inspect")

    def asked(posts: Sequence[Post]) -> list[Finding]:
        return [f for f in findings(posts, facts, rules, app.policy_options) if f.level is not Level.STOP]

    found = asked([*scheduled, *drafts])
    if len(drafts) != 1 or not scheduled:
        return found
    before = {(f.policy, f.post, f.sentence) for f in asked(scheduled)}
    fresh = {f for f in found if f.post is not None and f.post > 0 and (f.policy, f.post, f.sentence) not in before}
    return [replace(f, post=drafts[0].id) if f in fresh else f for f in found]


def _meant(f: Finding, drafts: Collection[int]) -> set[int]:
    """The drafts a finding is about: the one it stands on, and those it names."""
    named = {-int(n) for n in re.findall(r"(?<!\w)p-(\d+)(?!\w)", f.sentence)}
    return {n for n in (f.post, *named) if n is not None and n in drafts}


def _only(policies: Mapping[str, Any], *functions: str) -> Mapping[str, Any]:
    """The rules that have any of these functions, each with those only."""
    return {
        name: SimpleNamespace(CLAUSES=p.CLAUSES, **{f: getattr(p, f) for f in functions if hasattr(p, f)})
        for name, p in policies.items()
        if any(hasattr(p, f) for f in functions)
    }


def _around(scheduled: Iterable[Post], drafts: Sequence[Post], now: datetime) -> list[Post]:
    """What is scheduled near the times of these drafts."""
    times = [p.intended_at or now for p in drafts]
    first, last = min(times) - AROUND, max(times) + AROUND
    return [p for p in scheduled if p.intended_at is None or first <= p.intended_at <= last]


def _nobody_registered(d: Draft) -> Finding:
    where = f" on {d.account.platform}" if d.account.platform else ""
    return Finding(
        clause="2.5",
        level=Level.CONFLICT,
        sentence=f"Nobody registered the account “{d.account.name}”{where}.",
        next_step="Check how it is written (its id, handle or name), or ask Communications to register it.",
        post=d.post.id,
        policy="unregistered",
    )
