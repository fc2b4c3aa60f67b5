"""Bluesky: what went out on the council's accounts, and their descriptions, from the public service; no credential.

Bluesky schedules nothing itself: whatever is waiting waits in the program that posts there, so nothing can be listed
or held here, and the account's owner is asked in a pause. Settings:

    [connections.bluesky]
    platform = "bluesky"
    actors = ["anyshire.example.gov.uk"]    # handles, or DIDs, of the accounts to be read

What counts is the time at which the network saw a post (`indexedAt`); the time written in it (`createdAt`) is the
author's own claim, and by the earlier of the two the list is sorted. A post that claims to be more than 31 days older
than it is can therefore be missed. Answers and boosts are left out, and with them an account's answers to itself.

Documented: the paths and their fields, 100 posts and 25 readings a call, 256 characters (as a reader counts them) of
description, 3,000 calls in 5 minutes for one address, 429. Secondary sources: how the list is sorted, that a page may
be empty and not be the last, that posts can be missing from it. Not verified: that `getPosts` leaves out a deleted post
without a word, the headers that tell what is left of the calls, and that they give the reset in unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from adapters._tools.instants import zoned
from adapters._tools.offers import past_changing
from adapters._web.budget import HeaderBudget
from adapters._web.http import Client
from adapters._web.verdicts import Denied, Fate, Verdict, http_date, says
from freeze.accounts import Bio, Gap, SeenAccount
from freeze.errors import Hidden, Refused
from freeze.holds import Change, Goal, HoldState, Kind, Receipt, Refusal, Step
from freeze.ports import Capabilities, Limits
from freeze.posts import Absent, Json, Locator, Page, Reading, Reject, Seen, State, Unreadable
from freeze.windows import Window

NAME: Final = "bluesky"
TITLE: Final = "Bluesky"
BIO: Final = 256
CLICKS: Final = "The program that posts to Bluesky > its queue: stop it, or delete each post there, keeping its words"
CAPABILITIES: Final = Capabilities(
    lists="nothing: Bluesky has no queue of its own",
    holds=Kind.HUMAN,
    hold_words="only in the program that posts there",
    puts_back="only in the program that posts there",
    cannot="anything that waits in another program",
    clicks=CLICKS,
    marks="documented; that a deleted post is left out without a word is not verified",
    bio=BIO,
    published="what the account posted; not answers or boosts; a post that claims to be over 31 days old may be missed",
    queue="not shown",
)
BATCH: Final = 25
MOST_PAGES: Final = 250
BACKDATED: Final = timedelta(days=31)
BOOST: Final = "app.bsky.feed.defs#reasonRepost"


class Options(BaseModel):
    """Settings of one Bluesky connection; `timeout` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base_url: str = "https://public.api.bsky.app/xrpc"
    actors: tuple[str, ...] = Field(min_length=1)
    timeout: float = Field(default=20.0, gt=0, le=120)


