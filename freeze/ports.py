"""What a platform, a policy and a journal must do: the contracts every adapter and every rule keeps.

Words. *account* here is always the platform's own id for it. *locator* names one post in one queue. A *reading* is what
a platform showed just now. An *offer* is what could be done to one post, decided without any call. A *step* is exactly
one call. The engine journals, retries, verifies and reports; an adapter only lists, reads, offers and sends.

An adapter may not: sleep on purpose, retry a write, keep a post in memory between calls (a parsed export, which
cannot change, excepted), delete a published post, or
turn a failure into an empty answer. Anything it cannot read it must raise (`freeze.errors.PlatformError`) or yield as a
`Gap`, `Reject` or `Unreadable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from freeze.accounts import Account, Bio, Gap, KnownBio, SeenAccount
from freeze.agreements import Agreement
from freeze.crisis import Crisis
from freeze.events import Event
from freeze.findings import Finding
from freeze.holds import Change, Goal, Kind, Receipt, Refusal, Step
from freeze.permissions import NOTHING, Allowing
from freeze.posts import Locator, Page, Post, Reading, Seen
from freeze.register import Record
from freeze.windows import Window


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform allows, as lengths of time and counts.

    batch: posts one `read` call may name. of_one_account: whether they must all be of one account.
    lock_out: closer than this to its time, a change no longer stops a post.
    lead: the least distance ahead for a time that is put back. ceiling: the farthest time the platform accepts.
    spacing: the least distance between two posts put back on one account. per_day: posts one account may have on one
    London date. deadline: how long a whole connection may take before what is missing becomes a gap.
    new_id_when_out: a post that goes out is no longer there under the id it had in its queue. at_once: what is put back
    begins in that moment, whatever time it was given (an advert). rest: the least time between two looks of the keeper,
    where a day's calls would not last otherwise. one_at_a_time: two changes under way at once can undo one another in
    it, although each answers that it was done: the next is sent when the one before has been answered.
    """

    batch: int = 50
    of_one_account: bool = False
    lock_out: timedelta = timedelta(minutes=1)
    lead: timedelta = timedelta(minutes=10)
    ceiling: timedelta | None = None
    spacing: timedelta = timedelta(minutes=15)
    per_day: int | None = None
    deadline: timedelta = timedelta(seconds=60)
    new_id_when_out: bool = False
    at_once: bool = False
    rest: timedelta = timedelta(0)
    one_at_a_time: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One row of the capability table: what to expect of a platform, in words, and what a person must click.

    `marks` says how well each fact is known: "documented", "secondary source" or "assumed". `lockdown` is the name of
    the one switch that stops everything in it and that only a person can press, for a scheduler that has one.
    `bio` is how many characters the description of an account may have, 0 where no program can read it. `published`
    says in words what can be read of what went out, empty where nothing can; `queue` whether a program is shown what is
    scheduled: "listed", "in part" or "not shown".
    """

    lists: str
    holds: Kind
    hold_words: str
    puts_back: str
    cannot: str
    clicks: str
    marks: str
    lockdown: str = ""
    bio: int = 0
    published: str = ""
    queue: str = "listed"


class Platform(Protocol):
    """One connection: one platform plus one credential. Methods may be called from several threads at once."""

    id: str
    platform: str
    limits: Limits

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every account this credential reaches. Raises PlatformError if not even that can be read."""
        ...

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Everything on `account` that could go out in `span`, awaiting approval included, page by page as it arrives.

        The last page has `complete=True`; a listing that ends without one is a gap. Raises PlatformError; `Hidden`
        where the platform shows no program its queue, or, after the last page, shows only the part that was listed.
        """
        ...

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to `limits.batch` posts, one reading for each locator, in any order.

        Published posts are readable too. Raises PlatformError when nothing at all could be read.
        """
        ...

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """What can be done to reach `goal` for this very post, and how. Pure: no call, no clock, no memory."""
        ...

    def send(self, step: Step) -> Receipt:
        """Make exactly one call, once. Raises Refused, Uncertain, Limited or AuthFailed."""
        ...


