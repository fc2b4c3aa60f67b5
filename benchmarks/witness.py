"""An independent witness: judges every post of the sandbox by the sandbox's own record and by the guard's words alone.

It knows none of the guard's tables and imports nothing of it. Every post on a platform that the guard has a connection
to falls into exactly one class, the worst that fits, in this order:

sent twice         its words exist more often on an account than people made them (a copy that a program made and that
                   takes nobody's place), or it was published, taken back by a program, and published again
lost               it stood in a queue by a person's will, and by a program's hand it is now deleted, a draft or parked,
                   while no hold of any pause lists it; or a program changed its words, title or pictures
leaked unsaid      it went out inside a pause that concerns its account, or at a date that only a program chose, and
                   no line names it; or it stands in a queue, due inside a pause, and no line speaks of it
claimed falsely    a line says checked, put back, gone, done or went out, and the record says otherwise
right              none of these

Nobody must speak of what the guard itself says that it does not know: a connection not read (or only by a copy) since,
a queue shown to no program. Such posts are right, and `how` says on what grounds. A pre-election period and a
rehearsal are not judged: the one lets business go on, the other touches nothing. A post of a scheduler that appears on
its network is one post twice (`twin`): a line about either names both.

    python -m benchmarks.witness URL FOLDER     judges the council in FOLDER against the sandbox at URL
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.evidence import NEAR, QUEUED, Key, Pause, Row, Truth, Words, instant, plain

RIGHT, LOST, LEAKED, TWICE, FALSE = "right", "lost", "leaked unsaid", "sent twice", "claimed falsely"
CLASSES = (RIGHT, LOST, LEAKED, TWICE, FALSE)
OPEN = ("requested", "held", "confirmed", "unconfirmed", "refused", "needs a person", "changed", "putting back")
NAMED = ("slip", "too late", "allowed", "reported", "may have gone out")
SURE = ("slip", "too late", "allowed")
BY_PROGRAM = "api"


@dataclass(frozen=True)
class Verdict:
    """One post's class; `how` says why in a few words, `twin` is the same post elsewhere, "" if there is none."""

    platform: str
    account: str
    id: str
    said: str
    how: str
    twin: str = ""


@dataclass(frozen=True)
class Report:
    """Every post's verdict, and lines of the guard about posts that never were."""

    verdicts: tuple[Verdict, ...]
    strangers: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many posts are in each class."""
        found = Counter(v.said for v in self.verdicts)
        return {c: found[c] for c in CLASSES}

    @property
    def wrong(self) -> list[Verdict]:
        """Every post that is not right."""
        return [v for v in self.verdicts if v.said != RIGHT]

    @property
    def good(self) -> bool:
        """Whether all are right and no line speaks of a post that never was."""
        return not self.wrong and not self.strangers

    def __str__(self) -> str:
        twins = sum(1 for v in self.verdicts if v.twin)
        said = ", ".join(f"{n} {c}" for c, n in self.counts.items())
        return f"{said}; {twins} are a post seen twice; {len(self.strangers)} lines about posts that never were"


def judge(truth: Truth, words: Words) -> Report:
    """Hear both sides. `words` must come after the guard's last look, or it is judged by what it knew then."""
    return _Witness(replace(truth), words).report()  # a fresh copy: what is worked out of it is kept in it


