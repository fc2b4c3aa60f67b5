"""A way back as it is shown before anybody agrees to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from freeze.accounts import Account
from freeze.back.triage import says, stale, stale_while_held
from freeze.back.way import Return, Stay, Way
from freeze.pauses.freezes import Freeze
from freeze.windows import say_short
from freeze.words import columns, excerpt, safe


def lines(f: Freeze, way: Way, register: Mapping[str, Account], now: datetime) -> list[str]:
    """What goes back when, what waits for a decision, and what stays."""
    out = [f"Way back from {f.says()}, digest {way.digest}:"]
    out += columns(
        [r.post.ref, say_short(r.at), register[r.post.account].name, excerpt(r.post, 44), _moved(r)]
        for r in way.returns
    )
    if not way.returns:
        out.append("  nothing")
    undecided = [s for s in way.stays if s.undecided]
    if undecided:
        out.append(f"Waits for a decision: {len(undecided)}   (freeze decide)")
        out += columns(
            [s.post.ref, register[s.post.account].name, excerpt(s.post, 36), safe(s.why, 240) + _flags(s, now)]
            for s in undecided[:15]
        )
        out += [f"  … and {len(undecided) - 15} more (freeze held)"] if len(undecided) > 15 else []
    others = Counter(s.why for s in way.stays if not s.undecided)
    if others:
        out.append("Stays where it is:")
        out += columns([str(n), safe(why, 160)] for why, n in others.most_common())
    return out


def _moved(r: Return) -> str:
    if r.at == r.hold.before.at:
        return "as intended"
    return "; ".join(filter(None, ("new time", says(stale(r.post, r.hold.before.at, r.at)))))


def _flags(s: Stay, now: datetime) -> str:
    words = says(stale_while_held(s.hold, s.post, now))
    return f"; {words}" if words else ""


def as_json(f: Freeze, way: Way) -> dict[str, object]:
    """The same for `--json`."""
    return {
        "freeze": f.ref,
        "digest": way.digest,
        "returns": [
            {
                "post": r.post.ref,
                "at": r.at.isoformat(),
                "stale_words": [x.words for x in stale(r.post, r.hold.before.at, r.at)],
            }
            for r in way.returns
        ],
        "stays": [{"post": s.post.ref, "why": s.why, "undecided": s.undecided} for s in way.stays],
    }
