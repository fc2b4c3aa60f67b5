"""Clients that nobody here wrote list, read and change posts on the simulated X: tweepy, and requests-oauthlib."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import tweepy
from requests.adapters import HTTPAdapter
from requests_oauthlib import OAuth1Session

from freeze.sandbox import running, x
from freeze.sandbox._core.posts import Account, Post

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
USER = "756201191"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Any]:
    with running("empty", now=NOW) as s:
        s.world.add_account(Account("x", USER, "Anyshire Council", "@AnyshireCC", "See https://anyshire.example"))
        yield s


class Elsewhere(HTTPAdapter):
    """Carries requests for the host that tweepy has written into it to the sandbox."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = f"{self.url}{request.path_url}"
        return super().send(request, *args, **kwargs)


@pytest.fixture
def client(sandbox: Any) -> Iterator[tweepy.Client]:
    client = tweepy.Client(bearer_token=x.token(USER))
    client.session.trust_env = False
    client.session.mount("https://api.twitter.com", Elsewhere(f"{sandbox.url}/x"))
    with client.session:
        yield client


@pytest.fixture
def ads() -> Iterator[OAuth1Session]:
    keys = (x.CONSUMER_KEY, x.CONSUMER_SECRET, x.access_token(USER), x.ACCESS_SECRET)
    with OAuth1Session(*keys) as session:
        session.trust_env = False
        yield session


def test_tweepy_reads_the_user_lists_the_timeline_and_deletes_a_post(sandbox: Any, client: tweepy.Client) -> None:
    world = sandbox.world
    for i in range(12):
        post = world.add(Post("x", USER, world.new_id("x"), "draft", None, f"News {i} & more", media=("3_91",)))
        world.publish(post, NOW - timedelta(hours=i))
    me = client.get_me(user_auth=False, user_fields=["description", "entities"]).data
    assert (str(me.id), me.username) == (USER, "AnyshireCC")
    assert me.entities["description"]["urls"][0]["display_url"] == "anyshire.example"

    since = NOW - timedelta(hours=9)
    options = {
        "start_time": since,
        "max_results": 5,
        "tweet_fields": ["created_at", "author_id"],
        "exclude": ["replies"],
    }
    pages = list(tweepy.Paginator(client.get_users_tweets, USER, **options))
    posts = [t for page in pages for t in page.data or ()]
    assert [t.created_at for t in posts] == [NOW - timedelta(hours=i) for i in range(10)]
    assert posts[0].text == "News 0 &amp; more"
    assert len(pages) == 2

    first = posts[0].id
    assert client.delete_tweet(first, user_auth=False).data == {"deleted": True}
    again = client.get_tweets([first, posts[1].id])
    assert [t.id for t in again.data] == [posts[1].id]
    assert again.errors[0]["resource_id"] == str(first)


def test_tweepy_understands_a_refusal_and_a_limit(sandbox: Any, client: tweepy.Client) -> None:
    client.bearer_token = "mistyped"
    with pytest.raises(tweepy.Unauthorized):
        client.get_me(user_auth=False)
    client.bearer_token = x.token(USER)
    with pytest.raises(tweepy.BadRequest, match="max_results"):
        client.get_users_tweets(USER, max_results=3)
    sandbox.world.memo.clear()
    for _ in range(75):
        client.get_me(user_auth=False)
    with pytest.raises(tweepy.TooManyRequests):
        client.get_me(user_auth=False)
    sandbox.world.memo.clear()


