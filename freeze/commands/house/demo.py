"""`freeze demo`: the whole story on simulated platforms, with the real commands and nothing real to touch."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import click

from freeze import private
from freeze.acts.app import App
from freeze.commands.common import Terminal
from freeze.windows import london, parse_instant, say

START = datetime(2022, 9, 8, 17, 39, 30, tzinfo=UTC)
END = datetime(2022, 9, 19, 23, tzinfo=UTC)


class _Story:
    """A practice council in a folder, its simulated platforms, and one command after the other."""

    def __init__(self, context: click.Context, here: Terminal, url: str, folder: Path) -> None:
        assert context.parent is not None
        assert isinstance(context.parent.command, click.Group)
        self._context, self._commands = context.parent, context.parent.command
        self.here, self.app = here, here.app
        self._url = url
        self.folder = folder

    def tell(self, text: str) -> None:
        """What happens meanwhile."""
        self.here.out("")
        for line in text.splitlines():
            self.here.out(click.style(f"## {line}", bold=True))

    def run(self, typed: str, *, show: bool = True, answer: str = "") -> str:
        """Run a command as typed, on the sandbox's clock; `answer` is what the person types when asked."""
        name, *args = typed.split()
        if show:
            self.here.out("")
            self.here.out(click.style(f"$ freeze {typed}", fg="green"))
        command = self._commands.get_command(self._context, name)
        assert command is not None
        app = App(self.app.adapters, self.app.rules, self.app.now, str(self.folder / "freeze.toml"))
        app.pretend(self.clock())
        said: list[str] = []

        def out(line: str) -> None:
            said.append(line)
            if show:
                self.here.out(line)

        inner = Terminal(app, out, out)
        keyboard, sys.stdin = sys.stdin, io.StringIO(answer)
        if answer:
            sys.stdin.isatty = lambda: True  # type: ignore[method-assign]

            def ask(question: str) -> bool:
                out(f"{question} [y/N]: {answer}")
                return answer == "y"

            inner.ask = ask
        try:
            command.main(args=args, obj=inner, standalone_mode=False, prog_name=f"freeze {name}")
        except SystemExit as e:
            if show:
                self.here.out(click.style(f"(exit {e.code})", dim=True))
        except Exception as e:  # noqa: BLE001 - shown as the real command shows it
            out(str(e))
        finally:
            sys.stdin = keyboard
        return "\n".join(said)

    def clock(self, to: datetime | None = None) -> datetime:
        """The sandbox's clock, set first if `to` is given; posts that fall due go out."""
        if to is not None:
            self._control("clock", {"now": to.isoformat()})
        return datetime.fromisoformat(self._control("clock")["now"])

    def edit(self, **what: Any) -> None:
        """Somebody does something on a platform."""
        self._control("edit", what)

    def posts(self) -> list[dict[str, Any]]:
        """Every post as it truly stands on the simulated platforms."""
        found = self._control("posts")
        return list(found["posts"] if isinstance(found, dict) else found)

    def export(self) -> None:
        """Somebody saves a fresh export from Orlo into the folder the guard watches."""
        now = self.clock()
        with build_opener(ProxyHandler({})).open(
            f"{self._url}/_sandbox/orlo-export.csv?as_of=now", timeout=30
        ) as answer:
            path = self.folder / "orlo-exports" / f"orlo-export-{now:%Y%m%d-%H%M}.csv"
            private.whole(path, answer.read())
        os.utime(path, (now.timestamp(), now.timestamp()))

    def _control(self, path: str, body: Any = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = Request(f"{self._url}/_sandbox/{path}", data, {"Content-Type": "application/json"})  # noqa: S310
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            return json.load(answer)


@click.command("demo", epilog="Example: freeze demo")
@click.pass_context
def demo_command(context: click.Context) -> None:
    """The whole story on simulated platforms, in under a minute: nothing real is touched."""
    from freeze.sandbox import running
    from freeze.sandbox._core.config import write_into

    here: Terminal = context.obj
    with tempfile.TemporaryDirectory(prefix="freeze-demo-") as name, running("council", START) as serving:
        folder = Path(name)
        write_into(folder, serving.url)
        _tell(_Story(context, here, serving.url, folder))


def _tell(story: _Story) -> None:
    story.tell("Anyshire County Council (made up): 41 accounts, most posts in Orlo, the rest on eleven networks.")
    for typed in ("init", f"accounts import {story.folder / 'accounts.csv'}", "sync"):
        story.run(typed, show=False)
    story.tell(f"{say(story.clock())}: the news has just been announced.")
    story.run("declare menai-bridge", answer="y")

    story.edit(platform="orlo", lockdown=True)
    story.tell(
        "Somebody presses Company lockdown in Orlo. Two posts that only a person can stop are forgotten on Facebook.\n"
        "A colleague who has not heard edits one post that is held, and schedules another anew."
    )
    story.run("confirm t1 --by Jo")
    _colleagues(story)
    story.clock(START + timedelta(hours=1))
    story.run("sync --enforce")
    story.run("brief")

    story.clock(parse_instant("2022-09-10T19:00"))
    story.export()
    story.tell(f"{say(story.clock())}: the funeral is announced for Monday 19 September.")
    story.run("resolve-end f1 --funeral 2022-09-19")

    story.clock(parse_instant("2022-09-20T08:30"))
    story.tell(f"{say(story.clock())}: mourning is over. Nothing moved by itself; each missed post needs a decision.")
    story.export()
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


def _colleagues(story: _Story) -> None:
    """People stop what only they can, but for two; one edits a held page, one re-schedules a held video."""
    posts = story.posts()
    foreign = [
        p for p in posts if p["platform"] == "facebook" and p["state"] == "scheduled" and _at(p["publish_at"]) < END
    ]
    for p in sorted(foreign, key=lambda p: str(p["publish_at"]))[2:]:
        story.edit(platform="facebook", id=p["id"], state="draft")
    drafts = {p["platform"]: p for p in posts if p["state"] == "draft" and p["platform"] in ("wordpress", "youtube")}
    page, video = drafts["wordpress"], drafts["youtube"]
    story.edit(platform="wordpress", id=page["id"], text=page["text"] + " (please share)")
    again = parse_instant("2022-09-09T10:00").isoformat()
    story.edit(platform="youtube", id=video["id"], state="scheduled", publish_at=again)


def _missed(story: _Story) -> list[str]:
    """The held posts whose time has passed, by their short ids."""
    from freeze.acts import look
    from freeze.acts.app import App as Fresh

    app = Fresh(story.app.adapters, story.app.rules, story.app.now, str(story.folder / "freeze.toml"))
    try:
        (f,) = look.all_freezes(app)
        now = story.clock()
        return [f"p{h.post}" for h in look.found(app, f).holds if h.missed(now) and h.state.value == "confirmed"]
    finally:
        app.close()


def _truth(story: _Story) -> None:
    """What the simulated platforms themselves say, which the guard did not write."""
    first = START + timedelta(seconds=5)
    out = [p for p in story.posts() if p["state"] == "published" and first <= _at(p["published_at"]) < END]
    story.tell(f"The platforms' own records: {len(out)} posts went out during the pause; each is named above:")
    for p in out:
        story.here.out(f"  {london(_at(p['published_at'])):%a %d %b %H:%M}  {p['platform']}  {_short(p['text'])}")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _short(words: Iterable[str]) -> str:
    from freeze.words import safe

    return safe("".join(words), 60)