@runtime_checkable
class ReadsPublished(Protocol):
    """A platform that can list what went out."""

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Posts published on `account` at or after `since` (UTC), replies left out, page by page."""
        ...


@runtime_checkable
class SavesAgain(Protocol):
    """A platform that can show a post as scheduled and yet have forgotten to publish it.

    After the last change of a put-back on one connection was sent and read back, each post that was put back is saved
    once more, alone: one call at a time, nothing else under way there. Only when it was read again after that, and
    still agrees, is it "put back". A run that died in between does this for what it finds put back.
    """

    def once_more(self, seen: Seen) -> Step | None:
        """The one call, idempotent, that saves `seen` as it stands; None where nothing need be saved. Pure."""
        ...


@runtime_checkable
class ReadsBio(Protocol):
    """A platform that gives an account's name and description."""

    def bio(self, account: str) -> Bio:
        """The name and the description of `account`. Raises PlatformError."""
        ...


@dataclass(frozen=True, slots=True)
class Credential:
    """How one credential stands: `sentence` for people; `expires_at` (UTC) where it is known to end; `well` or not.

    `warn` is how long before that end a person is warned: less for one that lives only days, or that renews itself.
    """

    sentence: str
    well: bool = True
    expires_at: datetime | None = None
    warn: timedelta = timedelta(days=14)


@runtime_checkable
class ShowsCredential(Protocol):
    """A platform that can say how its credential stands, for `freeze doctor`; read-only."""

    def credential(self) -> Iterator[Credential]:
        """How each credential of this connection stands. Raises PlatformError."""
        ...


@runtime_checkable
class TellsTime(Protocol):
    """A platform whose answers carry the time by its own clock."""

    def clock(self) -> tuple[datetime, float] | None:
        """The last `Date` it sent (UTC) and the monotonic reading at that moment; None before the first answer."""
        ...


@runtime_checkable
class Closes(Protocol):
    """A platform that holds something open."""

    def close(self) -> None:
        """Give it back."""
        ...


@runtime_checkable
class Probes(Protocol):
    """A platform with something to check beyond listing accounts, for `freeze doctor`; read-only."""

    def probe(self) -> Iterator[str]:
        """Sentences about what was found."""
        ...


class Adapter(Protocol):
    """A module in `adapters/`: its docstring is its page in the documentation.

    `Options` is a pydantic model of the connection's settings; unknown keys are refused by it. `connect` makes one
    connection. Secrets arrive in `Options` as `SecretStr`, already read from the environment or a secret file.
    """

    @property
    def NAME(self) -> str: ...
    @property
    def TITLE(self) -> str: ...
    @property
    def CAPABILITIES(self) -> Capabilities: ...
    @property
    def Options(self) -> type[Any]: ...
    @property
    def connect(self) -> Callable[[str, Any], Platform]: ...


@dataclass(frozen=True, slots=True)
class FreezeView:
    """A declared freeze as rules see it: ids, windows and scope, nothing about how it is stored.

    `holding` is False for one that ended, that is a rehearsal, or that is not due for holding yet. `crisis` is what is
    on record about a crisis; None for any other pause.
    """

    id: str
    preset: str
    windows: tuple[Window, ...]
    scope: Scope
    holding: bool
    label: str
    clause: str
    policy: str
    crisis: Crisis | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which accounts a freeze covers: values of one flag are alternatives, different flags must all match.

    `everything` includes reachable accounts that nobody registered. An account that is out of scope on the register
    (a school, a councillor) is never covered.
    """

    everything: bool = False
    services: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()

    def covers(self, account: Account) -> bool:
        """Whether this scope takes in `account`."""
        if not account.in_scope:
            return False
        if self.everything:
            return True
        if not (self.services or self.accounts or self.platforms):
            return False
        return (
            (not self.services or account.service in self.services)
            and (not self.accounts or account.id in self.accounts)
            and (not self.platforms or account.platform in self.platforms)
        )

    def said(self) -> str:
        """The scope in words."""
        if self.everything:
            return "every account"
        parts = []
        if self.services:
            parts.append("services " + ", ".join(self.services))
        if self.accounts:
            parts.append("accounts " + ", ".join(self.accounts))
        if self.platforms:
            parts.append("platforms " + ", ".join(self.platforms))
        return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class RequestView:
    """An open request for information as rules see it; dates are London dates.

    `working_days_left` counts UK-wide working days until `due`, below zero once it is over. `waits_for` names what was
    asked of the sender and has not come.
    """

    id: str
    regime: str
    account: str
    received: date
    due: date
    safe_target: date
    pass_on_by: date
    passed_on: bool
    working_days_left: int
    provisional: bool = False
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a policy may know, handed in: policies do no reading of their own.

    `records` are what the register says of an account beyond its name, by account id; `bios` what platforms show.
    `declared` are all pauses that are not over, with every window, also those that hold nothing yet; `freezes` are only
    those in force. `policy_review` is the London day on which the council's policy is to be reviewed.
    `in_scheduler` are the accounts that a scheduler with one switch for everything reaches, by id.
    """

    now: datetime
    accounts: Mapping[str, Account]
    freezes: Sequence[FreezeView] = ()
    allowing: Allowing = NOTHING
    requests: Sequence[RequestView] = ()
    holidays_as_of: date | None = None
    records: Mapping[str, Record] = field(default_factory=dict)
    bios: Sequence[KnownBio] = ()
    events: Sequence[Event] = ()
    agreements: Sequence[Agreement] = ()
    declared: Sequence[FreezeView] = ()
    policy_review: date | None = None
    in_scheduler: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class World:
    """Everything there is at once: going through `posts` reads them all again, in order of time."""

    facts: Facts
    posts: Iterable[Post]


