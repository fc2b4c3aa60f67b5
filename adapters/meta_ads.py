"""Meta adverts (Facebook and Instagram): campaigns are paused and set running again, through the Marketing API.

A boosted post is an advert too, and holding the post does not stop the advert: it belongs to a campaign, and pausing
the campaign stops everything below it. Settings:

    [connections.adverts]
    platform = "meta-ads"
    token_env = "FREEZE_META_ADS_TOKEN"    # a system user's token with ads_management
    # accounts = ["act_1234567890"]        # only these ad accounts; otherwise all that the token reaches

Each ad account is an account on the register, each campaign a post. A campaign that is switched on and has not ended
may be shown to anybody any minute, so it has no time of its own and counts as due now; one yet to start, then. A pause
switches it off, and `put-back` switches it on again AT ONCE, since nothing in the Marketing API starts a paused
campaign later: run it when the adverts may run; for a later time it says when to come back. A campaign that somebody
else had switched off is never listed, never held and never switched on. A silence of a few minutes catches adverts
only while `freeze watch` looks more often than it lasts.

Sources: `status`, `effective_status`, `start_time` and `stop_time` of a campaign and its values in facebook-business
26.0.3 (documented); that pausing a campaign pauses what is below it, and that an archived one can only be deleted:
marketing-api, manage your ad object's status (documented). Not verified: how soon after the pause the last advert is
shown, the names of menus.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from adapters._meta import graph, reads
from adapters._tools.offers import bad_time, past_changing
from adapters._web.verdicts import Denied, says
from freeze.accounts import Gap, SeenAccount
from freeze.errors import PlatformError, Uncertain
from freeze.holds import Change, Expected, Goal, HoldState, Kind, Receipt, Refusal, Step, Verb
from freeze.ports import Capabilities, Credential, Limits
from freeze.posts import Json, Locator, Page, Reading, Seen, State, Unreadable
from freeze.windows import Window, say

NAME: Final = "meta-ads"
TITLE: Final = "Meta adverts"
CLICKS: Final = "Meta Ads Manager > Campaigns > the switch beside the campaign (menu words not verified)"
CAPABILITIES: Final = Capabilities(
    lists="campaigns that are switched on: running, or starting later",
    holds=Kind.DRAFT,
    hold_words="campaign paused, and with it every advert in it",
    puts_back="switched on at once when put-back runs, whatever time it is given",
    cannot="adverts bought outside these ad accounts",
    clicks=CLICKS,
    marks="documented; how soon the last advert is shown after a pause is not verified",
)
PERMISSIONS: Final = ("ads_management",)
FIELDS: Final = "id,name,objective,status,effective_status,start_time,stop_time"
OVER: Final = frozenset({"DELETED", "ARCHIVED"})


class Options(BaseModel):
    """Settings of one connection to Meta's adverts; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://graph.facebook.com/v26.0"
    token: SecretStr
    accounts: tuple[str, ...] = ()
    timeout: float = Field(default=20.0, gt=0, le=120)


