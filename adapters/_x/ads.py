"""Scheduled posts in X's Ads API v12: listing, reading and moving them.

Documented (docs.x.com, X Ads API, creatives): the listing of up to 200 with a cursor and a user, one by its id, and the
change of `scheduled_at`. A scheduled post has an id of its own, which is not the id it gets once it is out: its locator
is "ads:" and that id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from adapters._tools.instants import zoned
from adapters._web.budget import HeaderBudget
from adapters._web.http import AuthBase, Client
from adapters._web.verdicts import Denied, says
from adapters._x import words
from freeze.posts import Absent, Json, Locator, Reading, Reject, Seen, State, Unreadable

PREFIX: Final = "ads:"
PER_PAGE: Final = 200
MOST_PAGES: Final = 500
SINGLY: Final = 20  # up to so many posts are read one by one, more by listing first
GONE: Final = "NOT_FOUND"
STATES: Final = {
    "SCHEDULED": State.SCHEDULED,
    "SUCCESS": State.PUBLISHED,
    "FAILED": State.DRAFT,  # it did not go out, and X does not try again by itself
    "DELETED": State.DELETED,
}


class _ForReads(HeaderBudget):
    """The limit that an ads account has for reads."""

    def spend(self, cost: int, *, most: float, urgent: bool = False, path: str = "") -> float:
        """As HeaderBudget; a change has a limit of its own and never waits because much was read."""
        return 0.0 if urgent else super().spend(cost, most=most, path=path)


class Ads:
    """One ads account; every call is signed with OAuth 1.0a."""

    def __init__(
        self, connection: str, base_url: str, account: str, timeout: float, auth: AuthBase, secrets: Sequence[str]
    ) -> None:
        self._connection = connection
        self.path = f"/accounts/{quote(account, safe='')}/scheduled_tweets"
        self.client = Client(
            connection,
            base_url,
            setting="access_token_env",
            auth=auth,
            secrets=secrets,
            judge=words.judge,
            budget=_ForReads(*(f"x-account-rate-limit-{name}" for name in ("limit", "remaining", "reset"))),
            timeout=timeout,
        )

    def pages(self, user: str, size: int = PER_PAGE) -> Iterator[tuple[list[Json], bool]]:
        """Every page of the user's scheduled posts, in whatever state, as (items, whether it is the last)."""
        cursor, cursors = "", set[str]()
        for _ in range(MOST_PAGES):
            query = {"count": str(size), "user_id": user} | ({"cursor": cursor} if cursor else {})
            body = self.client.get_json(self.path, query).body
            data = body.get("data") if isinstance(body, dict) else None
            if not isinstance(data, list) or "next_cursor" not in body:
                raise self.client.wrong("something that is not a list of scheduled posts")
            cursor = body["next_cursor"] or ""
            if not isinstance(cursor, str) or cursor in cursors:
                raise self.client.wrong("a list that does not move on")
            cursors.add(cursor)
            yield data, not cursor
            if not cursor:
                return
        raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")

    def listing(self, user: str) -> Iterator[tuple[list[Seen], list[Reject], bool]]:
        """The same pages as (posts, rejects, whether it is the last); other users' posts are left out."""
        known: dict[str, Seen] = {}
        for items, last in self.pages(user):
            posts: list[Seen] = []
            rejects: list[Reject] = []
            for item in items:
                native = words.native(item.get("id")) if isinstance(item, dict) else ""
                try:
                    if self._of_another(item, user):
                        continue
                    seen = self._seen(item, self._locator(user, native))
                except ValueError as e:
                    rejects.append(Reject(f"{self._connection}: scheduled post {native or 'without an id'}", str(e)))
                    continue
                if known.setdefault(native, seen) is seen:
                    posts.append(seen)
                elif known[native] != seen:
                    rejects.append(Reject(f"{self._connection}: scheduled post {native}", "it came twice, differently"))
            yield posts, rejects, last

    def went_out(self, user: str) -> dict[str, Locator]:
        """The scheduled posts that are out, by the ids they have since then."""
        found: dict[str, Locator] = {}
        for items, _ in self.pages(user):
            for item in items:
                if isinstance(item, dict) and (out := words.native(item.get("tweet_id"))):
                    found[out] = self._locator(user, words.native(item.get("id")))
        return {out: locator for out, locator in found.items() if locator.native_id != PREFIX}

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """The present state of scheduled posts: many by listing first, and what no list showed one by one."""
        listed: dict[Locator, Seen] = {}
        if len(locators) > SINGLY:
            for user in dict.fromkeys(loc.account for loc in locators):
                for posts, _, _ in self.listing(user):
                    listed |= {seen.locator: seen for seen in posts}
        for locator in locators:
            yield listed.get(locator) or self._read_one(locator)

    def _read_one(self, locator: Locator) -> Reading:
        native = locator.native_id.removeprefix(PREFIX)
        if words.native(native) != native or not native:
            return Unreadable(locator, "Its id is none of X's.")
        try:
            body = self.client.get_json(f"{self.path}/{native}").body
        except Denied as e:
            return Absent(locator) if e.status == 404 and e.code == GONE else Unreadable(locator, e.message)
        item = body.get("data") if isinstance(body, dict) else None
        try:
            if self._of_another(item, locator.account):
                raise ValueError("it belongs to another account")
            return self._seen(item, locator)
        except ValueError as e:
            return Unreadable(locator, f"X shows this scheduled post, and {e}.")

    def _locator(self, user: str, native: str) -> Locator:
        return Locator(self._connection, user, PREFIX + native)

    def _of_another(self, item: Json, user: str) -> bool:
        """Whether it is another user's. Raises ValueError where it does not say whose it is."""
        owner = words.native(item.get("user_id")) if isinstance(item, dict) else ""
        if not owner:
            raise ValueError("it does not say whose it is")
        return owner != user

    def _seen(self, item: Json, locator: Locator) -> Seen:
        """One scheduled post. Raises ValueError with a sentence for one that cannot be understood."""
        native = words.native(item.get("id")) if isinstance(item, dict) else ""
        if not native or PREFIX + native != locator.native_id:
            raise ValueError("it came without its id")
        status, text = item.get("scheduled_status"), item.get("text")
        if not isinstance(status, str) or status not in STATES:
            raise ValueError(f'its state is "{says(status, 40)}", which the guard does not know')
        if not isinstance(text, str | None):
            raise ValueError("its words cannot be read")
        due, out, keys, card = (item.get(k) for k in ("scheduled_at", "completed_at", "media_keys", "card_uri"))
        given = (out or due) if STATES[status] is State.PUBLISHED else due
        return Seen(
            locator=locator,
            state=STATES[status],
            at=zoned(given),
            at_given=str(given),
            text=text or "",
            link=card if isinstance(card, str) else "",
            media=tuple(str(k) for k in keys) if isinstance(keys, list) else (),
            boosted=item.get("nullcast") is True,
            raw=self.client.redact_json(item),
        )