class Across(Protocol):
    """What one rule remembers while posts go by: as little as it needs to tell later what they are together."""

    def see(self, posts: Sequence[Post]) -> None:
        """Look at the posts that come next, in order of time, however many at once; one without a time comes first."""
        ...

    def findings(self) -> Iterable[Finding]:
        """What was found, once all posts were seen."""
        ...


@dataclass(frozen=True, slots=True)
class Assumed:
    """An end worked out from what was given, and in words what was assumed and why."""

    windows: tuple[Window, ...]
    provisional: bool
    d_day: date | None
    because: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A named, prepared freeze.

    `end` works out the windows from (start, D-Day if given); None means that an end must be given. `always` are the
    kinds of post it never holds, `by_permission` those that a standing permission may let through; every other kind is
    blocked, and passes only post by post. `holds` is for a pause in which business goes on: it says why this very post
    is held all the same, or nothing. `dates` are the windows in a span that stand by themselves, without anybody
    declaring them, each with a name that stays the same. `by_poll` is for one that begins with the notice of an
    election and whose `end` is handed the day of the poll.
    """

    name: str
    aliases: tuple[str, ...]
    title: str
    clause: str
    default_everything: bool
    reason: str
    authority: str
    end: Callable[[datetime, date | None], Assumed] | None = field(default=None, compare=False)
    always: tuple[str, ...] = ()
    by_permission: tuple[str, ...] = ()
    holds: Callable[[Post], str] | None = field(default=None, compare=False)
    dates: Callable[[Window], Iterable[tuple[str, Window]]] | None = field(default=None, compare=False)
    by_poll: bool = False


class Policy(Protocol):
    """A module in `policies/`: docstring, ID, CLAUSES, Options, and any of the functions below.

    A function a policy has no use for is left out. `judge` looks at one post; `across` at all of them as they go by,
    whatever their number; `inspect` at what is known besides posts, or, where there are few, at all posts at once.
    """

    @property
    def ID(self) -> str: ...
    @property
    def CLAUSES(self) -> tuple[str, ...]: ...
    @property
    def Options(self) -> type[Any]: ...
    @property
    def presets(self) -> Callable[[Any], Sequence[Preset]]: ...
    @property
    def windows(self) -> Callable[[Any, Facts, Window], Iterable[Window]]: ...
    @property
    def judge(self) -> Callable[[Any, Post, Facts], Iterable[Finding]]: ...
    @property
    def across(self) -> Callable[[Any, Facts], Across]: ...
    @property
    def inspect(self) -> Callable[[Any, World], Iterable[Finding]]: ...


class Simulator(Protocol):
    """A module in the sandbox: one platform, spoken as it is documented."""

    @property
    def NAME(self) -> str: ...
    @property
    def routes(self) -> Callable[[Any], list[Any]]: ...
