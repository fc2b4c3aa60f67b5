"""Hootsuite: a scheduler whose queue is read, and that a person stops with one switch, Suspend.

Its API has no way to edit or pause a message. A person with the right to administer the organisation presses Suspend in
Hootsuite, and the guard reads the queue to see what is still due. Settings:

    [connections.hootsuite]
    platform = "hootsuite"
    client_id = "..."                                       # of the app registered with Hootsuite
    client_secret_env = "FREEZE_HOOTSUITE_SECRET"
    tokens = "hootsuite-tokens.json"                        # its access and refresh token; renewed by the guard
    # allow_recreate = true        # delete a scheduled message to hold it, and make it again to put it back
    # lockdown_clicks = "..."      # the exact words of your menu, shown when a pause is declared
    # weeks_ahead = 12             # how far ahead the queue is listed; what is due later is listed as it comes nearer
    # state = "hootsuite-calls.json"                        # where the calls of a day are counted for all processes

With `allow_recreate` a message loses its id, its author and its history in Hootsuite; its words, time, tags, place and
ow.ly pictures are kept here and made again. What could not be made again as it was (uploaded media, a chosen audience,
approval, any field the guard does not know) is left to Suspend, saying which field. An id is never made twice: after an
unclear answer the queue is looked through first.

What awaits approval is listed and is for its approver: leave it or reject it. Messages that a network refused, or an
approver rejected, do not go out by themselves and count as drafts. The time of what went out is the time it was
scheduled for, so one that was approved late shows its earlier time. A refresh token can be used once: the guard saves
the next one before it uses the first, and no other program may use the same one.

Sources: the vendor's own OpenAPI document in a public copy (secondary source): every path and field, four weeks and
100 messages a listing, times, error codes (40003: too late to delete), tokens, 20 calls a second and 100,000 a day.
Documented in the vendor's help pages: Suspend, that what is due within a minute may still go, and that what was missed
does not fire later. Assumed: that a message is gone when its id is not found while its profile is, that ow.ly pictures
outlive their message, that an empty answer to a deletion needs reading back, and that nothing due later than
`weeks_ahead` matters before it comes nearer.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters._hootsuite import api
from adapters._hootsuite.offers import SUSPEND, Offers
from adapters._hootsuite.read import Reader, not_there
from adapters._tools.offers import refuse_if_past
from adapters._web.budget import Budgets, DailyBudget, WindowBudget
from adapters._web.http import Client
from adapters._web.tokens import TokenFile
from adapters._web.verdicts import Denied, says
from freeze.accounts import Gap, SeenAccount
from freeze.errors import AuthFailed, PlatformError, Refused, Uncertain
from freeze.holds import Change, Goal, Kind, Receipt, Refusal, Step
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Json, Locator, Page, Reading, Seen, State, Unreadable
from freeze.windows import Window, say

NAME: Final = "hootsuite"
TITLE: Final = "Hootsuite"
CAPABILITIES: Final = Capabilities(
    lists="messages scheduled or awaiting approval on every profile, 12 weeks ahead unless set otherwise",
    holds=Kind.HUMAN,
    hold_words="a person presses Suspend; if allow_recreate is set, deleted and made again later",
    puts_back="a person lifts Suspend; what was deleted is made again, at least 10 minutes ahead",
    cannot="edit or pause a message; tell whether Suspend is on; stop anything in its last minute",
    clicks=SUSPEND,
    marks="secondary source (the vendor's API document in a public copy); documented: Suspend",
    lockdown="Suspend",
    published="messages that were sent, by the time they were scheduled for",
)
NETWORKS: Final = {
    "facebookpage": "facebook",
    "instagrambusiness": "instagram",
    "linkedincompany": "linkedin",
    "tiktokbusiness": "tiktok",
    "twitter": "x",
    "youtubechannel": "youtube",
}
WAITING: Final = frozenset({State.SCHEDULED, State.PENDING_APPROVAL})
LIMITS: Final = Limits(batch=10, lock_out=timedelta(minutes=1), lead=timedelta(minutes=10))


class Options(BaseModel):
    """Settings of one Hootsuite connection: `tokens` with the app's id and secret, or a `token`, which soon ends.

    `timeout` is in seconds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://platform.hootsuite.com"
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    tokens: Path | None = None
    token: SecretStr = SecretStr("")
    allow_recreate: bool = False
    lockdown_clicks: str = SUSPEND
    weeks_ahead: int = Field(default=12, ge=4, le=104)
    calls_per_second: int = Field(default=20, ge=1, le=10_000)
    calls_per_day: int = Field(default=100_000, ge=100)
    state: Path | None = None
    timeout: float = Field(default=20.0, gt=0, le=120)

    @model_validator(mode="after")
    def _one_credential(self) -> Options:
        fixed, secret = bool(self.token.get_secret_value()), bool(self.client_secret.get_secret_value())
        if fixed == (self.tokens is not None):
            raise ValueError("give tokens, with client_id and client_secret_env, or token_env; one of the two")
        if self.tokens is not None and not (self.client_id and secret):
            raise ValueError("tokens needs client_id and client_secret_env, to renew them")
        return self


