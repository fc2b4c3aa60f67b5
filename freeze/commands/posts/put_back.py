"""`freeze put-back`: held posts go back into their queues, as somebody saw and agreed."""

from __future__ import annotations

import sys
from dataclasses import replace

import click

from freeze.acts import put_back as act
from freeze.acts.app import App
from freeze.commands import codes
from freeze.commands.common import Answer, agreed, command, progress, show, terminal
from freeze.errors import RefusedByRule
from freeze.holds import HoldState
from freeze.report import morning, outcome, picture, todo
from freeze.report import way as report
from freeze.words import many, safe

DONE = (HoldState.PUT_BACK, HoldState.KEPT, HoldState.GONE, HoldState.TOO_LATE)


@click.command("put-back", epilog="Example: freeze put-back f1      (shows the times, then asks)")
@click.argument("ident", metavar="ID")
@click.option("--digest", metavar="D", help="Do exactly what was shown with this digest (needed without a terminal).")
@click.option("--yes", is_flag=True, help="With --digest: do not ask.")
@click.option("--all", "whole", is_flag=True, help="List every post that a person must re-date in the scheduler.")
@command
def put_back_command(app: App, ident: str, digest: str | None, yes: bool, whole: bool) -> Answer:
    """Put the held posts of an ended pause back: spaced, never in the past, never inside any pause.

    While a pause is still in force, only posts go back that it no longer holds: its end was brought forward, a gap was
    cut into it, or somebody allowed them (freeze allow).
    Posts whose time has passed stay held until somebody decides (freeze decide). Posts that somebody changed are
    skipped one by one. What another pause holds stays held.

    The order of a real morning is shown with it, the scheduler's lockdown last: it is lifted only once nothing past its
    time awaits approval, a fresh reading shows no past times, and the held posts are decided.
    """
    f, begun = act.unfinished(app, ident)
    if begun:
        _finish(app)
    with progress("Reading") as told:
        p = act.propose_way(app, f, digest, told)
    way, shown = p.way, report.as_json(f, p.way)
    if p.only_life:
        show(f"Only what is allowed for a risk to life. {p.only_life}")
    for line in [*report.lines(f, way, p.known.register, p.known.now), *outcome.trouble(p.gaps, (), (), ())]:
        show(line)
    if not way.returns and (p.undecided or not any(s.close for s in way.stays)):
        lines, body, code = _after(p, act.after(app, p, p.complete, ()), whole=whole)
        return {**shown, "put_back": 0} | body, ["Nothing can go back now.", *lines], codes.worst(p.undecided, code)
    if digest is None and not sys.stdin.isatty():
        return _unseen(app, p, whole=whole)
    if digest is None and not agreed(f"Put these {many(len(way.returns), 'post')} back?", yes=yes):
        return {**shown, "put_back": 0}, ["Nothing was changed; everything stays held."], 1
    with progress("Putting back") as told:
        tally, what = act.put_back(app, p, told)
    back = {h for h, s in tally.states.items() if s is HoldState.PUT_BACK}
    left = [h for h in what.holds if h.state not in DONE]
    unsure = [h for h in left if h.state in (HoldState.PUTTING_BACK, HoldState.UNCONFIRMED)]
    held = len(left) - len(unsure)
    lines = [f"Put back and checked: {len(back)} of {len(way.returns)}."]
    lines += outcome.trouble(tally.gaps, tally.rejects.values(), tally.notes, tally.unregistered)
    if unsure:
        lines.append(f"SENT OR NOT, AND NOT READ BACK: {len(unsure)}   (freeze sync --enforce reads how they stand)")
    if held:
        lines.append(f"Still held: {held}   (freeze held)")
    done = act.after(app, p, replace(p.complete, returns=way.returns), back)
    lines.append(f"Log head: {done.known.head}")
    more, data, code = _after(p, done, whole=whole)
    failed = 3 if len(back) < len(way.returns) or tally.gaps else 0
    body = {**shown, "put_back": len(back), "still_held": held, "not_read_back": len(unsure)} | data
    body |= {"gaps": [picture.gap_json(g) for g in (*p.gaps, *tally.gaps)]}
    return body, [*lines, *more], codes.worst(failed, p.undecided, code)


def _finish(app: App) -> None:
    app.may_write()
    show("An earlier run did not finish; reading first how far it came.")
    with progress("Reading") as told:
        tally = act.finish(app, told)
    for line in outcome.trouble(tally.gaps, tally.rejects.values(), tally.notes, tally.unregistered):
        show(line)


def _unseen(app: App, p: act.Proposed, *, whole: bool) -> Answer:
    """Nobody is there to say yes: the digest of what was shown has to be given."""
    act.keep(app, p)
    f, register, now, m = p.freeze, p.known.register, p.known.now, act.steps(app, p)
    said = RefusedByRule(
        "Putting back needs the digest of what was seen.",
        f"Look at the times above, then: freeze put-back {f.ref} --digest {p.way.digest}",
    )
    terminal().tell(str(said))
    body = {**report.as_json(f, p.way), "put_back": 0, "error": said.message, "advice": said.advice}
    if not p.over:
        return body, morning.leave_on(m), said.exit_code
    return body | {"morning": morning.to_json(m, register, now)}, morning.steps(m, register, now, whole=whole), 4


def _after(p: act.Proposed, done: act.After, *, whole: bool) -> tuple[list[str], dict[str, object], int]:
    """What follows: the first 48 hours, the four steps, the tasks of the morning; in words, as data, and its code."""
    m, register, now = done.morning, done.known.register, done.known.now
    if not p.over:
        return morning.leave_on(m), {}, 0
    ages = [f"  As far as {a.connection} is known: {safe(a.said(now), 120)}." for a in done.known.ages() if a.as_of]
    soon, steps = morning.soon(done.soon, register, ages), morning.steps(m, register, now, whole=whole)
    body: dict[str, object] = {
        "morning": morning.to_json(m, register, now),
        "first_48_hours": morning.soon_json(done.soon, register),
        "tasks": [todo.task_json(t) for t in done.tasks],
    }
    return [*soon, *steps, *morning.last(m, done.tasks)], body, 3 if m.asks_a_person else 0
