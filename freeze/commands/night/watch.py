"""`freeze watch`: the keeper."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import click

from freeze.acts import keep
from freeze.acts.app import App
from freeze.commands.common import Answer, command, show
from freeze.errors import FreezeError, worst
from freeze.holds import WAITS, HoldState
from freeze.keeping.watch import lasting, minutes, rounds
from freeze.people.signs import WATCH
from freeze.posts import Json
from freeze.report import outcome, picture
from freeze.windows import say, say_short, say_span
from freeze.words import many


@click.command("watch", epilog="Example: freeze watch --every 5")
@click.option(
    "--every",
    metavar="MINUTES",
    help="How often to look (else the setting watch.every_minutes).",
)
@click.option("--for", "until", metavar="DURATION", help="End after this long: 90s, 10m, 8h, 2d. Else until Ctrl-C.")
@command
def watch_command(app: App, every: str | None, until: str | None) -> Answer:
    """Keep the pauses in force: look again and again, hold what is new, and name what went out, with the evidence.

    Leave it running while a pause lasts. Each look reads every platform, holds what colleagues scheduled anew, keeps
    their edits, and moves parked posts on before they fire. Replies and messages are never read.
    """
    step = timedelta(minutes=app.settings.watch.every_minutes if every is None else minutes(every))
    end = lasting(until) if until is not None else None
    keep.can_work(app)
    watching = _Watching(app)
    ended = "the time is up"
    try:
        with keep.stoppable(), keep.Pulse(app, WATCH, step.total_seconds()) as pulse:
            show(f"Keeper at work from {say(app.now())}, every {say_span(step.total_seconds())}, on {keep.where(app)}.")
            show("Stop it with Ctrl-C: what is held stays held, but nothing new is held any more.")
            if said := pulse.others():
                show(said)
            for number in rounds(step, end, pulse.resting):
                pulse.working()
                watching.look(number)
                if watching.interrupted:
                    raise KeyboardInterrupt
    except KeyboardInterrupt:
        ended = "it was stopped"
    lines = [f"Keeper ended on {say(app.now())}: {ended}. {many(watching.looks, 'look')}."]
    return watching.data | {"ended": ended, "log_head": keep.head(app)}, lines, watching.code


class _Watching:
    """What the looks came to, told as they happen."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.looks = 0
        self.failed = 0
        self.code = 0
        self.interrupted = False
        self.outs: list[Json] = []
        self.last: dict[str, Json] = {}
        self._said: list[str] = []

    @property
    def data(self) -> dict[str, Json]:
        """For `--json`; `last` is the last look."""
        return {"looks": self.looks, "failed": self.failed, "went_out": self.outs, "last": self.last}

    def look(self, number: int) -> None:
        """One look. What fails is told, and the keeper goes on: the next look may do it."""
        app = self.app
        try:
            for line in keep.stand(app):
                show(line)
            seen = keep.look(app, "watch")
        except FreezeError as e:
            self.failed += 1
            self.code = worst(3, e.exit_code)
            show(f"{say_short(app.now())}  look {number} FAILED: {e}")
            return
        except Exception as e:  # noqa: BLE001 - a keeper that dies of one odd answer at 3 o'clock keeps nothing
            self.failed += 1
            self.code = 5
            show(f"{say_short(app.now())}  look {number} FAILED: the guard itself failed ({type(e).__name__}: {e})")
            return
        self.looks += 1
        self.code = 3 if seen.unsettled else 0
        self.interrupted = seen.tally.interrupted
        counts = Counter(h.state for _, what in seen.pauses for h in what.holds)
        checked, people = counts[HoldState.CONFIRMED], sum(counts[s] for s in WAITS)
        held = f"{checked} held and checked, {people} for a person" if seen.pauses else "no pause is in force"
        show(f"{say_short(app.now())}  look {number}: {many(seen.tally.listed, 'post')} listed; {held}.")
        trouble = outcome.trouble(
            seen.tally.gaps, seen.tally.rejects.values(), seen.tally.notes, seen.tally.unregistered
        )
        for line in (line for line in trouble if line not in self._said):
            show(f"  {line}")
        self._said = trouble
        for line in seen.named.lines():
            show(f"  {line}")
        self.outs += seen.named.as_json()
        self.last = {
            "at": app.now().isoformat(),
            "listed": seen.tally.listed,
            "gaps": [picture.gap_json(g) for g in seen.tally.gaps],
            "notes": [{"post": f"p{n.post}", "kind": n.kind, "sentence": n.sentence} for n in seen.tally.notes],
            "counts": {s.value: n for s, n in counts.items()},
        }