def test_scheduled_posts_are_made_listed_moved_and_deleted_by_signed_requests(sandbox: Any, ads: OAuth1Session) -> None:
    place = f"{sandbox.url}/x/12/accounts/{x.ADS_ACCOUNT}/scheduled_tweets"
    at = NOW + timedelta(days=2)
    wanted = {"as_user_id": USER, "text": "Gritters out: 50% & rising", "nullcast": "false"}
    made = ads.post(place, params={**wanted, "scheduled_at": f"{at:%Y-%m-%dT%H:%M:59Z}"}).json()["data"]
    assert (made["scheduled_status"], made["nullcast"]) == ("SCHEDULED", False)
    assert datetime.fromisoformat(made["scheduled_at"]) == at, "seconds are ignored"
    ads.post(place, params={**wanted, "scheduled_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"})

    one = ads.get(place, params={"count": 1, "user_id": USER}).json()
    two = ads.get(place, params={"count": 1, "user_id": USER, "cursor": one["next_cursor"]}).json()
    assert two["next_cursor"] is None
    assert two["data"] == [made]

    later = (at + timedelta(days=100)).isoformat().replace("+00:00", "Z")
    moved = ads.put(f"{place}/{made['id']}", params={"scheduled_at": later}).json()["data"]
    assert ads.get(f"{place}/{made['id']}").json()["data"] == moved
    assert sandbox.world.get("x", f"ads:{made['id']}").publish_at == at + timedelta(days=100)

    assert ads.delete(f"{place}/{made['id']}").json()["data"]["scheduled_status"] == "DELETED"
    gone = ads.get(f"{place}/{made['id']}")
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (404, "NOT_FOUND")

    sandbox.world.set_clock(at)
    (out,) = ads.get(place, params={"user_id": USER}).json()["data"]
    assert out["scheduled_status"] == "SUCCESS"
    timeline = requests.get(
        f"{sandbox.url}/x/2/users/{USER}/tweets",
        params={"start_time": f"{NOW + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"},
        headers={"Authorization": f"Bearer {x.token(USER)}"},
        timeout=5,
    ).json()
    assert [t["id"] for t in timeline["data"]] == [out["tweet_id"]]
    sandbox.world.set_clock(NOW)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"scheduled_at": "2026-06-30T12:00:00Z"}, "INVALID_PARAMETER"),
        ({"scheduled_at": "2027-07-03T12:00:00Z"}, "INVALID_PARAMETER"),
        ({"scheduled_at": "soon"}, "INVALID_PARAMETER"),
        ({"scheduled_at": "2026-07-09T12:07:00Z"}, "SCHEDULED_TWEET_LIMIT_EXCEEDED"),
        ({"made_up": "1"}, "INVALID_PARAMETER"),
    ],
)
def test_a_time_that_x_does_not_take_is_refused(
    sandbox: Any, ads: OAuth1Session, given: dict[str, str], code: str
) -> None:
    world = sandbox.world
    crowd = datetime(2026, 7, 9, 12, 0, tzinfo=UTC)
    native = world.new_id("x")
    world.add(Post("x", USER, f"ads:{native}", "scheduled", NOW + timedelta(days=3), "Move me"))
    made = [
        world.add(Post("x", USER, f"ads:{world.new_id('x')}", "scheduled", crowd + timedelta(minutes=i % 10), "Crowd"))
        for i in range(30)
    ]
    answer = ads.put(f"{sandbox.url}/x/12/accounts/{x.ADS_ACCOUNT}/scheduled_tweets/{native}", params=given)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)
    for post in made:
        world.delete(post)


@pytest.mark.parametrize("wrong", range(4))
def test_a_request_signed_with_a_wrong_key_is_not_accepted(sandbox: Any, wrong: int) -> None:
    keys = [x.CONSUMER_KEY, x.CONSUMER_SECRET, x.access_token(USER), x.ACCESS_SECRET]
    keys[wrong] += "x"
    with OAuth1Session(*keys) as session:
        session.trust_env = False
        answer = session.get(f"{sandbox.url}/x/12/accounts/{x.ADS_ACCOUNT}/scheduled_tweets")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "UNAUTHORIZED_ACCESS")


def test_a_signature_is_good_for_one_request_only(sandbox: Any, ads: OAuth1Session) -> None:
    place = f"{sandbox.url}/x/12/accounts/{x.ADS_ACCOUNT}/scheduled_tweets"
    first = ads.get(place)
    assert first.status_code == 200
    for path in (place, f"{place}?count=7"):
        again = requests.get(path, headers={"Authorization": first.request.headers["Authorization"]}, timeout=5)
        assert again.status_code == 401
