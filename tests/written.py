"""Every page and every CSV file people read, made from values whose texts all say the same words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from freeze.accounts import Account
from freeze.clocks.requests import Request
from freeze.crisis import Crisis, Noted, What
from freeze.files import register as register_file
from freeze.findings import Finding, Level
from freeze.holds import Expected, Hold, HoldState, Kind
from freeze.judging.evaluate import COULD_NOT, Verdicts
from freeze.outs import Out
from freeze.pauses.freezes import Freeze, ahead
from freeze.people.sources import Source
from freeze.people.tasks import STOP, Task, Wanted
from freeze.permissions import How, Permission
from freeze.ports import Facts, Scope
from freeze.posts import Locator, Post, Seen, State
from freeze.report import calendar_html, conflicts, crisis_pack, digest, digest_page, handover, housekeeping, requests
from freeze.report.crisis_pack import Happened, Pack
from freeze.report.messages import Sender
from freeze.views.digest import Digest
from freeze.views.digest_items import Item, Picture, Reader, Sort
from freeze.views.found import Found
from freeze.views.marks import Stand
from freeze.views.month import Material, Rule, month
from freeze.windows import Window

NOW = datetime(2026, 10, 14, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
AHEAD = Window(NOW + 48 * HOUR, NOW + 96 * HOUR, "civil")


def pages(words: str, *, marking: str = "OFFICIAL") -> dict[str, str]:
    """Each page by its name; `words` stand in every text of what it is made from."""
    register, posts = _register(words), _posts(words)
    pause = _pause(words)
    material = _material(words, register, posts, pause, marking)
    return {
        "calendar": calendar_html.page(month(material, date(2026, 10, 1), plain=False)),
        "digest": digest_page.page(_digest(words, register, posts, marking)),
        "conflicts": conflicts.page(
            conflicts.rows(_findings(words), posts, register), words, NOW, [words, "A line."], marking=marking
        ),
        "calm conflicts": conflicts.page([], words, NOW, [words]),
        "housekeeping": housekeeping.page(_findings(words), register, words, date(2026, 10, 12)),
        "crisis": crisis_pack.page(_pack(words, register, posts, pause, marking)),
        "evidence": crisis_pack.sheet_page(_pack(words, register, posts, pause, marking)),
        "hand-over": handover.page(
            [_task(words), _task("")], [pause], Sender(words, marking, words, words, words), NOW
        ),
    }


def tables(words: str) -> dict[str, str]:
    """Each CSV file by its name; `words` stand in every text of what it is made from."""
    register, posts = _register(words), _posts(words)
    request = Request(1, words, words, words, words, NOW.date(), words, NOW, words, reference=words)
    return {
        "digest": digest.table(_digest(words, register, posts, "")),
        "conflicts": conflicts.table(conflicts.rows(_findings(words), posts, register)),
        "housekeeping": housekeeping.table(_findings(words), register, words, date(2026, 10, 12)),
        "crisis": crisis_pack.table(_pack(words, register, posts, _pause(words), "")),
        "requests": requests.table([request]),
        "register": register_file.table([dict.fromkeys(register_file.COLUMNS, words)]),
    }


def _register(words: str) -> dict[str, Account]:
    return {"lib": Account("lib", words, words, words, words, words, words)}


def _posts(words: str) -> dict[int, Post]:
    return {
        n: Post(n, "lib", words, words, Locator(words, "lib", str(n)), state, at, words, words, words, words)
        for n, (state, at) in enumerate(
            (
                (State.SCHEDULED, NOW + 50 * HOUR),
                (State.PENDING_APPROVAL, NOW + 51 * HOUR),
                (State.SCHEDULED, NOW - HOUR),
                (State.SCHEDULED, NOW + 5 * HOUR),
                (State.SCHEDULED, None),
                (State.PUBLISHED, NOW - 30 * HOUR),
            ),
            start=1,
        )
    }


def _pause(words: str) -> Freeze:
    return Freeze(
        number=1,
        preset="crisis",
        title=words,
        policy="crisis",
        clause=words,
        scope=Scope(everything=True),
        windows=(AHEAD,),
        provisional=False,
        d_day=None,
        because=words,
        reason=words,
        authority=words,
        declared_at=NOW,
        declared_by=words,
        announced_at=NOW,
        announced_source=words,
    )


def _material(
    words: str, register: dict[str, Account], posts: dict[int, Post], pause: Freeze, marking: str
) -> Material:
    return Material(
        now=NOW,
        council=words,
        marking=marking and words,
        lead=24 * HOUR,
        register=register,
        freezes=[pause],
        verdicts=Verdicts(Facts(NOW, register, ahead([pause], NOW, 24 * HOUR))),
        posts=list(posts.values()),
        stands={1: Stand(HoldState.CONFIRMED, words, NOW + HOUR, NOW + 900 * HOUR)},
        outs={6: Out(NOW - 30 * HOUR, "slip")},
        rules=[Rule("silence", words, Window(NOW, NOW + HOUR, words))],
        holidays=lambda day: (words,) if day.day == 26 else (),
        sources=[words],
        troubles=[words],
    )


def _findings(words: str) -> list[Finding]:
    return [
        Finding(words, Level.CONFLICT, words, words, 1, "lib", policy=words, about=words),
        Finding(words, Level.STOP, words, words, 2, "lib", policy=words, freeze=words),
        Finding("8.1", Level.NOTE, words, "", 5, "lib", policy="rule"),
        Finding("8.1", Level.HOUSEKEEPING, words, words, None, "", policy="rule", about=COULD_NOT),
    ]


def _digest(words: str, register: dict[str, Account], posts: dict[int, Post], marking: str) -> Digest:
    items = (
        Item(
            "a",
            Sort.TO_DO,
            words,
            words,
            None,
            NOW + HOUR,
            "p1",
            words,
            words,
            words,
            words,
            True,
            finding=words,
            news="new",
        ),
        Item("b", Sort.WENT_OUT, words, "", None, NOW - HOUR, "p2", words, words, words, "", news="changed"),
        Item("c", Sort.UNKNOWN, words, words, clause=words),
        Item("d", Sort.MAYBE, words),
        Item("e", Sort.NOTE, words, post="p5"),
    )
    picture = Picture(
        now=NOW,
        pauses=(),
        findings=[],
        posts=posts,
        register=register,
        sources={"orlo": Source(words, NOW - HOUR, True, words, "export")},
        head=words,
        council=words,
        marking=marking and words,
        missed=words,
        warnings=[words],
        accepted_now=words,
    )
    return Digest(Reader(words), date(2026, 10, 14), picture, items, NOW - 24 * HOUR, 2, (words,))


def _pack(words: str, register: dict[str, Account], posts: dict[int, Post], pause: Freeze, marking: str) -> Pack:
    crisis = Crisis()
    for what in (What.GROUP, What.APPROVER, What.DEPUTY, What.REVIEW):
        crisis = crisis.noted(Noted(NOW, words or "-", what, (words or "-")[:1_900]))
    place = Locator(words, "lib", "1")
    hold = Hold(
        1,
        1,
        HoldState.NEEDS_A_PERSON,
        Kind.HUMAN,
        words,
        words,
        Seen(place, State.SCHEDULED, posts[1].intended_at),
        Expected(),
        None,
        NOW,
        None,
        words,
        "",
        None,
        "",
    )
    found = Found(
        [hold], posts, register, [SimpleNamespace(post=2, at=NOW, how="slip", why=words)], tasks=[_task(words)]
    )
    given = Permission(1, "f1", How.WORDS, words, words, NOW, words=words, accounts=("lib",))
    return Pack(
        pause, crisis, found, [given], [Happened(NOW, words, words)], register, NOW, words, marking and words, words
    )


def _task(words: str) -> Task:
    return Task(1, 1, Wanted(f"{STOP}:c:1", STOP, words, words, words, words, ("lib",), (1,), NOW + HOUR), NOW)
