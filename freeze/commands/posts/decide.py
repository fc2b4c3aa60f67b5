"""`freeze decide`: what happens to held posts when they are put back, one by one or many at once."""

from __future__ import annotations

import click

from freeze.acts import decide as act
from freeze.acts.app import App
from freeze.back.triage import DECISIONS, Chosen
from freeze.commands import codes, times
from freeze.commands.common import Answer, agreed, command, show
from freeze.errors import UsageError
from freeze.report import decided as report
from freeze.windows import say
from freeze.words import many

MOST = 15


@click.command("decide", epilog="Example: freeze decide --service libraries --all-missed --next-slot")
@click.argument("posts", nargs=-1, metavar="[POST...]")
@click.option("--service", metavar="S", help="Every held post of this service's accounts.")
@click.option("--campaign", metavar="TAG", help="Every held post with this tag or hashtag.")
@click.option("--all-missed", is_flag=True, help="Every held post whose time has passed.")
@click.option("--freeze", "ident", metavar="ID", help="Only what this pause holds.")
@click.option("--next-slot", "choice", flag_value="next-slot", help="Give it the next free time.")
@click.option("--at", "at", metavar="TIME", help="Give it this time, London.")
@click.option("--keep", "choice", flag_value="keep", help="Leave it held as it is.")
@click.option("--cancel", "choice", flag_value="cancel", help="Do not publish it; the guard deletes nothing.")
@click.option(
    "--accept-current", "choice", flag_value="accept-current", help="Somebody changed it: take it as it is now."
)
@click.option("--dry-run", is_flag=True, help="Only count what would be decided.")
@click.option("--yes", is_flag=True, help="Do not ask about a decision for many posts.")
@command
def decide_command(
    app: App,
    posts: tuple[str, ...],
    service: str | None,
    campaign: str | None,
    all_missed: bool,
    ident: str | None,
    choice: str | None,
    at: str | None,
    dry_run: bool,
    yes: bool,
) -> Answer:
    """Decide what happens to held posts when they are put back. It can be done on any day, and changed.

    Posts are named, or chosen by --service, --campaign, --all-missed and --freeze (a post must fit all that are given).
    What is chosen is counted first and asked about. Posts decided singly stay so. --next-slot leaves out posts whose
    words went stale ("tomorrow", a date now past) unless they are named, and posts whose own time is still to come.
    """
    if (choice is None) == (at is None):
        raise UsageError("Say what is decided: --next-slot, --at TIME, --keep, --cancel or --accept-current.")
    choice = choice or "at"
    when = times.until(at) if at is not None and len(at.strip()) > 10 else None
    if choice == "at" and when is None:
        raise UsageError(f'--at "{at}" needs a day and a time.', "Write it like 2022-09-21T09:00 (London time).")
    wanted = act.Many(service, campaign, all_missed, ident)
    chosen, known = act.chosen(app, wanted, choice, posts, when)
    counted = report.counted(chosen, known.register, choice) if chosen != Chosen((), (), {}) else []
    body: dict[str, object] = {
        "decision": choice,
        "chosen": [p.ref for p in chosen.take],
        "left_out": dict(chosen.left),
        "flagged": [{"post": p.ref, "stale_words": [s.words for s in found]} for p, found in chosen.flagged],
    }
    refs = tuple(dict.fromkeys((*posts, *(p.ref for p in chosen.take))))
    undecided = 1 if chosen.flagged else 0
    if dry_run or not refs:
        nothing = "Nothing was decided." if dry_run else "No held post is meant; nothing was decided."
        return body | {"decided": [], "not_decided": []}, [*counted, nothing], undecided
    if chosen.take:
        for line in counted:
            show(line)
        counted = []
        if not agreed(f"Decide so for these {many(len(refs), 'post')}?", yes=yes):
            return body | {"decided": [], "not_decided": []}, ["Nothing was decided."], 1
    done = act.decide(app, refs, choice, when)
    what = f"{DECISIONS[choice]}{f', {say(when)}' if when else ''}"
    names = ", ".join(done.done) if len(done.done) <= MOST else many(len(done.done), "post")
    lines = [*counted, *([f"{names}: {what}."] if done.done else [])]
    lines += [f"  {ref} {said}: read it before it goes out." for ref, said in done.flags.items()]
    lines += done.wrong
    if done.done:
        lines.append("Nothing moves until: freeze put-back ID")
    body |= {"decided": done.done, "not_decided": done.wrong, "stale": done.flags}
    return body, lines, codes.worst(2 if done.wrong else 0, undecided)
