"""Orlo: the scheduler that holds most of a council's posts, read from the exports that somebody saves.

No public reference describes an API that lists or pauses posts, an export, or what Company lockdown does to posts that
are already scheduled. So the guard reads an export, and a person presses Company lockdown. Settings:

    [connections.orlo]
    platform = "orlo"
    folder = "orlo-exports"               # the newest complete .csv or .xlsx in it is read
    # timezone = "Europe/London"          # of the times in the export; in Orlo it is a preference of each user
    # lockdown_clicks = "..."             # the exact words of your menu, shown when a pause is declared
    lockdown_holders = [                  # who can press it, with a number for any hour; two at least
      { name = "Jo Smith", phone = "01632 960101" },
      { name = "Sam Patel", phone = "01632 960102" },
    ]
    # [connections.orlo.columns]          # where your export's headers differ: message = "Post text"
    # [connections.orlo.statuses]         # where its status words differ: "In approval" = "pending_approval"

An account's id is "<network in lower case>:<account name in the export>". What an export shows is as old as the file,
by the time it was last written, and never counts as checked. A file that is empty or cut off is not used; the next
newest one is. (A file cut off exactly at the end of a line, or inside its very last cell, cannot be
told from a whole one.)

With `mode = "http"`, `base_url` and `token_env` the guard speaks the contract of docs/orlo-contract.md instead. That
contract is assumed from end to end: have the vendor confirm it first.

Sources. Documented on support.orlo.tech: a "Company lockdown" permission of company administrators
(individual-user-permissions); a post approved after its time goes out at once (approving-social-media-content); the
time zone is each user's preference. Assumed: every column, status word and date order of an export, and that lockdown
stops posts already scheduled.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from adapters._orlo.export import Columns, Export, Layout, find, native, newest, usable
from adapters._orlo.http import Contract, OrloHttp
from adapters._tools.offers import past_changing
from adapters._web.http import Client
from freeze.accounts import Gap, SeenAccount
from freeze.errors import PlatformError, Refused, nearest
from freeze.holds import Change, Goal, HoldState, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Capabilities, Limits, Platform
from freeze.posts import Locator, Page, Reading, Seen, State, Unreadable
from freeze.windows import Window, say

NAME: Final = "orlo"
TITLE: Final = "Orlo"
LOCKDOWN: Final = (
    "In Orlo, as a company administrator, switch on Company lockdown (where it stands in the menu: assumed)."
)
CAPABILITIES: Final = Capabilities(
    lists="what an export held when it was saved; over HTTP by an assumed contract, if configured",
    holds=Kind.HUMAN,
    hold_words="a person switches on Company lockdown; over HTTP by an assumed contract, made a draft",
    puts_back="a person lifts Company lockdown, after every late post has been decided",
    cannot="see or stop anything in Orlo by itself; tell whether lockdown is on",
    clicks=LOCKDOWN,
    marks="documented: Company lockdown exists, and a post approved late goes out at once; assumed: all else",
    lockdown="Company lockdown",
)
NO_APPROVAL: Final = "Do not approve it: in Orlo, leave it or reject it."
LIFTING: Final = (
    "In Orlo, in this order: reject or re-date every post that awaits approval and is past its time; re-date every "
    "post that is past its time; save a new export and check that nothing in it is late; only then lift Company "
    "lockdown."
)
NETWORKS: Final = {"twitter": "x", "x (twitter)": "x", "x (formerly twitter)": "x"}


class Options(BaseModel):
    """Settings of one Orlo: its exports (`folder`), or the assumed HTTP contract. `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Literal["export", "http"] = "export"
    folder: Path | None = None
    timezone: str = "Europe/London"
    columns: Columns = Columns()
    statuses: dict[str, Literal["scheduled", "pending_approval", "draft", "published", "deleted"]] = {}
    lockdown_clicks: str = LOCKDOWN
    base_url: str = ""
    token: SecretStr = SecretStr("")
    timeout: float = Field(default=20.0, gt=0, le=120)
    http: Contract = Contract()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f'there is no time zone "{name}". {nearest(name, available_timezones())}'[:200])
        return name

    @model_validator(mode="after")
    def _complete(self) -> Options:
        if self.mode == "export" and self.folder is None:
            raise ValueError("folder is missing: name the folder that exports from Orlo are saved in")
        if self.mode == "export" and (self.base_url or self.token.get_secret_value()):
            raise ValueError('base_url and token are for mode = "http" only; with exports, leave them out')
        if self.mode == "http" and not (self.base_url and self.token.get_secret_value()):
            raise ValueError('mode = "http" needs base_url and token_env, and a contract that the vendor has confirmed')
        return self


def connect(connection_id: str, options: Options) -> Platform:
    """One Orlo, by its exports or over HTTP. Raises SettingsError for an address that is not safe."""
    if options.mode == "export":
        return OrloExport(connection_id, options)
    token = options.token.get_secret_value()
    client = Client(
        connection_id,
        options.base_url,
        setting="token_env",
        headers={"Authorization": f"Bearer {token}"},
        secrets=(token,),
        timeout=options.timeout,
    )
    return OrloHttp(connection_id, client, options.http)


class OrloExport:
    """One Orlo known only by its exports: everything in it is for a person to stop and to put back."""

    def __init__(self, connection_id: str, options: Options) -> None:
        assert options.folder is not None
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(lock_out=timedelta(0))
        self._folder = options.folder
        statuses = usable({word: State(state) for word, state in options.statuses.items()})
        self._layout = Layout(options.columns, statuses, ZoneInfo(options.timezone))
        self._clicks = options.lockdown_clicks
        self._lock = threading.Lock()
        self._read: tuple[list[tuple[Path, datetime]], Export] | None = None

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every network and account in the newest export, those of rows that were not taken included."""
        for network, name in self._export().accounts:
            platform = NETWORKS.get(network.lower(), network.lower())
            yield SeenAccount(self.id, native(network, name), name, platform, name if name.startswith("@") else "")

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """One page: the account's posts due in `span`, whatever their state, and drafts without a time.

        Older ones count where they can still go out: one awaiting approval, which goes out at once when approved late,
        and one that the export shows as scheduled although it was saved later, which something holds back.
        Rows that were not taken belong to no account, so every page carries all of them.
        """
        export = self._export()
        mine = (s for s in export.posts if s.locator.account == account)
        posts = tuple(s for s in mine if _concerns(s, span, export.as_of))
        yield Page(posts, export.rejects, complete=True, as_of=export.as_of)

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """Nothing: an export shows what was, never what is."""
        try:
            why = f"Orlo itself cannot be read, only its export of {say(self._export().as_of)}."
        except PlatformError as e:
            why = f"Orlo itself cannot be read, and no export of it could be. {e.message}"
        yield from (Unreadable(locator, why) for locator in locators)

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Always a person's task, with the clicks."""
        refusal = past_changing(seen, goal)
        if refusal is not None:
            return refusal
        if goal.verb is Verb.PUT_BACK:
            return Refusal(HoldState.NEEDS_A_PERSON, "Only a person can let posts in Orlo go out again.", LIFTING)
        if goal.verb is Verb.KEEP:
            return Refusal(
                HoldState.NEEDS_A_PERSON,
                "Only Company lockdown keeps it in Orlo (assumed).",
                "In Orlo, leave Company lockdown on.",
            )
        if seen.state is State.PENDING_APPROVAL:
            return Refusal(
                HoldState.NEEDS_A_PERSON,
                "It awaits approval in Orlo; approved after its time, it goes out at once (documented by Orlo).",
                NO_APPROVAL,
            )
        if seen.state is not State.SCHEDULED:
            return Refusal(HoldState.CHANGED, f"It is {seen.state.value} in Orlo; there is nothing to hold.")
        if seen.at is not None and seen.at <= now:
            return Refusal(
                HoldState.NEEDS_A_PERSON,
                f"It was due {say(seen.at)} and the export still shows it queued; only a person can see and stop it.",
                self._clicks,
            )
        return Refusal(HoldState.NEEDS_A_PERSON, "Only a person can stop posts in Orlo.", self._clicks)

    def send(self, step: Step) -> Receipt:
        """Never: there is nothing to call. Raises Refused."""
        raise Refused(f'The connection "{self.id}" only reads exports; nothing was sent ({step.method}).', self._clicks)

    def probe(self) -> Iterator[str]:
        """Which export is used, how old it is, and what in it could not be taken."""
        export = self._export()
        left = f"; {len(export.rejects)} not taken" if export.rejects else ""
        yield f"{export.name}, saved {say(export.as_of)}: {len(export.posts)} posts{left}."

    def _export(self) -> Export:
        """The newest export, parsed once for as long as the folder stays as it is: each account asks for it anew."""
        with self._lock:
            files = find(self._folder)
            if self._read is None or self._read[0] != files:
                self._read = (files, newest(self.id, self._folder, self._layout))
            return self._read[1]


def _concerns(post: Seen, span: Window, as_of: datetime) -> bool:
    if post.at is None or post.at in span:
        return True
    stuck = post.state is State.SCHEDULED and post.at <= as_of
    return post.at < span.start and (stuck or post.state is State.PENDING_APPROVAL)