class Hootsuite:
    """Every profile that one member of an organisation reaches."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = LIMITS
        self._offers = Offers(options.allow_recreate, options.lockdown_clicks, LIMITS)
        self._ahead = timedelta(weeks=options.weeks_ahead)
        token = options.token.get_secret_value().strip()
        secret = options.client_secret.get_secret_value().strip()
        self._tokens: TokenFile | None = None
        self._renewing: Client | None = None
        if options.tokens is not None:
            self._renewing = Client(
                connection_id,
                options.base_url,
                setting="client_secret_env",
                headers={"Authorization": api.basic(options.client_id, secret)},
                secrets=(secret,),
                judge=api.judge,
                timeout=options.timeout,
            )
            self._tokens = TokenFile(options.tokens, connection_id, self._renew, clock=self.clock)
        self.client = Client(
            connection_id,
            options.base_url,
            setting="tokens" if self._tokens else "token_env",
            headers=None if self._tokens else {"Authorization": f"Bearer {token}"},
            secrets=(token, secret),
            judge=api.judge,
            auth=self._tokens.auth() if self._tokens else None,
            budget=Budgets(
                WindowBudget(options.calls_per_second, 1.0),
                DailyBudget(options.calls_per_day, "UTC", state=options.state),
            ),
            timeout=options.timeout,
        )

        self._reader = Reader(self.client, connection_id)

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()
        if self._renewing is not None:
            self._renewing.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every profile, named by its network. None at all is a gap: a council's member always has one."""
        for profiles, last in api.listing(self.client, "/v1/socialProfiles", {}):
            if last and not profiles:
                yield Gap(self.id, "The member reaches no profile.", advice="Give it the profiles in Hootsuite.")
            for p in profiles:
                native, network = str(p.get("id") or ""), says(p.get("type") or "", 40).lower()
                if not native:
                    raise self.client.wrong("a profile without an id")
                name = says(p.get("socialNetworkUsername") or "") or f"{network} {native}".strip()
                yield SeenAccount(self.id, native, name, NETWORKS.get(network, network or NAME))

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Messages scheduled or awaiting approval in `span`, four weeks at a time, what is due next first.

        Nothing later than `weeks_ahead` from now is listed. What is past its time and still queued is.
        """
        now = self._now()
        middle = min(max(now, span.start), span.end) if now else span.start
        end = min(span.end, now + self._ahead) if now else span.end
        parts = [*api.cut(middle, end), *api.cut(span.start, middle)] or [next(api.cut(span.start, span.end))]
        listed: dict[str, Seen] = {}
        for number, window in enumerate(parts):
            for page, last in self._reader.listing(account, window, "", listed, undated=number == 0):
                posts = tuple(p for p in page.posts if p.state in WAITING and (p.at is None or p.at in span))
                yield Page(posts, page.rejects, complete=last and number == len(parts) - 1)

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """Messages that were sent, of those scheduled for `since` or later."""
        start, listed = since, dict[str, Seen]()
        while True:
            window = next(api.cut(start, start + api.LONGEST))
            for page, last in self._reader.listing(account, window, "SENT", listed):
                now = self._now()
                if now is None:
                    raise self.client.wrong("no date of its own, so that it cannot be told what is still to come")
                posts = tuple(
                    p for p in page.posts if p.state is State.PUBLISHED and p.at is not None and p.at >= since
                )
                done = last and window.end > now
                yield Page(posts, page.rejects, complete=done)
            if done:
                return
            start = window.end

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 10 messages, one call for each; once the line breaks, no more is asked."""
        profiles: set[str] = set()
        broke: PlatformError | None = None
        answered = False
        for locator in locators:
            if broke is None:
                try:
                    reading: Reading = self._reader.read_one(locator, profiles)
                    answered = True
                except Denied as e:
                    reading = Unreadable(locator, e.message)
                    answered = True
                except PlatformError as e:
                    if not answered:
                        raise
                    broke, reading = e, Unreadable(locator, e.message)
            else:
                reading = Unreadable(locator, broke.message)
            yield reading

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """A person's task; where `allow_recreate` is set and the message can be made again as it is, a deletion."""
        return self._offers.offer(seen, goal, now)

    def send(self, step: Step) -> Receipt:
        """Delete one message, or make one again; only where `allow_recreate` is set."""
        if not self._offers.recreate:
            raise Refused(f'The connection "{self.id}" changes nothing in Hootsuite; nothing was sent.', SUSPEND)
        if step.method == "POST":
            return self._make(step)
        try:
            self.client.send_once("DELETE", step.path)
        except Denied as e:
            if not_there(e):
                return Receipt(e.status, "it was gone already")
            if e.code == api.TOO_LATE:
                raise Denied(f"{e.message} It is too late to delete it.", SUSPEND, e.status, e.code) from None
            raise
        return Receipt(200, "deleted")

    def credential(self) -> Iterator[Credential]:
        """How the token stands; asks Hootsuite who it belongs to."""
        body = self.client.get_json("/v1/me").body
        member = body.get("data") if isinstance(body, dict) else None
        if not isinstance(member, dict) or not member.get("id"):
            raise self.client.wrong("something that is not a member")
        if self._tokens is None:
            yield Credential("The token is accepted; it is not renewed and ends within the hour.")
            return
        ends = self._tokens.expires_at
        until = f" (this one until {say(ends)})" if ends else ""
        yield Credential(
            f"The token is accepted and renewed by the guard every hour{until}. Its refresh token has no end, and each "
            "can be used once: no other program may use it."
        )

    def probe(self) -> Iterator[str]:
        """What is listed, and which profiles Hootsuite itself cannot reach."""
        yield f"Messages are listed up to {self._ahead.days // 7} weeks ahead; whether Suspend is on is not shown."
        for profiles, _ in api.listing(self.client, "/v1/socialProfiles", {}):
            for p in profiles:
                if p.get("isReauthRequired") == 1:
                    yield f"Profile {says(p.get('id', ''), 40)} must be signed in to again in Hootsuite."

    def clock(self) -> tuple[datetime, float] | None:
        """Hootsuite's own time, from its last answer."""
        return self.client.clock()

    def _now(self) -> datetime | None:
        told = self.client.clock()
        return told[0] + timedelta(seconds=time.monotonic() - told[1]) if told else None

    def _renew(self, kept: dict[str, Json]) -> dict[str, Json]:
        refresh = kept.get("refresh_token")
        if self._renewing is None or not isinstance(refresh, str) or not refresh:
            raise AuthFailed(f'The connection "{self.id}" has no refresh token.')
        return api.exchange(self._renewing, refresh)

    def _make(self, step: Step) -> Receipt:
        at = api.instant(step.body["scheduledSendTime"])
        assert at is not None
        refuse_if_past(self.client, at, timedelta(minutes=5))
        answer = self.client.send_once("POST", step.path, body=step.body)
        made = answer.body.get("data") if isinstance(answer.body, dict) else None
        first = made[0] if isinstance(made, list) and len(made) == 1 else None
        native = first.get("id") if isinstance(first, dict) else None
        if not isinstance(native, str) or not native:
            raise Uncertain(f'The connection "{self.id}" answered with something that is not the message it made.')
        return Receipt(answer.status, "made again", native)


def connect(connection_id: str, options: Options) -> Hootsuite:
    """The profiles of one member. Raises SettingsError for an address that is not safe."""
    return Hootsuite(connection_id, options)
