"""What one pause puts into a digest: posts to decide, tasks of people, what went out. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from freeze.holds import Hold, HoldState, Kind, digest
from freeze.outs import ALLOWED, MAY_BE_OUT
from freeze.pauses.freezes import Freeze, Standing, settle, standing
from freeze.people.tasks import ACCOUNT, APPROVAL, LOCKDOWN, STOP, Stands, Task
from freeze.posts import Post
from freeze.views.digest_items import Item, Picture, Reader, Sort, account_words, hidden, name_of, sees
from freeze.views.found import Found
from freeze.windows import say_short
from freeze.words import excerpt, many, safe

OUT = {
    "too late": "Could not be stopped in time",
    "slip": "WENT OUT inside the pause",
    ALLOWED: "Went out, as somebody allowed",
}
STAYS = "Communications decide whether it stays; the guard deletes nothing that is published"
DECIDE = "freeze decide {} --next-slot, --at TIME, --keep or --cancel"
GROUPS = {
    APPROVAL: "{} posts await approval inside the pause: do not approve them, leave or reject them",
    STOP: "{} posts that another app made must be stopped by hand",
    ACCOUNT: "Of {} accounts nobody has said yet that nothing is scheduled in their own apps",
}
"""Kinds of task of which there may be many: one line for all of them, and that line."""


@dataclass(frozen=True)
class Lines:
    """The lines of one pause for one reader."""

    reader: Reader
    freeze: Freeze
    what: Found
    picture: Picture

    def __iter__(self) -> Iterator[Item]:
        f, now = self.freeze, self.picture.now
        if standing(f, now) is Standing.END_OVERDUE and self.reader.service is None:
            do = settle(f)
            says = f"The end of {f.says()} is overdue; it stays in force"
            yield Item(f"{f.ref}:end", Sort.TO_DO, says, do, due=f.end, clause=f.clause, decision=True)
        for p in self.what.loose:
            if self.reader.sees(self.what.register.get(p.account)):
                says = f"Known, covered by {self.name}, and NOT held"
                do = "Stop it on the platform by hand, or run: freeze sync --enforce"
                yield self._of(p.id, "loose", says, do, p.intended_at, p)
        mine = [h for h in self.what.holds if self._sees(h.post)]
        for h in mine:
            yield from self._of_hold(h)
        yield from self._tasks()
        yield from self._acts([h for h in mine if h.closed_at is None and h.state is HoldState.NEEDS_A_PERSON])
        yield from self._went_out()

    @property
    def name(self) -> str:
        """The pause as this reader may know it."""
        return name_of(self.reader, self.freeze)

    @property
    def clause(self) -> str:
        """Its clause, where this reader may know that."""
        return "" if hidden(self.reader, self.freeze) else self.freeze.clause

    def _sees(self, post: int) -> bool:
        return sees(self.reader, self.what, post)

    def _of_hold(self, h: Hold) -> Iterator[Item]:
        f, now, at, ref = self.freeze, self.picture.now, h.before.at, f"p{h.post}"
        if h.state is HoldState.TOO_LATE:
            if at is not None and at > now and all(o.post != h.post for o in self.what.outs):
                do = "Somebody who is quick may still delete it on the platform"
                yield self._of(h.post, "late", "TOO LATE for the guard to stop", do, at)
            return
        if h.closed_at is not None or h.state is HoldState.NEEDS_A_PERSON:
            return
        if h.state is HoldState.REFUSED:
            says = f"Covered by {self.name}, but the platform refused to hold it"
            yield self._of(h.post, "refused", says, safe(h.clicks, 200) or "Stop it on the platform by hand", at)
            return
        if h.state not in (HoldState.CONFIRMED, HoldState.CHANGED):
            says = f"Held by {self.name}, but NOT confirmed: {safe(h.detail, 120)}"
            yield self._of(h.post, "unsure", says, "freeze sync --enforce; look at it on the platform", at)
            return
        over = standing(f, now).over
        if h.state is HoldState.CHANGED:
            says = f"Held by {self.name}, and changed by somebody: {safe(h.detail, 120)}"
            do = f"{DECIDE.format(ref)}, --accept-current"
        elif h.decision or h.kind is Kind.HUMAN or at is None or (over and not h.missed(now)):
            return
        else:
            passes = "its time has passed" if h.missed(now) else "its time will have passed when that ends"
            says, do = f"Held by {self.name}; {passes}", DECIDE.format(ref)
        by = None if over or f.end <= now else f.end
        yield replace(self._of(h.post, f"decide:{h.state.value}", says, do, by), due=at, decision=True)

    def _tasks(self) -> Iterator[Item]:
        """What only people can do. A service is told of its own accounts; the switches are not its to press."""
        mine = [t for t in self.what.tasks if t.stands in (Stands.WAITING, Stands.SAID) and self._mine(t)]
        for kind, said in GROUPS.items():
            alike = [t for t in mine if t.kind == kind and t.stands is Stands.WAITING]
            mine = [t for t in mine if t not in alike]
            if len(alike) == 1:
                yield replace(self._task(alike[0]), key=f"{self.freeze.ref}:{kind}")
            elif alike:
                yield self._group(kind, said, alike)
        for t in mine:
            yield self._task(t)

    def _group(self, kind: str, said: str, alike: Sequence[Task]) -> Item:
        """Many tasks of one kind in one line."""
        count, ahead, passed = self._times([p for t in alike for p in t.wanted.posts])
        by = min(ahead, default=None)
        return Item(
            key=f"{self.freeze.ref}:{kind}",
            sort=Sort.TO_DO,
            says=f"{said.format(len(alike) if kind == ACCOUNT else count)}{passed}",
            do="freeze tasks shows who and what to click; then: freeze confirm TASK",
            by=by,
            due=by,
            account=self._accounts([a for t in alike for a in t.wanted.accounts]),
            service=self._services([a for t in alike for a in t.wanted.accounts]),
            clause=self.clause,
            posts=count,
            mark=f"{len(alike)} {count}",
        )

    def _times(self, posts: Sequence[int]) -> tuple[int, list[datetime], str]:
        """Of these posts: how many are to be stopped, when those ahead are due, and in words how many are past."""
        times = [h.before.at for h in self.what.holds if h.post in posts and h.closed_at is None]
        ahead = [at for at in times if at and at > self.picture.now]
        past = len(times) - len(ahead)
        return len(times), ahead, f", {past} past {'its' if past == 1 else 'their'} time" if past else ""

    def _mine(self, t: Task) -> bool:
        if self.reader.service is None:
            return True
        seen = [self.what.register.get(a) for a in t.wanted.accounts]
        return bool(seen) and all(self.reader.sees(a) for a in seen)

    def _task(self, t: Task) -> Item:
        said = t.stands is Stands.SAID and t.said_at is not None
        who = f". {safe(t.said_by, 60)} says it is done ({say_short(t.said_at)}); not checked" if t.said_at else ""
        count, ahead, passed = self._times(t.wanted.posts)
        covers = f": {many(count, 'post')}" if t.kind == LOCKDOWN and count else ""
        done = f"{safe(t.wanted.clicks, 300)} Then: freeze confirm {t.ref}"
        return Item(
            key=f"{self.freeze.ref}:{t.ref}",
            sort=Sort.NOTE if said else Sort.TO_DO,
            says=f"{safe(t.wanted.title, 160)}{covers}{passed}{who}",
            do="" if said else done,
            by=min(ahead, default=None),
            due=min(ahead, default=None),
            account=self._accounts(t.wanted.accounts),
            service=self._services(t.wanted.accounts),
            clause=self.clause,
            posts=count,
            mark=f"{t.stands.value} {count}",
        )

    def _acts(self, holds: Sequence[Hold]) -> Iterator[Item]:
        """Posts that only a person can stop and that no task of this reader names, one line for each thing to click."""
        open_tasks = [t for t in self.what.tasks if t.stands in (Stands.WAITING, Stands.SAID)]
        asked = {p for t in open_tasks for p in t.wanted.posts}
        named = {p for t in open_tasks if self._mine(t) for p in t.wanted.posts}
        acts: dict[tuple[str, str], list[Hold]] = defaultdict(list)
        for h in holds:
            if h.post not in named:
                acts[h.before.locator.connection, h.clicks or h.why].append(h)
        now = self.picture.now
        for (connection, act), these in acts.items():
            ahead = [h.before.at for h in these if h.before.at and h.before.at > now]
            says = f"{many(len(these), 'post')} in {self.picture.title(connection)} that only a person can stop"
            says += f", {len(these) - len(ahead)} of them past their time" if len(ahead) < len(these) else ""
            ids = [self.what.posts[h.post].account for h in these]
            theirs = self.reader.service is not None and all(h.post in asked for h in these)
            yield Item(
                key=f"{self.freeze.ref}:act:{digest([connection, act])}",
                sort=Sort.NOTE if theirs else Sort.TO_DO,
                says=f"{says}: {self.name}",
                do="Communications are asked to see to it" if theirs else safe(act, 300),
                by=min(ahead, default=None),
                due=min(ahead, default=None),
                account=self._accounts(ids),
                service=self._services(ids),
                clause=self.clause,
                posts=len(these),
                mark=f"{len(these)}",
            )

    def _went_out(self) -> Iterator[Item]:
        passed = self.what.passed(self.picture.now)
        stopped = {post for post, _ in passed.said}
        perhaps: dict[str, list[datetime]] = defaultdict(list)
        for post, at in passed.maybe:
            if self._sees(post) and post in self.what.posts:
                perhaps[self.what.posts[post].locator.connection].append(at)
                says = "Its time has passed, and nothing here can say whether it went out"
                yield replace(self._of(post, "maybe", says, "", None), sort=Sort.MAYBE, due=at)
        for o in self.what.once():
            if not self._sees(o.post) or o.how == MAY_BE_OUT or o.post in stopped:
                continue
            allowed = o.how == ALLOWED
            says = f"{OUT.get(o.how, o.how.capitalize())}: {safe(o.why, 160)}{self.what.elsewhere(o.post)}"
            line = self._of(o.post, f"out:{o.how}", says, "" if allowed else STAYS, None)
            yield replace(line, sort=Sort.NOTE if allowed else Sort.WENT_OUT, due=o.at)
        for connection, times in perhaps.items():
            title = self.picture.title(connection)
            last = say_short(max(times))
            yield Item(
                key=f"{self.freeze.ref}:maybe:{connection}",
                sort=Sort.WENT_OUT,
                says=f"{many(len(times), 'post')} in {title} may have gone out, the last {last}; nothing here can say",
                do=f"Look there, or save a newer export of {title}",
                due=min(times),
                clause=self.clause,
            )

    def _of(self, post: int, kind: str, says: str, do: str, by: datetime | None, p: Post | None = None) -> Item:
        p = p or self.what.posts.get(post)
        return Item(
            key=f"p{post}:{kind}",
            sort=Sort.TO_DO,
            says=says,
            do=do,
            by=by,
            due=p.intended_at if p else by,
            post=f"p{post}",
            account=account_words(self.what.register, p.account) if p else "",
            service=p.service if p else "",
            words=excerpt(p) if p else "",
            clause=self.clause,
        )

    def _accounts(self, ids: Sequence[str]) -> str:
        names = list(dict.fromkeys(account_words(self.what.register, a) for a in ids))
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

    def _services(self, ids: Sequence[str]) -> str:
        found = {a.service for i in ids if (a := self.what.register.get(i))}
        return ", ".join(sorted(found - {""}))
