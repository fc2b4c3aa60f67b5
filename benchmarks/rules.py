"""Judging measured: every rule on 20,000 posts under ten pauses, against rule engines in the same run.

    python -m benchmarks.bench rules            as a promise, with the others
    python -m benchmarks.rules [POSTS]          what each rule takes, slowest first

The engines are asked of a slice of the posts whether ten pauses hold them: eight simple rules, compiled once, with each
pause given as data, as pauses are rows that people declare. Each call turns the record into the engine's own values,
which costs more than a rule does. Times are the processor's, as other work on the machine must not count.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
from types import ModuleType
from typing import Any

import policies
from benchmarks.table import Measure
from freeze.accounts import Account, KnownBio
from freeze.council import discover
from freeze.events import Event
from freeze.judging.evaluate import COULD_NOT, Verdicts, findings
from freeze.permissions import Allowing, Kinds
from freeze.ports import Facts, FreezeView, Scope
from freeze.posts import Locator, Post, State
from freeze.register import Administrator, Record
from freeze.windows import Window

POSTS, FREEZES, SLICE = 20_000, 10, 200
FEW, MANY = 10_000, 100_000
NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
SERVICES = ("libraries", "highways", "fire-and-rescue", "archives", "country-parks", "recycling", "schools", "jobs")
PLATFORMS = ("facebook", "x", "instagram", "linkedin", "wordpress")
PLACES = ("Netherby", "Saltmarket", "Low Harting", "Great Ousden", "Beacon Hill", "Thornley Magna", "Anyford")
WHAT = (
    "Road works on the A{n} near {place}: please allow more time, the diversion is signed from the roundabout.",
    "Story time at {place} library on {day}, free, no need to book. Bring a cushion and a friend or two!",
    "Bin day in {place} moves to {day} this week. Put your bins out by 7am and take them in again by the evening.",
    "We are hiring: {n} social workers wanted in {place}. Apply by {day} at https://www.anyshire.example/jobs/{n}",
    "Did you know? {place} market has been held for {n} years. Come and see the photographs at the archives.",
    "Half-term walks in {place} country park, {day} at 10am. Dogs on leads please. What is your favourite path?",
    "Smoke alarms save lives. Test yours every {day}; our crews can help if you live near {place} ({n} fitted so far).",
    "School admissions for {place} close on {day}. Call 01632 960{n} or look at the website for how to apply.",
)
WORDS = (
    "people", "families", "evening", "winter", "garden", "bridge", "open", "closed", "help", "advice", "money",
    "heating", "transport", "cycling", "bus", "train", "river", "museum", "film", "reading", "group", "meeting",
    "budget", "plan", "street", "lights", "repair", "team", "volunteer", "young", "older", "carers", "cost", "free",
    "weekend", "summer", "autumn", "spring", "music", "theatre", "swimming", "football", "nursery", "school",
    "college", "course", "skills", "business", "grant", "recycling", "food", "waste", "compost", "trees", "birds",
    "pond", "history", "map", "photograph", "letter", "village", "town", "parish", "church", "hall", "kitchen",
    "health", "walking", "running", "clinic", "vaccine", "dental", "doctor", "pharmacy", "safe", "fire", "smoke",
    "alarm", "candle", "electric", "gas", "oil",
)  # fmt: skip
"""What three posts of four are made of: most have words of their own; the fourth belongs to a series."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def world(posts: int) -> tuple[list[Post], Facts]:
    """So many posts on 40 accounts over 60 days (more posts: more days), under ten pauses, and what rules may know."""
    chance = random.Random(posts)
    register: dict[str, Account] = {}
    for n in range(40):
        a = Account(
            f"a{n}", f"Anyshire {n}", PLATFORMS[n % 5], f"@any{n}", SERVICES[n % 8], "Jo Smith", "", n % 13 != 0
        )
        register[a.id] = a
    days = 60 * max(1, posts // POSTS)
    made = [_post(n, chance, register[f"a{n % 40}"], days / posts) for n in range(1, posts + 1)]
    people = (Administrator("Jo Smith", "Ali Khan"), Administrator("Sam Patel", "Ali Khan"))
    records = {a: Record(kind="corporate", hours="Mon-Fri 09:00-17:00", administrators=people) for a in register}
    bios = [KnownBio(a.id, a.platform, a.name, "Monitored Mon-Fri 9am-5pm.", 160, NOW) for a in register.values()]
    events = [
        Event(
            "full council", f"Meeting {n}", Window(at := NOW + timedelta(days=3 * n), at + timedelta(hours=3)), "x.ics"
        )
        for n in range(20)
    ]
    freezes = tuple(_freeze(n) for n in range(FREEZES))
    kinds = Kinds(tags={"flood": "flood"}, always={"royal-death": frozenset({"warnings"})})
    facts = Facts(NOW, register, freezes, Allowing((), kinds), records=records, bios=bios, events=events)
    return made, replace(facts, declared=freezes, policy_review=NOW.date())


def _post(n: int, chance: random.Random, a: Account, step: float) -> Post:
    place, day = chance.choice(PLACES), chance.choice(DAYS)
    text = chance.choice(WHAT).format(n=chance.randrange(100, 999), place=place, day=day)
    if n % 4:
        text = f"{chance.choice(WORDS).capitalize()} in {place}: {' '.join(chance.sample(WORDS, 22))}."
    tags = ("flood",) if n % 50 == 0 else (f"campaign:{n % 7}",) if n % 11 == 0 else ()
    at = NOW + timedelta(days=n * step)
    where = Locator("orlo", a.id, str(n))
    return Post(n, a.id, a.platform, a.service, where, State.SCHEDULED, at, text, tags=tags, boosted=n % 500 == 0)


def _freeze(n: int) -> FreezeView:
    """The first covers everything for ten days; the others two services each, for a week, one after the other."""
    start = NOW + timedelta(days=5 * n)
    scope = Scope(everything=True) if n == 0 else Scope(services=(SERVICES[n % 8], SERVICES[(n + 3) % 8]))
    window = Window(start, start + timedelta(days=10 if n == 0 else 7))
    return FreezeView(f"f{n}", "royal-death" if n == 0 else "crisis", (window,), scope, True, f"Pause {n}", "4.4", "p")


def every_rule() -> tuple[Mapping[str, ModuleType], dict[str, Any]]:
    """The rules there are, with their defaults."""
    found = discover.keyed(policies, "ID", ("CLAUSES", "Options"))
    return found, {name: module.Options() for name, module in found.items()}


def rules() -> Iterator[Measure]:
    """Every rule on 20,000 posts under ten pauses; the verdict of pauses alone; ten times as many posts."""
    modules, options = every_rule()
    posts, facts = world(POSTS)
    engines = _engines(_asked(posts[:SLICE], facts))
    findings(posts[:500], facts, modules, options)  # what is loaded once is loaded
    spent, found = _timed(lambda: findings(posts, facts, modules, options))
    failed = [f.sentence for f in found if f.about == COULD_NOT]
    yield Measure(
        f"every rule, {POSTS:,} posts x {FREEZES} pauses",
        spent / POSTS * 1e6,
        "µs/post",
        0.2,
        engines["zen-engine"][0],
        f"baseline: zen-engine, 8 simple rules x {FREEZES} pauses, {SLICE} posts; {len(modules)} rules, "
        f"{len(found):,} findings; slowest: {_slowest(posts, facts)}{'; FAILED: ' + failed[0] if failed else ''}",
        not failed,
    )
    verdicts = Verdicts(facts)
    ours = min(_timed(lambda: [verdicts.covering(p) for p in posts])[0] for _ in range(3)) / POSTS * 1e6
    held = [[f in verdicts.covering(p) for f in facts.freezes] for p in posts[:SLICE]]
    for name, (_, theirs, fused, said) in engines.items():
        note = f"baseline: {name}, window and scope of {FREEZES} pauses as {WINDOW_AND_SCOPE} simple rules: "
        note += f"{theirs / ours:,.0f} times ours; all 8 rules in one expression: {fused / ours:,.0f} times"
        yield Measure(f"the verdict of pauses alone, against {name}", ours, "µs/post", 0.01, theirs, note, said == held)
    used = _memory()
    yield Measure(f"every rule, {POSTS:,} posts: memory", used, "MB", 300, None, "a process of its own", used > 0)
    taken: dict[int, float] = {}
    for n in (FEW, MANY):
        whole = world(n)
        taken[n] = _timed(partial(findings, *whole, modules, options))[0]
    note = f"baseline: {FEW:,} posts; ten times as many may take at most 12 times as long"
    yield Measure(f"every rule, {MANY:,} posts", taken[MANY], "s", 12, taken[FEW], note)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def each_rule(posts: Sequence[Post], facts: Facts) -> list[tuple[str, float, int]]:
    """Every rule alone: its name, microseconds a post (what judging pauses takes left out) and its findings."""
    modules, options = every_rule()
    bare, without = min((_timed(partial(findings, posts, facts, {}, {})) for _ in range(3)), key=itemgetter(0))
    out = []
    for name, module in modules.items():
        spent, found = _timed(partial(findings, posts, facts, {name: module}, options))
        out.append((name, max(0.0, spent - bare) / len(posts) * 1e6, len(found) - len(without)))
    return sorted(out, key=lambda r: -r[1])


def _slowest(posts: Sequence[Post], facts: Facts) -> str:
    return ", ".join(f"{name} {spent:.0f} µs" for name, spent, _ in each_rule(posts, facts)[:3])


def _memory() -> float:
    """The most memory a process takes that judges 20,000 posts, in MB; 0 where it failed."""
    code = f"from benchmarks.rules import *; m, o = every_rule(); findings(*world({POSTS}), m, o)"
    p = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parent.parent)
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_maxrss / 1024 if p.returncode == 0 else 0.0


