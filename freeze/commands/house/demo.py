"""`freeze demo`: the whole story on simulated platforms, with the real commands and nothing real to touch."""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from freeze.acts.held import held
from freeze.commands.house.story import Story
from freeze.sandbox import running
from freeze.sandbox._core.config import write_into
from freeze.sandbox._core.hands import Hands
from freeze.windows import london, parse_instant, say
from freeze.words import safe

START = datetime(2022, 9, 8, 17, 39, 30, tzinfo=UTC)
END = datetime(2022, 9, 19, 23, tzinfo=UTC)


@click.command("demo", epilog="Example: freeze demo")
@click.pass_context
def demo_command(context: click.Context) -> None:
    """The whole story on simulated platforms, in under a minute: nothing real is touched."""
    with tempfile.TemporaryDirectory(prefix="freeze-demo-") as name, running("council", START) as serving:
        folder = Path(name)
        write_into(folder, serving.url)
        _tell(Story(context, context.obj, Hands(serving.url, folder)))


def _tell(story: Story) -> None:
    story.tell("Anyshire County Council (made up): 41 accounts, most posts in Orlo, the rest on eleven networks.")
    for typed in ("init", f"accounts import {story.hands.folder / 'accounts.csv'}", "sync"):
        story.run(typed, show=False)
    story.tell(f"{say(story.hands.clock())}: the news has just been announced.")
    story.run("declare menai-bridge", answer="y")

    story.hands.edit(platform="orlo", lockdown=True)
    story.tell(
        "Somebody presses Company lockdown in Orlo. Two posts that only a person can stop are forgotten on Facebook.\n"
        "A colleague who has not heard edits one post that is held, and schedules another anew."
    )
    story.run("confirm t1 --by Jo")
    _colleagues(story)
    story.hands.clock(START + timedelta(hours=1))
    story.run("sync --enforce")
    story.run("brief")

    story.hands.clock(parse_instant("2022-09-10T19:00"))
    story.hands.export()
    story.tell(f"{say(story.hands.clock())}: the funeral is announced for Monday 19 September.")
    story.run("resolve-end f1 --funeral 2022-09-19")

    story.hands.clock(parse_instant("2022-09-20T08:30"))
    now = say(story.hands.clock())
    story.tell(f"{now}: mourning is over. Nothing moved by itself; each missed post needs a decision.")
    story.hands.export()
    story.run("sync --enforce", show=False)
    story.run("status")
    refs = _missed(story)
    story.run(f"decide {' '.join(refs[:-2])} --next-slot")
    story.run(f"decide {' '.join(refs[-2:])} --cancel")
    shown = story.run("put-back f1")
    digest = re.search(r"--digest (\w+)", shown)
    if digest:
        story.run(f"put-back f1 --digest {digest[1]}")
    story.run("log verify")
    _truth(story)


def _colleagues(story: Story) -> None:
    """People stop what only they can, but for two; one edits a held page, one re-schedules a held video."""
    posts = story.hands.posts()
    foreign = [
        p for p in posts if p["platform"] == "facebook" and p["state"] == "scheduled" and _at(p["publish_at"]) < END
    ]
    for p in sorted(foreign, key=lambda p: str(p["publish_at"]))[2:]:
        story.hands.edit(platform="facebook", id=p["id"], state="draft")
    drafts = {p["platform"]: p for p in posts if p["state"] == "draft" and p["platform"] in ("wordpress", "youtube")}
    page, video = drafts["wordpress"], drafts["youtube"]
    story.hands.edit(platform="wordpress", id=page["id"], text=page["text"] + " (please share)")
    again = parse_instant("2022-09-09T10:00").isoformat()
    story.hands.edit(platform="youtube", id=video["id"], state="scheduled", publish_at=again)


def _missed(story: Story) -> list[str]:
    """The held posts whose time has passed, by their short ids."""
    app = story.fresh()
    app.pretend(story.hands.clock())
    try:
        return [f"p{h.post}" for h in held(app, None, missed=True).rows]
    finally:
        app.close()


def _truth(story: Story) -> None:
    """What the simulated platforms themselves say, which the guard did not write."""
    first = START + timedelta(seconds=5)
    out = [p for p in story.hands.posts() if p["state"] == "published" and first <= _at(p["published_at"]) < END]
    story.tell(f"The platforms' own records: {len(out)} posts went out during the pause; each is named above:")
    for p in out:
        story.here.out(f"  {london(_at(p['published_at'])):%a %d %b %H:%M}  {p['platform']}  {safe(p['text'], 60)}")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
