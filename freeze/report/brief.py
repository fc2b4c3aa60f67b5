"""The brief: five lines to forward to a chief executive. Every count says how it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from freeze.holds import HoldState
from freeze.outs import ALLOWED, MAY_BE_OUT
from freeze.pauses.freezes import Freeze, Standing, standing, until_words
from freeze.people.how_silent import Silent
from freeze.people.sources import SeenBy
from freeze.people.tasks import ACCOUNT, LOCKDOWN, Stands
from freeze.posts import Json
from freeze.report.todo import stands
from freeze.views.found import Found
from freeze.windows import say, say_short
from freeze.words import many, safe

MOST = 4


def lines(f: Freeze, what: Found, silent: Mapping[str, Silent], seen: Sequence[SeenBy], now: datetime) -> list[str]:
    """Since when; how many are seen silent; what cannot be checked; what went out; when it ends."""
    n = Counter(silent.values())
    head = f"{f.outside} since {say(f.start)}, {f.scope.said()}. As of {say(now)}."
    unsure = n[Silent.WAITING] + n[Silent.NOT_STOPPED]
    quiet = (
        f"Silent: {n[Silent.SEEN]} of {many(len(silent), 'account')} seen silent (read back); {n[Silent.SAID]} said to "
        f"be silent by those responsible, not read; {unsure} not known to be silent."
    )
    return [head, quiet, _unchecked(what, silent, seen, now), _out(what, now), _ends(f, now)]


def _unchecked(what: Found, silent: Mapping[str, Silent], seen: Sequence[SeenBy], now: datetime) -> str:
    parts = []
    for s in seen:
        task = next((t for t in what.tasks if t.kind == LOCKDOWN and t.connection == s.connection), None)
        act = f"; {task.wanted.title.removeprefix('Press ')}: {stands(task)}" if task else ""
        parts.append(s.said(now).rstrip(".") + act)
    alone = [t for t in what.tasks if t.kind == ACCOUNT and t.closed_at is None]
    if alone:
        mute = [t for t in alone if t.stands is Stands.WAITING]
        names = [what.register[t.wanted.accounts[0]] for t in mute if t.wanted.accounts[0] in what.register]
        some = ", ".join(f"{safe(a.name, 40)} ({a.platform})" for a in names[:MOST])
        rest = f" and {len(names) - MOST} more" if len(names) > MOST else ""
        answered = f"{len(alone) - len(mute)} answered"
        parts.append(
            f"{many(len(alone), 'account')} in apps that nothing here reads: {answered}, {len(mute)} did not"
            + (f" ({some}{rest})" if some else "")
        )
    strangers = [a for a, s in silent.items() if s is Silent.WAITING and not what.register[a].registered]
    if strangers:
        parts.append(f"{many(len(strangers), 'account')} that nobody registered, whose queue was not read")
    return f"Cannot be checked from here: {'. '.join(parts)}." if parts else "Everything could be checked."


def _out(what: Found, now: datetime) -> str:
    once = what.once()
    out = [o for o in once if o.how not in (MAY_BE_OUT, ALLOWED)]
    allowed = sum(o.how == ALLOWED for o in once)
    passed = what.passed(now)
    parts = []
    if out:
        each = [f"{_where(what, o.post)} {say_short(o.at)}{_told(o.how)}" for o in out[:MOST]]
        more = f" and {len(out) - MOST} more" if len(out) > MOST else ""
        parts.append(f"{len(out)} went out: {'; '.join(each)}{more}")
    else:
        parts.append("nothing is known to have gone out")
    named = {o.post for o in what.outs}
    late = [h for h in what.holds if h.state is HoldState.TOO_LATE and h.post not in named]
    if late:
        parts.append(
            f"{len(late)} could not be stopped in time, and {'was' if len(late) == 1 else 'were'} not read since"
        )
    if allowed:
        parts.append(f"{allowed} went out with permission")
    if passed.maybe:
        parts.append(f"{len(passed.maybe)} may have gone out (cannot be read)")
    if passed.unread:
        parts.append(f"{len(passed.unread)} not read since their time")
    if passed.said:
        parts.append(f"{len(passed.said)} said to be stopped, not checked")
    return f"Since it began, {'. '.join(parts)}."


def _where(what: Found, post: int) -> str:
    p = what.posts.get(post)
    return f"{safe(what.name(post), 40)} ({p.platform})" if p else f"p{post}"


def _told(how: str) -> str:
    return ", as somebody says" if how == "reported" else ", too late to stop" if how == "too late" else ""


def _ends(f: Freeze, now: datetime) -> str:
    if standing(f, now) is Standing.END_OVERDUE:
        return f"Its end, {until_words(f)}, is overdue; it stays in force until Communications settles it."
    settled = "; the end will be settled later" if f.provisional else ""
    return f"It ends {until_words(f)}{settled}. Nothing goes out again until Communications puts it back."


def data(f: Freeze, what: Found, silent: Mapping[str, Silent], now: datetime) -> dict[str, Json]:
    """The same for programs."""
    n = Counter(silent.values())
    passed = what.passed(now)
    return {
        "freeze": f.ref,
        "called": f.outside,
        "since": f.start.isoformat(),
        "until": f.end.isoformat(),
        "provisional_end": f.provisional,
        "accounts": len(silent),
        "seen_silent": n[Silent.SEEN],
        "said_silent": n[Silent.SAID],
        "not_known_silent": n[Silent.WAITING] + n[Silent.NOT_STOPPED],
        "went_out": sum(o.how not in (MAY_BE_OUT, ALLOWED) for o in what.once()),
        "allowed_out": sum(o.how == ALLOWED for o in what.once()),
        "may_have_gone_out": len(passed.maybe),
        "said_to_be_stopped": len(passed.said),
    }