def _questions(both: str, either: str) -> list[str]:
    """Eight simple rules about one post and one pause, which hold together where the pause holds the post."""
    return [
        "at >= f.start",
        "at < f.end",
        f"f.everything {either} service in f.services",
        "in_scope",
        "state in ['scheduled', 'pending_approval']",
        f"at >= now {either} state == 'pending_approval'",
        f"kind == '' {either} !(kind in f.kinds)" if both == "&&" else "kind == '' or not (kind in f.kinds)",
        "!(id in f.posts)" if both == "&&" else "not (id in f.posts)",
    ]


def _asked(posts: Sequence[Post], facts: Facts) -> list[list[dict[str, Any]]]:
    """What an engine is given: for each post, one record for each pause."""
    pauses = [
        {
            "start": int(f.windows[0].start.timestamp()),
            "end": int(f.windows[0].end.timestamp()),
            "everything": f.scope.everything,
            "services": list(f.scope.services),
            "kinds": ["warnings", "school-closures"],
            "posts": [-1, -2, -3],
        }
        for f in facts.freezes
    ]
    return [[{**_record(p, facts), "f": f} for f in pauses] for p in posts]


def _record(p: Post, facts: Facts) -> dict[str, Any]:
    assert p.intended_at is not None
    return {
        "id": p.id,
        "at": int(p.intended_at.timestamp()),
        "now": int(facts.now.timestamp()),
        "service": p.service,
        "in_scope": facts.accounts[p.account].in_scope,
        "state": p.state.value,
        "kind": "",
    }