class MetaAds:
    """The ad accounts that one token reaches; a campaign is a post."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(
            batch=graph.BATCH, of_one_account=True, lock_out=timedelta(0), lead=timedelta(minutes=1), at_once=True
        )
        self._token = options.token.get_secret_value().strip()
        self._only = frozenset(options.accounts)
        self.client = graph.client(connection_id, options.base_url, self._token, options.timeout)

    def close(self) -> None:
        """Give back the connections to the platform."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """Every ad account of the token, or those of the settings; one that it does not reach is a gap."""
        found: set[str] = set()
        for items, _ in graph.listing(self.client, "/me/adaccounts", self._query(fields="id,name", limit="100")):
            for item in items:
                native = graph.ident(item)
                if not native:
                    raise self.client.wrong("an ad account without an id")
                if not self._only or native in self._only:
                    found.add(native)
                    yield SeenAccount(self.id, native, says(graph.words(item, "name")) or native, NAME)
        for native in sorted(self._only - found):
            yield Gap(
                self.id, f"The token does not reach the ad account {says(native, 40)}.", native, "Check `accounts`."
            )
        if not found and not self._only:
            yield Gap(self.id, "The token reaches no ad account.", advice="Give the system user the ad accounts.")

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Campaigns that are switched on and may be shown in `span`."""
        path, query = f"/{quote(account, safe='')}/campaigns", self._query(fields=FIELDS, limit="100")

        def runs(seen: Seen) -> bool:
            return seen.state is State.SCHEDULED and (seen.at is None or seen.at in span)

        yield from graph.pages(self.client, account, path, query, self._seen, runs, what="campaign")

    def credential(self) -> Iterator[Credential]:
        """How the token stands: until when, and with which permissions."""
        yield graph.credential(self.client, self._token, PERMISSIONS)

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 50 campaigns."""
        by_account: dict[str, list[Locator]] = {}
        for locator in locators:
            by_account.setdefault(locator.account, []).append(locator)
        for account, wanted in by_account.items():
            query, answers = self._query(fields=FIELDS), partial(self._answers, account)
            try:
                readings = reads.by_ids(self.client, wanted, query, self._seen, answers)
            except PlatformError as e:
                if len(by_account) == 1:
                    raise
                readings = [Unreadable(locator, e.message) for locator in wanted]
            yield from readings

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """Switch a campaign off, or on again at once."""
        refusal = past_changing(seen, goal)
        if refusal is None and goal.verb is Verb.PUT_BACK:
            refusal = self._not_now(seen, goal, now)
        if refusal is not None:
            return refusal
        if goal.verb is Verb.PUT_BACK:
            why = "Switched on again at once: nothing starts a paused campaign later."
            return Change(Kind.DRAFT, why, (_switched(seen, "ACTIVE"),), Expected(State.SCHEDULED, None, seen.content))
        held = Expected(State.DRAFT, None, seen.content)
        if seen.state is State.DRAFT:
            return Change(Kind.DRAFT, "It is switched off and stays so.", (), held)
        return Change(Kind.DRAFT, "Campaign paused, and every advert in it.", (_switched(seen, "PAUSED"),), held)

    def send(self, step: Step) -> Receipt:
        """Switch one campaign."""
        form = {**step.body, "access_token": self._token}
        try:
            body = self.client.send_once(step.method, step.path, form=form).body
        except Denied as e:
            raise Denied(e.message, f"By hand: {CLICKS}.", e.status, e.code) from None
        if not isinstance(body, dict) or body.get("success") is not True:
            raise Uncertain(f'The connection "{self.id}" answered a change without saying that it succeeded.')
        return Receipt(200, "success")

    def clock(self) -> tuple[datetime, float] | None:
        """Meta's own time, from its last answer."""
        return self.client.clock()

    def _not_now(self, seen: Seen, goal: Goal, now: datetime) -> Refusal | None:
        """Why a campaign may not be switched on at this instant, whatever time it was given."""
        inside = next((w for w in goal.avoid if now in w), None)
        if inside is not None:
            return Refusal(
                HoldState.REFUSED,
                f"A campaign starts again at once, and a pause is in force until {say(inside.end)}.",
                "Put it back when that is over.",
            )
        ends = graph.instant(seen.raw.get("stop_time"))
        if ends is not None and ends <= now:
            return Refusal(
                HoldState.REFUSED, f"The campaign ended on {say(ends)}; switched on it would not run.", CLICKS
            )
        return bad_time(goal, now, self.limits)

    def _query(self, **params: str) -> dict[str, str]:
        return {**params, "access_token": self._token}

    def _answers(self, account: str) -> None:
        """Raises PlatformError where the ad account itself cannot be read."""
        body = self.client.get_json(f"/{quote(account, safe='')}", self._query(fields="id")).body
        if graph.ident(body) != account:
            raise self.client.wrong("something that is not the ad account")

    def _present(self) -> datetime | None:
        told = self.client.clock()
        return told[0] + timedelta(seconds=time.monotonic() - told[1]) if told else None

    def _seen(self, item: Json, locator: Locator) -> Seen:
        """One campaign. Raises ValueError with a sentence for one that cannot be understood."""
        if not isinstance(item, dict) or not locator.native_id or graph.ident(item) != locator.native_id:
            raise ValueError("it came without its id")
        starts, ends = graph.instant(item.get("start_time")), graph.instant(item.get("stop_time"))
        status, now = graph.words(item, "status"), self._present()
        at, given = None, ""
        if status in OVER or graph.words(item, "effective_status") in OVER:
            state = State.DELETED
        elif status == "PAUSED":
            state = State.DRAFT
        elif status != "ACTIVE":
            raise ValueError(f'its status is "{says(item.get("status"), 40)}", which the guard does not handle')
        elif ends is not None and now is not None and ends <= now:
            state, at, given = State.PUBLISHED, ends, says(item["stop_time"], 40)
        else:
            state = State.SCHEDULED
            given = "running: shown any minute"
            if starts is not None and now is not None and starts > now:
                at, given = starts, says(item["start_time"], 40)
        name, objective = graph.words(item, "name"), graph.words(item, "objective")
        return Seen(
            locator=locator,
            state=state,
            at=at,
            at_given=given,
            text=f"{name} (advert, {objective})" if objective else f"{name} (advert)",
            boosted=True,
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> MetaAds:
    """The ad accounts of one token. Raises SettingsError for an address that is not safe."""
    return MetaAds(connection_id, options)


def _switched(seen: Seen, status: str) -> Step:
    path = f"/{quote(seen.locator.native_id, safe='')}"
    return Step("POST", path, body={"status": status}, account=seen.locator.account)
