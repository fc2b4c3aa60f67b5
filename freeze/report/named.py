"""What one look named as having gone out, each with its evidence: for people, and for `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from freeze.outs import MAY_BE_OUT
from freeze.pauses.freezes import Freeze
from freeze.posts import Json, Seen
from freeze.report import picture
from freeze.views.digest_pauses import OUT
from freeze.views.found import Found
from freeze.windows import say_short
from freeze.words import excerpt, safe


@dataclass(frozen=True)
class Named:
    """What went out as one look named it: the pauses in force, the rows, and the last reading of each post."""

    pauses: Sequence[tuple[Freeze, Found]]
    outs: Sequence[Any]
    evidence: Mapping[int, Seen]

    def lines(self) -> list[str]:
        """What went out, each with its evidence."""
        found = {p.id: (p, what) for _, what in self.pauses for p in what.posts.values()}
        lines = []
        perhaps = [o for o in self.outs if o.how == MAY_BE_OUT]
        if perhaps:
            refs = ", ".join(f"p{o.post}" for o in perhaps[:8]) + (" …" if len(perhaps) > 8 else "")
            lines.append(
                f"May have gone out, from {say_short(perhaps[0].at)} on; nothing here can say: {len(perhaps)} ({refs})"
            )
        again = {o.post for _, what in self.pauses for o in what.outs} - {
            o.post for _, what in self.pauses for o in what.once()
        }
        for o in self.outs:
            if o.how == MAY_BE_OUT or o.post in again:
                continue
            head = OUT.get(o.how, o.how.capitalize())
            post, what = found.get(o.post, (None, None))
            name = what.name(o.post) if what else "?"
            words = f" “{excerpt(post)}”" if post else ""
            lines.append(f"{head} (f{o.declaration}): p{o.post}, {name}, {say_short(o.at)}:{words}")
            elsewhere = what.elsewhere(o.post) if what else ""
            lines.append(f"  {safe(o.why, 200)}{elsewhere}. {self._evidence(o.post)}".rstrip())
        return lines

    def _evidence(self, post: int) -> str:
        s = self.evidence.get(post)
        if s is None:
            return ""
        given = f", its own time {safe(s.at_given, 40)}" if s.at_given else ""
        link = f", {safe(s.link, 120)}" if s.link else ""
        at = s.locator
        read = f"Read on {at.connection}: {s.state.value}, id {safe(at.native_id, 60)}"
        return f"{read}{given}{link}, seal {s.content[:12]}."

    def as_json(self) -> list[dict[str, Json]]:
        """The same as data."""
        posts = {p.id: p for _, what in self.pauses for p in what.posts.values()}
        return [
            picture.out_json(o, posts) | {"evidence": self._evidence(o.post), "state_read": self._state(o.post)}
            for o in self.outs
        ]

    def _state(self, post: int) -> str | None:
        return self.evidence[post].state.value if post in self.evidence else None