Said = tuple[float, float, float, list[list[bool]]]
"""Microseconds a post for eight rules and ten pauses, for the four of window and scope, for all in one expression; and
which pauses hold each post."""
WINDOW_AND_SCOPE = 4
"""How many of the questions are about window and scope."""


def _engine(compiled: Callable[[str], Callable[[Any], Any]], both: str, either: str, asked: list[Any]) -> Said:
    eight = [compiled(q) for q in _questions(both, either)]
    fused = compiled(f" {both} ".join(f"({q})" for q in _questions(both, either)))
    spent, said = _timed(lambda: [[[ask(r) for ask in eight] for r in each] for each in asked])
    four = _timed(lambda: [[[ask(r) for ask in eight[:WINDOW_AND_SCOPE]] for r in each] for each in asked])[0]
    at_once, again = _timed(lambda: [[fused(r) for r in each] for each in asked])
    agreed = [[all(answers) for answers in each] for each in said] == again
    each_post = [seconds / len(asked) * 1e6 for seconds in (spent, four, at_once)]
    return each_post[0], each_post[1], each_post[2], again if agreed else []


def _engines(asked: list[Any]) -> dict[str, Said]:
    """zen-engine and CEL, each asked about every post and every pause; rules are compiled once, pauses are data."""
    import cel
    import zen

    return {
        "zen-engine": _engine(lambda q: zen.compile_expression(q).evaluate, "and", "or", asked),
        "CEL in Rust": _engine(lambda q: cel.compile(q).execute, "&&", "||", asked),
    }


def main(posts: int) -> None:
    """Print what each rule takes."""
    for name, spent, found in each_rule(*world(posts)):
        print(f"{name:24} {spent:8.1f} µs/post {found:8,} findings")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else POSTS)
