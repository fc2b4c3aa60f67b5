"""A ready message for everybody who is asked to do something: text, and a file that any mail program opens as a draft.

What stands here is read outside Communications: while no announcement is recorded it names no event, no reason and no
end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from freeze.council.duty import Reach, Why
from freeze.pauses.freezes import Freeze, until_words
from freeze.people.tasks import Task
from freeze.report.todo import by
from freeze.windows import london, say, say_short
from freeze.words import many, safe

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the messages come from: the council, and Communications with its address and number."""

    council: str
    marking: str
    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who it is for, what it says."""

    to: Reach
    subject: str
    body: str
    tasks: tuple[Task, ...]

    def eml(self, sender: Sender, now: datetime) -> bytes:
        """The message as a draft (.eml). An address that is not one is left out, never guessed."""
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = safe(self.subject, 200)
        if ADDRESS.fullmatch(sender.email):
            mail["From"] = sender.email
        if ADDRESS.fullmatch(self.to.email):
            mail["To"] = self.to.email
        mail["Date"] = format_datetime(london(now))
        mail["X-Unsent"] = "1"
        mail.set_content(self.body)
        return mail.as_bytes()


def message(
    to: Reach, tasks: Sequence[Task], pauses: Sequence[Freeze], sender: Sender, opens: datetime | None
) -> Message:
    """What one person is asked to do. `opens` is set when they are off duty: when they are next at work."""
    ordered = tuple(sorted(tasks, key=lambda t: (t.wanted.deadline is not None, t.wanted.deadline, t.number)))
    names = " and ".join(dict.fromkeys(f.outside for f in pauses))
    first = by(ordered[0])
    subject = f"{names}: {many(len(ordered), 'thing')} to do, the first {first}"
    lines = [sender.marking, ""] if sender.marking else []
    lines += [f"To {safe(to.name, 80)}", ""]
    for f in pauses:
        known = "" if f.quiet else f", until {until_words(f)} ({safe(f.announced_source, 200)})"
        lines.append(f"{f.outside} at {sender.council}, since {say(f.start)}{known}.")
    if all(f.quiet for f in pauses):
        lines.append(
            "It lasts until Communications says otherwise. Please do not guess at the reason, and do not post."
        )
    lines += _duty(to, opens)
    lines += ["", f"Please do {'this' if len(ordered) == 1 else 'these'}:", ""]
    for n, t in enumerate(ordered, 1):
        of = f" (for {safe(t.wanted.owner, 60)})" if t.wanted.owner and t.wanted.owner != to.name else ""
        lines += [f"{n}. {safe(t.wanted.title, 120)}{of}", f"   By: {by(t)}   Number: {t.ref}"]
        lines += [f"   How: {safe(t.wanted.clicks, 400)}", ""]
    lines += [
        "Then answer with the number: done, or what went out and when. Nothing that is published is to be deleted.",
        "Go on reading and answering messages: only posting stops.",
        "",
        " ".join(x for x in (sender.name, sender.phone, sender.email) if x),
    ]
    return Message(to, subject, "\n".join(lines) + "\n", ordered)


def _duty(to: Reach, opens: datetime | None) -> list[str]:
    if to.why is Why.ON_CALL:
        return ["You are asked because you are on call."]
    if to.why is Why.VOLUNTEER:
        return ["You are asked because you volunteered. The time you give is noted, for time off in lieu."]
    if to.why is Why.OWNER and opens is not None:
        off = f"You are off duty until {say_short(opens)}, and nobody expects you to answer before then."
        return [off, "If you can do it now, thank you: the time is noted, for time off in lieu."]
    return []
