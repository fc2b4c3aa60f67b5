"""`freeze declare`: pause publishing with one command."""

from __future__ import annotations

import click

from freeze.acts import declare as act
from freeze.acts import span
from freeze.acts.app import App
from freeze.commands import codes, times
from freeze.commands.common import Answer, agreed, command, progress, show
from freeze.errors import UsageError
from freeze.pauses.freezes import Freeze, until_words
from freeze.report import declaring as report
from freeze.views.declaring import Asked, Proposal
from freeze.windows import say


@click.command("declare", epilog='Example: freeze declare menai-bridge --reason "Announced by the Palace at 18:30"')
@click.argument("preset")
@click.option("--everything", is_flag=True, help="Every account, also those nobody registered.")
@click.option("--service", "services", multiple=True, metavar="S", help="Only this service's accounts (repeatable).")
@click.option("--account", "accounts", multiple=True, metavar="A", help="Only this account (repeatable).")
@click.option("--platform", "platforms", multiple=True, metavar="P", help="Only this platform (repeatable).")
@click.option("--reason", help="Why; the royal presets have one of their own.")
@click.option("--authority", help="On whose authority.")
@click.option("--from", "start", metavar="TIME", help="When it starts; now if not given. London time.")
@click.option("--until", metavar="TIME", help="When it ends. London time; a bare date means the end of that day.")
@click.option("--days", type=int, metavar="N", help="Whole London days, today included; ends at midnight.")
@click.option("--minutes", type=int, metavar="N", help="Minutes: for a silence, which has 2 without it.")
@click.option("--poll", metavar="DATE", help="Polling day of an election; --from is the day of its notice.")
@click.option("--election", metavar="KIND", help="With --poll: local (else), mayoral, london or general.")
@click.option("--d-day", metavar="DATE", help="D-Day, where it is not the day the guard assumes.")
@click.option("--hole", "holes", multiple=True, metavar="FROM/TO", help="A gap in which posts may go out (repeatable).")
@click.option("--approver", metavar="NAME", help="In a crisis: who approves messages.")
@click.option("--precautionary", is_flag=True, help="Before any announcement: quiet. So is every pause without one.")
@click.option("--announced", metavar="URL", help="Where it was announced; others may then be told what it is for.")
@click.option("--rehearsal", is_flag=True, help="Everything is read and planned; nothing real is touched.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would happen.")
@command
def declare_command(
    app: App,
    preset: str,
    everything: bool,
    services: tuple[str, ...],
    accounts: tuple[str, ...],
    platforms: tuple[str, ...],
    reason: str | None,
    authority: str | None,
    start: str | None,
    until: str | None,
    days: int | None,
    minutes: int | None,
    poll: str | None,
    election: str | None,
    d_day: str | None,
    holes: tuple[str, ...],
    approver: str | None,
    precautionary: bool,
    announced: str | None,
    rehearsal: bool,
    yes: bool,
    dry_run: bool,
) -> Answer:
    """Pause publishing: hold every scheduled post in scope, nearest-due first, and check by reading back.

    PRESET is a prepared pause: royal-death (also menai-bridge or london-bridge), crisis, silence, or pre-election,
    under which business goes on and only what the settings name is held.
    """
    if precautionary and announced:
        raise UsageError("--precautionary and --announced cannot go together.", "Give one of them, or neither.")
    when = times.given(start, until, days, minutes, d_day, poll, election, holes)
    asked = Asked(
        preset, when, everything, services, accounts, platforms, reason, authority, approver, announced, rehearsal
    )
    found = act.propose(app, asked, changes=not dry_run)
    old = 5 if found.unknown else 0
    if dry_run:
        return _dry_run(found, old)
    shown = [*report.proposed(found), ""] if found.standing is None else report.top(found)
    for line in shown:
        show(line)
    if found.standing is None and not agreed(f"{'Rehearse' if rehearsal else 'Stop'} these posts now?", yes=yes):
        return {"declared": False}, ["Nothing was declared and nothing was changed."], 1
    made, is_new = act.commit(app, found)
    if rehearsal:
        return _rehearsed(app, made)
    if is_new:
        show(f"Declared: {made.says()}, until {until_words(made)}. Written to the store {found.store}.")
        begun = report.begun(made, found.known.lead, found.known.now, named_only=bool(found.preset.holds))
        for line in (*begun, *span.next_words(app, made)):
            show(line)
    else:
        show(f"Already declared by {made.declared_by} on {say(made.declared_at)}: {made.says()}. Sweeping again.")
    with progress("Stopping posts") as told:
        done = act.carry_out(app, made, told)
    body = report.done_json(done) | {"new": is_new, "store": found.store, "keeper": not done.unkept}
    code = codes.worst(codes.of_pause(done.what, done.ran), old, 3 if done.unkept else 0)
    return body, report.done(done), code


def _dry_run(p: Proposal, old: int) -> Answer:
    if p.standing is not None:
        return {"dry_run": True, "already": p.standing.ref}, [f"Already declared: {p.standing.says()}."], old
    return {"dry_run": True, **report.proposed_json(p)}, report.proposed(p), old


def _rehearsed(app: App, made: Freeze) -> Answer:
    with progress("REHEARSAL: reading") as told:
        plan, known, ran = act.rehearse(app, made, told)
    body = report.rehearsed_json(made, plan, known.register, ran, known.now)
    return body, report.rehearsed(made, plan, ran), 5 if ran.gaps else 0