class _Witness:
    def __init__(self, truth: Truth, words: Words) -> None:
        self.t, self.w = truth, words
        self.pauses = [
            Pause.of(s, truth.now) for s in words.show if not s["rehearsal"] and s["preset"] != "pre-election"
        ]
        self.rows = words.rows(truth.connections)
        self.posts = {(p["platform"], p["id"]): p for p in truth.posts if p["platform"] in truth.connections.values()}
        self.twins = self._twins()
        self.extra = self._copies()
        self.claimed: dict[Key, list[Row]] = {}
        used: set[int] = set()
        for key in self.posts:
            found = list(self.rows.get(key, ()))
            if not found or self.posts[key]["state"] == "published":  # some get another id as they go out
                found += [x for x in self._by_words(key) if id(x) not in used]
            used |= {id(x) for x in found}
            self.claimed[key] = found
        self.tasks = self._tasks()
        self.unheard = [x for k, v in self.rows.items() for x in v if k not in self.posts and id(x) not in used]

    def report(self) -> Report:
        verdicts = []
        for key, post in self.posts.items():
            said, how = self._class(key, post)
            other = self.twins.get(key)
            twin = f"{other[0]} {other[1]}" if other else ""
            verdicts.append(Verdict(post["platform"], post["account"], post["id"], said, how, twin))
        strange = [f"{x['connection']} {x['native_id']} ({x.get('how', 'held')})" for x in self.unheard]
        return Report(tuple(verdicts), tuple(strange))

    def _class(self, key: Key, post: Row) -> tuple[str, str]:
        if key in self.extra:
            return TWICE, self.extra[key]
        lines = self.claimed[key]
        for said, look in ((LOST, self._lost), (LEAKED, self._leaked), (FALSE, self._false)):
            if how := look(key, post, lines):
                return (RIGHT, how[1:]) if how.startswith("=") else (said, how)
        return RIGHT, ""

    # Sent twice

    def _copies(self) -> dict[Key, str]:
        found: dict[Key, str] = {}
        made: dict[tuple[str, ...], list[Key]] = defaultdict(list)
        free: Counter[tuple[str, ...]] = Counter()
        for key, post in self.posts.items():
            changes = self.t.of_post.get(key, [])
            place = (post["platform"], post["account"])
            if changes and changes[0]["by"] == BY_PROGRAM:
                if post["state"] != "deleted":
                    made[*place, *_said(changes[0]["now"])].append(key)
            elif post["state"] == "deleted" and changes and changes[-1]["by"] == BY_PROGRAM:
                for said in {_said(c["now"]) for c in changes}:
                    free[*place, *said] += 1
            if again := _out_again(changes):
                found[key] = again
        for what, keys in made.items():
            for key in keys[free[what] :]:
                found[key] = "a program made it, and it takes the place of no post that it took away"
        return found

    # Lost

    def _lost(self, key: Key, _post: Row, lines: list[Row]) -> str:
        changes = self.t.of_post.get(key, [])
        by_program = [c for c in changes if c["by"] == BY_PROGRAM and c["was"]]
        for c in by_program:
            if _said(c["was"]) != _said(c["now"]):
                return "a program changed its words, title or pictures"
        if not by_program or changes[-1]["by"] != BY_PROGRAM:
            return ""
        people = [c["now"] for c in changes if c["by"] != BY_PROGRAM]
        was, now = (people[-1] if people else changes[0]["now"]), changes[-1]["now"]
        if was["state"] not in QUEUED and not (was["state"] == "published" and now["state"] != "published"):
            return ""
        if now["state"] == "published" or (now["state"], now["publish_at"]) == (was["state"], was["publish_at"]):
            return ""
        states = {x["hold"]["state"] for x in lines if "hold" in x}
        if now["state"] == "deleted":
            again = self._made_again(key)
            if any(self._held_as_recreate(k) for k in (key, *again)):
                return ""
            if any(self.posts[k]["state"] != "deleted" for k in again):
                return ""
            return "a program deleted it, and no hold says that it will be made again"
        if states & {*OPEN, "kept"} or ("put back" in states and now["state"] != "draft"):
            return ""
        return f"a program made it {now['state']} (due {now['publish_at']}), and nobody lists it as held"

    def _held_as_recreate(self, key: Key) -> bool:
        holds = [x["hold"] for x in self.claimed.get(key, ()) if "hold" in x]
        return any(h["kind"] == "recreate" and h["state"] in OPEN for h in holds)

    def _made_again(self, key: Key) -> list[Key]:
        """What a program made in the place of a post: the same words on the same account, under another id."""
        account, words = self.posts[key]["account"], {_said(c["now"]) for c in self.t.of_post[key]}
        found = []
        for other, changes in self.t.of_post.items():
            same_place = (other[0], changes[0]["account"]) == (key[0], account) and other != key
            if same_place and changes[0]["by"] == BY_PROGRAM and _said(changes[0]["now"]) in words:
                found.append(other)
        return found

    # Leaked unsaid

    def _leaked(self, key: Key, post: Row, lines: list[Row]) -> str:
        row = self.t.seen_at.get((post["platform"], post["account"]))
        excuse = ""
        for c in self.t.of_post.get(key, []):
            if c["now"]["state"] != "published" or (c["was"] and c["was"]["state"] == "published"):
                continue
            at = instant(c["now"]["published_at"])
            if at is None or not (self._in_a_pause(at, row) or self._at_a_date_of_the_guards(key, c)):
                continue
            if c["by"] == "colleague" and self._as_it_began(at, row):
                excuse = "somebody published it in the minute in which the pause began, and platforms tell minutes"
                continue
            if c["by"] == BY_PROGRAM and key[0] == "meta-ads":
                continue  # an advert that is switched on again is put back, not sent
            other = self.claimed.get(self.twins.get(key, key), [])
            if any(_names(x, at) for x in [*lines, *other]):
                continue
            excuse = self._not_known(post, datetime.fromisoformat(c["at"]), shown=True)
            if not excuse:
                return f"it went out at {at.isoformat(timespec='seconds')} ({c['by']}) and no line names it"
        if excuse:
            return "=" + excuse
        return self._waits_unsaid(key, post, lines, row)

    def _in_a_pause(self, at: datetime, row: Any) -> bool:
        return any(p.covers(at) and at >= p.declared and p.concerns(row) for p in self.pauses)

    def _as_it_began(self, at: datetime, row: Any) -> bool:
        concerned = [p for p in self.pauses if p.covers(at) and p.concerns(row)]
        return bool(concerned) and all(any(a <= at < a + NEAR for a, _ in p.spans) for p in concerned)

    def _at_a_date_of_the_guards(self, key: Key, out: Row) -> bool:
        """Whether it fired at a date that a program set, and that no line calls put back."""
        if out["by"] != "itself" or not out["was"] or key[0] == "meta-ads":
            return False
        before = [c for c in self.t.of_post[key] if c["n"] < out["n"]]
        set_by = next((c["by"] for c in reversed(before) if _time_set(c, out["was"]["publish_at"])), "")
        back = any("hold" in x and x["hold"]["state"] == "put back" for x in self.claimed[key])
        made = before[0]["by"] == BY_PROGRAM
        return set_by == BY_PROGRAM and not back and not made

    def _waits_unsaid(self, key: Key, post: Row, lines: list[Row], row: Any) -> str:
        if post["state"] not in QUEUED or lines or self.claimed.get(self.twins.get(key, key)):
            return ""
        due, changes = instant(post["publish_at"]), self.t.of_post.get(key, [])
        if changes and changes[0]["by"] == BY_PROGRAM:
            return ""
        for p in self.pauses:
            late = post["state"] == "pending_approval" and (
                due is None or due <= self.t.now
            )  # approved, it goes out at once
            asks = p.covers(due) or (late and p.covers(self.t.now))
            if not asks or not p.concerns(row) or not p.covers(max(self.t.now, p.spans[0][0])) or _allowed(p, row):
                continue
            since = datetime.fromisoformat(changes[-1]["at"]) if changes else self.t.now
            excuse = self._not_known(post, since, shown=False)
            return (
                "=" + excuse if excuse else f"it waits in the queue for {post['publish_at']}, and no line speaks of it"
            )
        return ""

    def _not_known(self, post: Row, since: datetime, *, shown: bool) -> str:
        """On what grounds the guard need not know of something since an instant, in its own words; "" if it must."""
        grounds = []
        for c in self.t.connection(post):
            read = self.w.read_at(c)
            if self.w.not_read(c):
                grounds.append(f"{c} is said not to have been read")
            elif read is None or read < since:
                grounds.append(f"{c} is said not to have been seen since {read}")
            elif not shown and self.w.not_shown(c, post["account"]):
                grounds.append(f"{c} is said to show its queue to no program")
            else:
                return ""
        return "; ".join(grounds)

    # Claimed falsely

    def _false(self, key: Key, post: Row, lines: list[Row]) -> str:
        for x in lines:
            how = self._false_hold(key, post, x) if "hold" in x else ""
            if x.get("how") in SURE and not self._ever_out(key) and not self._ever_out(self.twins.get(key, key)):
                how = f"it is said to have gone out ({x['how']}), and never did"
            if how:
                return how
        return self._false_task(key)

    def _ever_out(self, key: Key) -> bool:
        return any(c["now"]["state"] == "published" for c in self.t.of_post.get(key, ()))

    def _false_hold(self, key: Key, post: Row, line: Row) -> str:
        hold = line["hold"]
        checked = instant(hold["checked_at"])
        if hold["state"] == "confirmed" and checked is not None:
            standing = self._since(key, post, checked)
            fires = instant(hold["fires_at"])
            wrong = [s for s in standing if not self._stopped(key, s, hold, fires, checked)]
            if standing and len(wrong) == len(standing):
                return f"it is said to be held and checked, and is {wrong[-1]['state']} for {wrong[-1]['publish_at']}"
        if hold["state"] == "put back" and checked is not None:
            return self._false_return(key, line, checked)
        if hold["state"] == "gone" and post["state"] in QUEUED:
            changes = self.t.of_post.get(key, [])
            if changes and changes[-1]["by"] != "colleague":
                return "it is said to be gone from the platform, and stands there"
        return ""

    def _since(self, key: Key, post: Row, checked: datetime) -> list[Row]:
        """How it may have stood when it was last said to be checked: then, or at the last reading of its connection."""
        reads = [r for c in self.t.connection(post) if not self.w.not_read(c) and (r := self.w.read_at(c))]
        changes = self.t.of_post.get(key, [])
        if changes and changes[-1]["by"] == BY_PROGRAM:
            reads.append(datetime.fromisoformat(changes[-1]["at"]))
        return self.t.standing(key, max([checked, *reads]))

    def _stopped(self, key: Key, s: Row, hold: Row, fires: datetime | None, at: datetime) -> bool:
        if hold["kind"] == "recreate":
            return bool(s["state"] == "deleted")
        if s["state"] == "scheduled" and fires is not None:
            stands = instant(s["publish_at"])
            return stands is not None and abs(stands - fires) <= NEAR
        if s["state"] == "scheduled":
            return self.t.locked(key[0], at)
        if hold["kind"] == "human":
            return bool(s["state"] in ("draft", "deleted"))
        return bool(s["state"] == "draft")

    def _false_return(self, key: Key, line: Row, checked: datetime) -> str:
        places = [key, *self._made_again(key)] if self.posts[key]["state"] == "deleted" else [key]
        standing = [s for k in places for s in self.t.standing(k, checked)]
        if not standing:
            return "it is said to be put back, and was not there"
        meant = instant(line["due"])
        alone = sum("hold" in x for x in self.claimed[key]) == 1
        for s in standing:
            at = instant(s["publish_at"])
            on_time = not alone or meant is None or at is None or abs(at - meant) <= NEAR
            if s["state"] == "published" or (s["state"] in QUEUED and on_time):
                return ""
        return f"it is said to be put back for {line['due']}, and was {standing[-1]['state']}"

    def _tasks(self) -> dict[Key, list[Row]]:
        refs = {x["post"]: (self.t.connections.get(x["connection"], ""), x["native_id"]) for x in self.w.lines()}
        found: dict[Key, list[Row]] = defaultdict(list)
        for task in self.w.tasks.get("tasks", ()):
            if task["state"] == "checked" and task["checked_at"]:
                for ref in task["posts"]:
                    if ref in refs:
                        found[refs[ref]].append(task)
        return found

    def _false_task(self, key: Key) -> str:
        for task in self.tasks.get(key, ()):
            at = datetime.fromisoformat(task["checked_at"])
            standing = self.t.standing(key, at)
            in_queue = bool(standing) and all(s["state"] == "scheduled" for s in standing)
            due = instant(standing[-1]["publish_at"]) if standing else None
            covered = any(p.covers(due) and p.id == task["freeze"] for p in self.pauses)
            if in_queue and covered and not self.t.locked(key[0], at):
                return f"{task['task']} is said to be done and checked, and it stood in its queue"
        return ""

    # Which posts are one, and which lines are about a post whose id changed when it went out

    def _twins(self) -> dict[Key, Key]:
        """The same words on one registered account, in two places, that stood for the same minute at some time."""
        places: dict[tuple[str, str], str] = {p: row["id"] for p, row in self.t.seen_at.items()}
        alike: dict[tuple[str, ...], set[Key]] = defaultdict(set)
        for key, p in self.posts.items():
            if not (account := places.get((p["platform"], p["account"]))):
                continue
            stood = [p, *(c["now"] for c in self.t.of_post.get(key, ()))]
            for at in {at[:16] for x in stood for at in (x["published_at"], x["publish_at"]) if at}:
                alike[account, plain(p["text"]), at].add(key)
        found: dict[Key, Key] = {}
        for keys in alike.values():
            if len({platform for platform, _ in keys}) == len(keys) == 2:
                one, other = sorted(keys)
                if found.get(one, other) == other and found.get(other, one) == one:
                    found |= {one: other, other: one}
        return found

    def _by_words(self, key: Key) -> list[Row]:
        post = self.posts[key]
        row = self.t.seen_at.get((post["platform"], post["account"]))
        times = [t for t in (instant(post["published_at"]), instant(post["publish_at"])) if t]
        said = {plain(post["text"]), plain(f"{post['title']} {post['text']}")}
        found = []
        for (platform, native), lines in self.rows.items():
            if platform != post["platform"] or (platform, native) in self.posts:
                continue
            for x in lines:
                excerpt, at = plain(x["text"]).rstrip("…").strip(), instant(x.get("out_at") or x["due"])
                near = at is not None and any(abs(at - t) <= NEAR for t in times)
                if near and (row is None or x["account"] == row["id"]) and any(s.startswith(excerpt) for s in said):
                    found.append(x)
        return found


