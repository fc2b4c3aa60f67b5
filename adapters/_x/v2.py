"""X's API v2, as far as the guard reads it: who a token is, what went out, and single posts by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from adapters._tools.instants import zoned
from adapters._web.http import Client
from adapters._web.verdicts import says
from adapters._x import words as _x_words
from adapters._x.reads import Reads
from freeze.errors import Unreachable
from freeze.posts import Absent, Json, Locator, Reading, Reject, Seen, State, Unreadable

FIELDS: Final = "author_id,created_at,entities,attachments,in_reply_to_user_id,referenced_tweets,note_tweet"
PER_PAGE: Final = 100
MOST_POSTS: Final = 800  # as far back as a timeline without replies goes
MOST_PAGES: Final = 100


class V2:
    """One X user, asked through v2. Only the user's own id is kept."""

    def __init__(self, connection: str, client: Client, reads: Reads) -> None:
        self.client = client
        self._connection, self._reads, self._me = connection, reads, ""

    def me(self) -> dict[str, Json]:
        """The user that the token is for, with id and username. Raises PlatformError."""
        body = self._reads.read(self.client, "/users/me", {"user.fields": "description,entities"}, 1)
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict) or not _x_words.native(data.get("id")):
            raise self.client.wrong("something that is not a user of X")
        self._me = _x_words.native(data["id"])
        return data

    def own(self, account: str) -> None:
        """Raise Unreachable where the token is for somebody else: nobody else's posts are ever read."""
        if not self._me:
            self.me()
        if account != self._me:
            raise Unreachable(
                f'The connection "{self._connection}" is for the X user {says(self._me, 40)}, not {says(account, 40)}.',
                "Correct the account's id on the register, or give that user a connection of its own.",
            )

    def timeline(self, account: str, since: datetime) -> Iterator[tuple[list[Seen], list[Reject], bool]]:
        """Every page of what the user posted at or after `since`, newest first, as (posts, rejects, is it the last)."""
        self.own(account)
        since = since.replace(microsecond=0)  # as exact as X is
        query = {"exclude": "replies,retweets", "max_results": str(PER_PAGE), "start_time": _x_words.written(since)}
        path, token, read = f"/users/{quote(account, safe='')}/tweets", "", 0
        tokens, known = set[str](), set[str]()
        for _ in range(MOST_PAGES):
            query |= {"tweet.fields": FIELDS} | ({"pagination_token": token} if token else {})
            body = self._reads.read(self.client, path, query, PER_PAGE)
            items, errors, token = self._page(body)
            read += len(items)
            posts, rejects = self._sorted(account, items, since, known)
            rejects += [Reject(f"{self._connection}: the posts of {account}", _said(e)) for e in errors]
            cut = not token and read >= MOST_POSTS
            yield posts, rejects, not token and not cut
            if cut:
                raise self.client.wrong(f"{read} posts, which is as many as X lists: there may be older ones")
            if not token:
                return
            if token in tokens:
                raise self.client.wrong("a list that goes round in a circle")
            tokens.add(token)
        raise self.client.wrong(f"a list of more than {MOST_PAGES} pages")

    def read(self, locators: Sequence[Locator]) -> Iterator[Reading]:
        """Up to 100 posts that are out, by their ids, in one call."""
        wanted = [loc for loc in locators if loc.native_id.isdecimal() and len(loc.native_id) < 20]
        found: dict[str, dict[str, Json]] = {}
        errors: dict[str, Json] = {}
        if wanted:
            ids = ",".join(dict.fromkeys(loc.native_id for loc in wanted))
            body = self._reads.read(self.client, "/tweets", {"ids": ids, "tweet.fields": FIELDS}, len(wanted))
            data, problems = _lists(body)
            if data is None or problems is None or not (data or problems):
                raise self.client.wrong("something that is not posts by their ids")
            found = {_x_words.native(d.get("id")): d for d in data if isinstance(d, dict)}
            errors = {
                _x_words.native(e.get("resource_id") or e.get("value")): e for e in problems if isinstance(e, dict)
            }
        for locator in locators:
            yield self._reading(locator, found.get(locator.native_id), errors.get(locator.native_id))

    def _reading(self, locator: Locator, item: dict[str, Json] | None, error: Json) -> Reading:
        if item is not None:
            try:
                return self.seen(item, locator)
            except ValueError as e:
                return Unreadable(locator, f"X shows this post, and {e}.")
        if _x_words.kind(error) == _x_words.NOT_FOUND:
            return Absent(locator)
        return Unreadable(locator, _said(error) if error else "X does not say whether this post is there.")

    def _page(self, body: Json) -> tuple[list[Json], list[Json], str]:
        """The posts of one page, what X says it held back, and the token of the next page. Raises Unreachable."""
        data, errors = _lists(body)
        meta = body.get("meta") if isinstance(body, dict) else None
        if data is None or errors is None or not isinstance(meta, dict):
            said = f" ({_said(errors[0])})" if errors else ""
            raise self.client.wrong(f"something that is not a list of posts{said}")
        if meta.get("result_count") != len(data):
            raise self.client.wrong(f"{len(data)} posts where it counts {says(meta.get('result_count'), 20)}")
        token = meta.get("next_token") or ""
        if not isinstance(token, str):
            raise self.client.wrong("a list that says there is more and not where")
        return data, errors, token

    def _sorted(
        self, account: str, items: list[Json], since: datetime, known: set[str]
    ) -> tuple[list[Seen], list[Reject]]:
        posts: list[Seen] = []
        rejects: list[Reject] = []
        for item in items:
            native = _x_words.native(item.get("id")) if isinstance(item, dict) else ""
            if native in known:
                continue  # pages shift while posts go out
            try:
                seen = self.seen(item, Locator(self._connection, account, native))
            except ValueError as e:
                rejects.append(Reject(f"{self._connection}: post {native or 'without an id'}", str(e)))
                continue
            known.add(native)
            if seen.at is not None and seen.at >= since and not _reply_or_repost(item, account):
                posts.append(seen)
        return posts, rejects

    def seen(self, item: Json, locator: Locator) -> Seen:
        """One post that is out. Raises ValueError with a sentence for one that cannot be understood."""
        if not isinstance(item, dict) or not locator.native_id or _x_words.native(item.get("id")) != locator.native_id:
            raise ValueError("it came without its id")
        if _x_words.native(item.get("author_id")) != locator.account:
            raise ValueError("it is not said to be by this account")
        if not isinstance(item.get("text"), str):
            raise ValueError("it came without its words")
        long = item.get("note_tweet")
        whole = long if isinstance(long, dict) and isinstance(long.get("text"), str) else item
        attached = item.get("attachments")
        keys = attached.get("media_keys") if isinstance(attached, dict) else None
        return Seen(
            locator=locator,
            state=State.PUBLISHED,
            at=zoned(item.get("created_at")),
            at_given=str(item["created_at"]),
            text=_x_words.plain(whole["text"], whole.get("entities")),
            link=_x_words.linked(whole.get("entities")),
            media=tuple(str(k) for k in keys) if isinstance(keys, list) else (),
            raw=self.client.redact_json(item),
        )


def _lists(body: Json) -> tuple[list[Json] | None, list[Json] | None]:
    """What an answer holds and what X says it held back; None for one that is not a list."""
    if not isinstance(body, dict):
        return None, None
    data, errors = body.get("data", []), body.get("errors", [])
    return (data if isinstance(data, list) else None), (errors if isinstance(errors, list) else None)


def _said(error: Json) -> str:
    """An error about one thing, as a sentence."""
    words = (error.get("detail") or error.get("title")) if isinstance(error, dict) else None
    return f"X says: {says(words or 'an error without words').rstrip('.')}."


def _reply_or_repost(item: Json, account: str) -> bool:
    """Whether it is an answer to somebody else, or somebody else's post: X was asked to leave these out."""
    if _x_words.native(item.get("in_reply_to_user_id")) not in {"", account}:
        return True
    others = item.get("referenced_tweets")
    return isinstance(others, list) and any(isinstance(o, dict) and o.get("type") == "retweeted" for o in others)