class Bluesky:
    """The accounts named in the settings, read as anybody can."""

    def __init__(self, connection_id: str, options: Options) -> None:
        self.id = connection_id
        self.platform = NAME
        self.limits = Limits(batch=BATCH)
        self._actors = tuple(dict.fromkeys(a.strip().removeprefix("@") for a in options.actors))
        self.client = Client(
            connection_id,
            options.base_url,
            setting="base_url",
            judge=_judge,
            budget=HeaderBudget("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", style="unix"),
            timeout=options.timeout,
        )

    def close(self) -> None:
        """Give back the connections to the service."""
        self.client.close()

    def accounts(self) -> Iterator[SeenAccount | Gap]:
        """The accounts of the settings, known by what never changes (their DID); one that is not found is a gap."""
        for actor in self._actors:
            try:
                profile = self._profile(actor)
            except Denied as e:
                yield Gap(self.id, e.message, actor, f"Check `actors` under [connections.{self.id}] in freeze.toml.")
                continue
            handle = says(profile.get("handle") or "")
            name = says(profile.get("displayName") or "")
            yield SeenAccount(self.id, profile["did"], name or handle or profile["did"], NAME, handle)

    def scheduled(self, account: str, span: Window) -> Iterator[Page]:
        """Always raises Hidden."""
        del account, span
        raise Hidden(
            "Bluesky itself schedules nothing, so it shows no queue: look in the program that posts to it for you."
        )

    def published(self, account: str, since: datetime) -> Iterator[Page]:
        """What the account posted at or after `since`, by the network's own time."""
        cursor, taken, cursors = "", set[str](), {""}
        for _ in range(MOST_PAGES):
            query = {"actor": account, "filter": "posts_no_replies", "limit": "100"}
            body = self.client.get_json("/app.bsky.feed.getAuthorFeed", query | ({"cursor": cursor} if cursor else {}))
            feed, cursor = self._feed(body.body)
            posts: list[Seen] = []
            rejects: list[Reject] = []
            older = False
            for entry in feed:
                post = _part(entry, "post")
                boosted = _part(entry, "reason").get("$type") == BOOST
                if boosted or _part(post, "record").get("reply") is not None:
                    continue
                uri = str(post.get("uri") or "")
                try:
                    seen = self._seen(post, Locator(self.id, account, uri))
                    if uri in taken:
                        raise ValueError("it came twice")
                    taken.add(uri)
                    older = older or (not _part(entry, "reason") and _sorted_by(post, seen) < since - BACKDATED)
                except ValueError as e:
                    rejects.append(Reject(f"{self.id}: post {says(uri, 100) or 'without an id'}", str(e)))
                    continue
                if seen.at is not None and seen.at >= since:
                    posts.append(seen)
            last = older or not cursor
            yield Page(tuple(posts), tuple(rejects), complete=last)
            if last:
                return
            if cursor in cursors:
                raise self.client.wrong("a list that does not move on")
            cursors.add(cursor)
        raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of up to 25 posts."""
        query = urlencode([("uris", loc.native_id) for loc in locators])
        try:
            body = self.client.get_json(f"/app.bsky.feed.getPosts?{query}").body
        except Denied as e:
            if len(locators) == 1:
                yield Unreadable(locators[0], e.message)
            else:  # one address that it does not understand spoils the call for all
                for locator in locators:
                    yield from self.read([locator])
            return
        items = body.get("posts") if isinstance(body, dict) else None
        if not isinstance(items, list):
            raise self.client.wrong("something that is not posts from Bluesky")
        found = {str(item.get("uri")): item for item in items if isinstance(item, dict)}
        for locator in locators:
            item = found.get(locator.native_id)
            try:
                yield Absent(locator) if item is None else self._seen(item, locator)
            except ValueError as e:
                yield Unreadable(locator, str(e))

    def bio(self, account: str) -> Bio:
        """The name and the description."""
        profile = self._profile(account)
        name, text = profile.get("displayName", ""), profile.get("description", "")
        if profile["did"] != account or not isinstance(name, str) or not isinstance(text, str):
            raise self.client.wrong("a profile that cannot be used, or another account's")
        return Bio(self.id, account, name, text, BIO)

    def offer(self, seen: Seen, goal: Goal, now: datetime) -> Change | Refusal:
        """A person must act: nothing waits here."""
        del now
        why = "Bluesky holds no scheduled posts; this waits in another program."
        return past_changing(seen, goal) or Refusal(HoldState.NEEDS_A_PERSON, why, CLICKS)

    def send(self, step: Step) -> Receipt:
        """Always refused: nothing is ever changed here."""
        del step
        raise Refused(f'The connection "{self.id}" only reads; nothing was sent.', f"By hand: {CLICKS}.")

    def clock(self) -> tuple[datetime, float] | None:
        """The service's own time, from its last answer."""
        return self.client.clock()

    def _profile(self, actor: str) -> dict[str, Json]:
        body = self.client.get_json("/app.bsky.actor.getProfile", {"actor": actor}).body
        if not isinstance(body, dict) or not isinstance(body.get("did"), str) or not body["did"]:
            raise self.client.wrong("something that is not a profile from Bluesky")
        return body

    def _feed(self, body: Json) -> tuple[list[Json], str]:
        feed = body.get("feed") if isinstance(body, dict) else None
        cursor = body.get("cursor") if isinstance(body, dict) else None
        if not isinstance(feed, list) or not isinstance(cursor, str | None):
            raise self.client.wrong("something that is not a list from Bluesky")
        return feed, cursor or ""

    def _seen(self, item: Mapping[str, Json], locator: Locator) -> Seen:
        """One post. Raises ValueError with a sentence for one that cannot be understood."""
        if not locator.native_id or item.get("uri") != locator.native_id:
            raise ValueError("it came without its address")
        if _part(item, "author").get("did") != locator.account:
            raise ValueError("it does not say that it is on this account")
        record = _part(item, "record")
        if not isinstance(record.get("text"), str):
            raise ValueError("it came without its words")
        embed = record.get("embed")
        link = (_part(embed, "external") or _part(_part(embed, "media"), "external")).get("uri")
        return Seen(
            locator=locator,
            state=State.PUBLISHED,
            at=zoned(item.get("indexedAt")),
            at_given=str(item["indexedAt"]),
            text=record["text"],
            link=link if isinstance(link, str) else "",
            media=tuple(_blobs(embed)),
            raw=self.client.redact_json(item),
        )


def connect(connection_id: str, options: Options) -> Bluesky:
    """The accounts of the settings. Raises SettingsError for an address that is not safe."""
    return Bluesky(connection_id, options)


def _sorted_by(post: Mapping[str, Json], seen: Seen) -> datetime:
    """The time by which the list is sorted: the earlier of what the author claims and what the network saw."""
    assert seen.at is not None
    try:
        return min(zoned(_part(post, "record").get("createdAt")), seen.at)
    except ValueError:
        return seen.at


def _blobs(embed: Json, depth: int = 6) -> Iterator[str]:
    """The content ids of pictures and films in a post, in order."""
    if isinstance(embed, dict) and isinstance(embed.get("$link"), str):
        yield embed["$link"]
    elif depth and isinstance(embed, dict | list):
        for part in embed.values() if isinstance(embed, dict) else embed:
            yield from _blobs(part, depth - 1)


def _part(item: Json, name: str) -> dict[str, Json]:
    part = item.get(name) if isinstance(item, Mapping) else None
    return part if isinstance(part, dict) else {}


def _judge(status: int, body: Json, headers: Mapping[str, str]) -> Verdict | None:
    """Bluesky's error answers: {"error": "Name", "message": "..."}."""
    error = body.get("error") if isinstance(body, dict) else None
    if status < 400 or not isinstance(error, str):
        return None
    words = f"HTTP {status}, {says(body.get('message') or error)}"
    if status == 429:
        return Verdict(Fate.WAIT, words, error, None if headers.get("Retry-After") else _until_reset(headers))
    if status == 401:
        return Verdict(Fate.CREDENTIAL, words, error)
    return None if status >= 500 else Verdict(Fate.NO, words, error)


def _until_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until the calls start again, by the answer's own date; None where it does not say."""
    sent, reset = http_date(headers.get("Date")), headers.get("RateLimit-Reset", "")
    return max(float(reset) - sent.timestamp(), 0.0) if sent and reset.isascii() and reset.isdigit() else None