def _said(standing: Row) -> tuple[str, str, str]:
    return standing["text"], standing["title"], json.dumps(standing["media"])


def _out_again(changes: list[Row]) -> str:
    if changes and changes[0]["platform"] == "meta-ads":
        return ""  # adverts are switched off and on
    out, taken = False, False
    for c in changes:
        if c["now"]["state"] == "published" and (not c["was"] or c["was"]["state"] != "published"):
            if out and taken:
                return "it was published, taken back by a program, and published again"
            out, taken = True, False
        elif out and c["was"] and c["was"]["state"] == "published" and c["now"]["state"] != "published":
            taken = c["by"] == BY_PROGRAM
    return ""


def _time_set(c: Row, at: str | None) -> bool:
    return bool(c["now"]["publish_at"] == at and (not c["was"] or c["was"]["publish_at"] != at))


def _names(line: Row, at: datetime) -> bool:
    if line.get("how") in NAMED:
        said = instant(line.get("out_at") or line["due"])
        return line["how"] == "reported" or said is None or abs(said - at) <= NEAR or said <= at
    return "hold" in line and line["hold"]["state"] == "too late"


def _allowed(pause: Pause, row: Any) -> bool:
    """Whether something lets posts of an account through; which posts exactly is not for this witness to know."""
    return bool(pause.permissions) and row is not None


def main() -> None:
    """Judge a council; exit 1 unless every post is right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    truth = Truth.of(given.url, given.folder / "freeze.toml")

    def freeze(*args: str) -> Row:
        command = [str(Path(sys.executable).with_name("freeze")), *args, "--json", "--as-of", truth.now.isoformat()]
        done = subprocess.run(command, cwd=given.folder, capture_output=True, text=True, timeout=300)
        found: Row = json.loads(done.stdout.strip().splitlines()[-1])
        return found

    report = judge(truth, Words.of(freeze))
    print(report)
    for v in report.wrong:
        print(f"{v.said}: {v.platform} {v.account} {v.id}: {v.how}")
    for line in report.strangers:
        print(f"a line about a post that never was: {line}")
    sys.exit(0 if report.good else 1)


if __name__ == "__main__":
    main()
