"""Several posts of Meta's, read by their ids: one batch, and singly what it does not answer.

Documented: the batch (the batch guide; the call as facebook-business 26.0.3 makes it). Reading by `GET /?ids=` ended on
27 October 2026 in every version (documented: Meta's announcement of 29 July 2026): it is answered by HTTP 500 and code
100 (secondary source), a refusal that looks like a passing failure. Not verified: that graph.instagram.com takes
batches; where they are refused each post is asked for by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from adapters._meta.graph import MISSING_CODES, Understood, judge, reading
from adapters._web.http import Client
from adapters._web.verdicts import Denied, Fate, parse
from freeze.errors import AuthFailed, Limited, PlatformError
from freeze.posts import Absent, Json, Locator, Reading, Unreadable

MOST_FAILURES: Final = 3  # posts that fail one by one, before the rest is left for another time


def by_ids(
    client: Client,
    wanted: Sequence[Locator],
    params: Mapping[str, str],
    understood: Understood,
    answers: Callable[[], object],
) -> list[Reading]:
    """The present state of up to 50 posts, each for itself: one that cannot be read takes no other with it.

    Meta says the same of a post that is gone and of one that may not be seen: only where `answers`, which reads the
    account itself, succeeds is a post taken to be gone. Raises PlatformError where nothing at all could be read.
    """
    told = batched(client, wanted, params) if len(wanted) > 1 else {}
    failed: list[PlatformError] = []
    heard = False
    readings: dict[Locator, Reading] = {}
    for locator in wanted:
        found = told.get(locator)
        if found is None and (hopeless := _hopeless(failed)) is not None:
            readings[locator] = Unreadable(locator, hopeless.message)
            continue
        try:
            found = found or Told(_single(client, locator, params))
        except Denied as e:
            found = Told(None, e)
        except PlatformError as e:
            failed.append(e)
            readings[locator] = Unreadable(locator, e.message)
            continue
        heard = True
        if found.refused is None:
            readings[locator] = reading(understood, found.body, locator)
        elif found.refused.code in MISSING_CODES:
            readings[locator] = Absent(locator)
        else:
            readings[locator] = Unreadable(locator, found.refused.message)
    if failed and not heard:
        raise failed[0]
    if any(isinstance(r, Absent) for r in readings.values()):
        answers()
    return [readings[locator] for locator in wanted]


@dataclass(frozen=True, slots=True)
class Told:
    """What Meta said of one post: its fields, or the refusal."""

    body: Json
    refused: Denied | None = None


def batched(client: Client, wanted: Sequence[Locator], params: Mapping[str, str]) -> dict[Locator, Told]:
    """Posts by one batch, as far as it answers: what it leaves out or fails at is missing here, and so not known.

    Each reading in it counts as one call with Meta. Where batches are not taken at all, nothing is known. What was held
    is read back so: it may use the calls that are kept back. Raises AuthFailed, Limited or Unreachable.
    """
    query = urlencode({name: value for name, value in params.items() if name != "access_token"})
    asked = [{"method": "GET", "relative_url": f"{quote(loc.native_id, safe='')}?{query}"} for loc in wanted]
    form = {"batch": json.dumps(asked), "access_token": params["access_token"]}
    try:
        body = client.read_json("POST", "/", form=form, cost=len(wanted), urgent=True).body
    except Denied:
        return {}
    if not isinstance(body, list) or len(body) != len(wanted):
        raise client.wrong("something that is not the answers to a batch")
    found = {}
    for locator, item in zip(wanted, body, strict=True):
        told = _told(client, item)
        if told is not None:
            found[locator] = told
    return found


def _told(client: Client, item: Json) -> Told | None:
    """One answer of a batch; None where it is missing (null), or says nothing about the post itself."""
    status, text = (item.get("code"), item.get("body")) if isinstance(item, dict) else (None, None)
    answer = parse(text.encode()) if isinstance(text, str) else None
    if not isinstance(status, int) or answer is None:
        return None
    verdict = judge(status, answer.value, {})
    if verdict is not None and verdict.fate is Fate.NO:
        said = f'The connection "{client.connection}" refused ({verdict.says}).'
        return Told(None, Denied(said, "", status, verdict.code))
    return Told(answer.value) if verdict is None and 200 <= status < 300 else None


def _single(client: Client, locator: Locator, params: Mapping[str, str]) -> Json:
    """The fields of one post. Raises PlatformError, Denied among them."""
    return client.read_json("GET", f"/{quote(locator.native_id, safe='')}", params, urgent=True).body


def _hopeless(failed: Sequence[PlatformError]) -> PlatformError | None:
    """The failure after which no further post is asked for singly."""
    if len(failed) >= MOST_FAILURES:
        return failed[-1]
    return next((e for e in failed if isinstance(e, AuthFailed | Limited)), None)
