"""What a declaration would do, and what it did: as lines, and for `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from freeze.accounts import Account
from freeze.pauses.freezes import Freeze, enforced, standing
from freeze.pauses.preview import Plan
from freeze.posts import Json
from freeze.report import first, outcome, pause, picture, preview
from freeze.report.pause import Ran
from freeze.views.declaring import Declared, Proposal
from freeze.windows import say, say_short
from freeze.words import many


def top(p: Proposal) -> list[str]:
    """What stands before everything else: what stops most, and how old the picture is."""
    f, tasks = p.shown, p.known.tasks_of(p.shown)
    whole, rehearsal = f.scope.everything, f.rehearsal
    return first.lines(
        p.plan, p.switches, p.holders, tasks, p.schedulers, p.known.now, everything=whole, rehearsal=rehearsal
    )


def proposed(p: Proposal) -> list[str]:
    """What the store knows, at once and without any call."""
    now = p.known.now
    out = preview.lines(p.new, p.plan, p.known.register, p.known.ages(), p.store, now, top(p))
    if p.later:
        stand = "stands in its time and is" if len(p.later) == 1 else "stand in its time and are"
        due = min(x.intended_at for x in p.later if x.intended_at)
        out.append(f"{many(len(p.later), 'scheduled post')} {stand} held later, the first due {say_short(due)}.")
    return out


def proposed_json(p: Proposal) -> dict[str, Json]:
    """The same for `--json`."""
    return {**picture.plan_json(p.plan, p.known.register), "later": [x.ref for x in p.later]}


def begun(made: Freeze, lead: timedelta, now: datetime, *, named_only: bool) -> list[str]:
    """What happens from now on; `named_only`: business goes on, and only what the settings name is held."""
    out = []
    if enforced(made, now, lead):
        what = "What the settings name is being held" if named_only else "Posts are being stopped"
        out.append(f"{what}. Nothing is lost, and you can undo this: freeze undo {made.ref}")
    else:
        out.append(
            f"It is still to come: its posts are held from {say(made.start - lead)} on, by freeze sync --enforce."
        )
    if made.quiet:
        out.append(
            f'It is quiet: others are told only "Publishing pause", until: freeze announce {made.ref} --source URL'
        )
    return out


def done(d: Declared) -> list[str]:
    """What came of it."""
    now, f, ran = d.known.now, d.freeze, d.ran
    out = [""]
    if ran.interrupted:
        out.append("INTERRUPTED. This is what is held so far; run the same command again to complete it.")
    if standing(f, now).over:
        out.append(f"{f.says()} is {standing(f, now).value} by now: it holds nothing more.")
    out += outcome.lines(d.what, now)
    trouble = outcome.trouble(ran.gaps, ran.rejects.values(), ran.notes, ran.unregistered)
    out += ["", *trouble] if trouble else []
    out += ["", d.unkept] if d.unkept else []
    return [*out, "", f"See it again: freeze status        Log head: {d.known.head}"]


def done_json(d: Declared) -> dict[str, Json]:
    """The same for `--json`."""
    return pause.data(d.freeze, d.what, d.ran, d.known.now, [d.freeze])


def rehearsed(made: Freeze, plan: Plan, ran: Ran) -> list[str]:
    """What a rehearsal read, and what would have been done."""
    stops = sum(n for k, n in plan.by_kind.items() if k.value != "human")
    out = [
        f"REHEARSAL: {made.says()}. Nothing real was touched.",
        (
            f"REHEARSAL: {len(plan.items)} posts read live; the guard would hold {stops}, "
            f"a person would have to stop {len(plan.items) - stops - len(plan.too_late)}, "
            f"{len(plan.too_late)} would be too late."
        ),
    ]
    return out + [f"REHEARSAL: {line}" for line in outcome.trouble(ran.gaps, ran.rejects.values(), [], [])]


def rehearsed_json(
    made: Freeze, plan: Plan, register: Mapping[str, Account], ran: Ran, now: datetime
) -> dict[str, Json]:
    """The same for `--json`."""
    body = picture.freeze_json(made, now) | {"plan": picture.plan_json(plan, register)}
    gaps: Sequence[Json] = [picture.gap_json(g) for g in ran.gaps]
    return body | {"gaps": list(gaps)}
