"""The simulated platforms behave as the real ones are documented to: they lock, refuse, publish and page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from freeze.sandbox import running
from freeze.sandbox._core.posts import Post
from freeze.sandbox.youtube import QUOTA

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)  # London is an hour ahead
PAGE, OTHER = "101200000001", "101200000002"
SYSTEM = "sandbox-facebook-token"
CHANNEL = "UCanyshire0000000000001"
WP_AUTH = ("freeze-guard", "sand boxx pass word only here")


@pytest.fixture(scope="module")
def server():
    with running("empty", now=NOW) as s:
        yield s


@pytest.fixture
def world(server):
    """The served world, emptied and set to NOW."""
    for p in server.world.posts():
        server.world.delete(p)
    server.world.set_clock(NOW)
    server.world.memo.clear()
    return server.world


def soon(**ahead: float) -> datetime:
    return NOW + timedelta(**ahead)


# WordPress


@pytest.fixture
def wp(server, world):
    """Calls WordPress as its user, and adds posts to it."""

    def call(method: str, path: str, auth: object = WP_AUTH, **kw: object) -> requests.Response:
        return requests.request(method, f"{server.url}/wordpress/wp-json/wp/v2{path}", auth=auth, **kw)

    def add(at: datetime, state: str = "scheduled", **fields: object) -> str:
        post = Post("wordpress", "site", world.new_id("wordpress"), state, at, "<p>words</p>", title="T", **fields)
        return world.add(post).id

    call.add = add
    return call


def test_wordpress_gives_site_time_and_gmt_both_without_an_offset(wp):
    post = wp("GET", f"/posts/{wp.add(soon(days=1), media=('31',))}", params={"context": "edit"}).json()
    assert (post["date"], post["date_gmt"]) == ("2026-07-02T13:00:00", "2026-07-02T12:00:00")
    assert (post["status"], post["title"]["raw"], post["content"]["raw"]) == ("future", "T", "<p>words</p>")
    assert post["featured_media"] == 31
    assert "raw" not in wp("GET", f"/posts/{post['id']}").json()["title"]


def test_wordpress_holds_as_a_draft_and_resumes_with_the_date_it_kept(wp, world):
    post = wp.add(soon(days=1))
    held = wp("POST", f"/posts/{post}", json={"status": "draft"}).json()
    assert (held["status"], held["date_gmt"]) == ("draft", "2026-07-02T12:00:00")
    world.set_clock(soon(hours=1))
    back = wp("POST", f"/posts/{post}", json={"status": "future", "date_gmt": "2026-07-02T12:00:00"}).json()
    assert (back["status"], back["date_gmt"]) == ("future", "2026-07-02T12:00:00")
    world.set_clock(soon(days=2))
    assert world.get("wordpress", post).published_at == soon(days=1)


@pytest.mark.parametrize(("ahead", "becomes"), [(-3600, "publish"), (50, "publish"), (65, "future")])
def test_wordpress_publishes_at_once_what_is_due_within_a_minute(wp, world, ahead, becomes):
    post = wp.add(soon(days=1), "draft")
    at = f"{soon(seconds=ahead):%Y-%m-%dT%H:%M:%S}"
    assert wp("POST", f"/posts/{post}", json={"status": "future", "date_gmt": at}).json()["status"] == becomes


def test_wordpress_publishes_a_draft_resumed_without_a_date_once_that_has_passed(wp, world):
    post = wp.add(soon(hours=1))
    wp("POST", f"/posts/{post}", json={"status": "draft"})
    world.set_clock(soon(hours=2))
    assert wp("POST", f"/posts/{post}", json={"status": "future"}).json()["status"] == "publish"


def test_wordpress_pages_its_listing_and_says_how_many_there_are(wp):
    ids = [int(wp.add(soon(days=d))) for d in (3, 1, 2, 5, 4)]
    first = wp("GET", "/posts", params={"status": "future", "per_page": 2, "orderby": "date", "order": "asc"})
    assert (first.headers["X-WP-Total"], first.headers["X-WP-TotalPages"]) == ("5", "3")
    assert [p["id"] for p in first.json()] == [ids[1], ids[2]]
    last = wp("GET", "/posts", params={"status": "future", "per_page": 2, "page": 3, "order": "asc"})
    assert [p["id"] for p in last.json()] == [ids[3]]
    beyond = wp("GET", "/posts", params={"status": "future", "per_page": 2, "page": 4})
    assert (beyond.status_code, beyond.json()["code"]) == (400, "rest_post_invalid_page_number")
    assert wp("GET", "/posts", params={"per_page": 101}).json()["code"] == "rest_invalid_param"


def test_wordpress_finds_by_id_and_by_site_time(wp, world):
    early, late = wp.add(soon(hours=1)), wp.add(soon(hours=3), "draft")
    binned = wp.add(soon(hours=2))
    assert wp("DELETE", f"/posts/{binned}").json()["status"] == "trash"
    asked = {"include": f"{early},{late},{binned},999", "status": "any"}
    assert {str(p["id"]) for p in wp("GET", "/posts", params=asked).json()} == {early, late}
    asked = {"include": binned, "status": "trash"}
    assert [str(p["id"]) for p in wp("GET", "/posts", params=asked).json()] == [binned]
    # 15:30 on the site is 14:30 UTC: after the first post, before the one at 15:00 UTC.
    after = wp("GET", "/posts", params={"status": "future,draft", "after": "2026-07-01T15:30:00"}).json()
    assert [str(p["id"]) for p in after] == [late]
    assert wp("GET", "/posts/12345").json()["code"] == "rest_post_invalid_id"


def test_wordpress_keeps_scheduled_posts_from_strangers(wp):
    post = wp.add(soon(days=1))
    assert wp("GET", "/posts", auth=None).json() == []
    assert wp("GET", "/posts", auth=None, params={"status": "future"}).status_code == 400
    assert wp("GET", "/posts", auth=None, params={"context": "edit"}).json()["code"] == "rest_forbidden_context"
    assert wp("POST", f"/posts/{post}", auth=None, json={"status": "draft"}).status_code == 401
    wrong = wp("GET", "/posts", auth=("freeze-guard", "wrong"))
    assert (wrong.status_code, wrong.json()["code"]) == (401, "incorrect_password")
    assert wp("GET", "/users/me").json()["slug"] == "freeze-guard"
    assert "Monitored" in wp("GET", "/settings").json()["description"]


def test_wordpress_makes_a_post(wp, world):
    made = {"title": "New", "content": "x", "status": "future", "date_gmt": "2026-07-03T12:00:00"}
    answer = wp("POST", "/posts", json=made)
    assert (answer.status_code, answer.json()["status"]) == (201, "future")
    assert world.get("wordpress", str(answer.json()["id"])).publish_at == soon(days=2)


# YouTube


@pytest.fixture
def yt(server, world):
    """Calls YouTube with its token, and adds videos to it."""

    def call(method: str, path: str, token: str = "sandbox-youtube-token", **kw: object) -> requests.Response:
        url = f"{server.url}/youtube/v3/{path}"
        return requests.request(method, url, headers={"Authorization": f"Bearer {token}"}, **kw)

    def add(at: datetime | None, state: str = "scheduled", **extra: object) -> str:
        status = {"privacyStatus": "private", "license": "creativeCommon", "embeddable": True} | extra
        video = Post("youtube", CHANNEL, f"v{world.new_id('youtube')}", state, at, "d", title="T", extra=status)
        return world.add(video).id

    def status(video: str, **fields: object) -> requests.Response:
        body = {"id": video, "status": {"privacyStatus": "private", **fields}}
        return call("PUT", "videos?part=status", json=body)

    call.add, call.status = add, status
    return call


def test_youtube_lists_a_channels_uploads_and_reads_fifty_videos_at_once(yt):
    videos = [yt.add(soon(days=d + 1)) for d in range(60)]
    channel = yt("GET", "channels?part=contentDetails,snippet&mine=true").json()["items"][0]
    playlist = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    query = f"playlistItems?part=contentDetails&maxResults=50&playlistId={playlist}"
    first = yt("GET", query).json()
    second = yt("GET", f"{query}&pageToken={first['nextPageToken']}").json()
    found = [i["contentDetails"]["videoId"] for i in first["items"] + second["items"]]
    assert found == videos[::-1]
    assert first["pageInfo"]["totalResults"] == 60
    assert "nextPageToken" not in second
    read = yt("GET", f"videos?part=status,snippet&id={','.join(videos[:50])}").json()["items"]
    assert read[0]["status"]["publishAt"] == "2026-07-02T12:00:00Z"
    assert read[0]["status"]["privacyStatus"] == "private"
    assert yt("GET", f"videos?part=status&id={','.join(videos[:51])}").status_code == 400
    assert yt("GET", "videos?part=status&id=none").json()["items"] == []


def test_youtube_overwrites_every_field_of_the_part(yt):
    video = yt.add(soon(days=1), containsSyntheticMedia=True)
    held = yt.status(video).json()["status"]
    assert "publishAt" not in held
    assert (held["license"], held["embeddable"]) == ("youtube", False)
    assert "containsSyntheticMedia" not in held
    echoed = yt.status(video, publishAt="2026-07-05T12:00:00Z", license="creativeCommon", embeddable=True).json()[
        "status"
    ]
    assert (echoed["publishAt"], echoed["license"], echoed["embeddable"]) == (
        "2026-07-05T12:00:00Z",
        "creativeCommon",
        True,
    )


def test_youtube_publishes_at_its_time_and_at_once_for_a_time_in_the_past(yt, world):
    first, second = yt.add(soon(hours=1)), yt.add(None, "draft")
    assert yt.status(second, publishAt="2026-07-01T11:00:00Z").json()["status"]["privacyStatus"] == "public"
    assert world.get("youtube", second).published_at >= NOW
    world.set_clock(soon(hours=2))
    assert world.get("youtube", first).published_at == soon(hours=1)
    shown = yt("GET", f"videos?part=status&id={first}").json()["items"][0]["status"]
    assert shown["privacyStatus"] == "public"
    assert "publishAt" not in shown


def test_youtube_takes_no_time_for_a_video_that_was_ever_public_or_is_not_private(yt, world):
    live = yt.add(soon(hours=1))
    world.set_clock(soon(hours=2))
    hidden = yt.status(live).json()["status"]
    assert hidden["privacyStatus"] == "private"
    again = yt.status(live, publishAt="2026-07-05T12:00:00Z")
    assert (again.status_code, again.json()["error"]["errors"][0]["reason"]) == (400, "invalidPublishAt")
    public = yt.status(yt.add(soon(days=1)), privacyStatus="public", publishAt="2026-07-05T12:00:00Z")
    assert public.json()["error"]["errors"][0]["reason"] == "invalidPublishAt"


def test_youtube_counts_its_quota_until_midnight_pacific_time(yt, world):
    world.memo[QUOTA] = 101
    video = yt.add(soon(days=3))
    assert [yt.status(video).status_code for _ in range(2)] == [200, 200]
    assert yt("GET", f"videos?part=status&id={video}").status_code == 200
    over = yt("GET", f"videos?part=status&id={video}")
    assert (over.status_code, over.json()["error"]["errors"][0]["reason"]) == (403, "quotaExceeded")
    world.set_clock(datetime(2026, 7, 2, 6, 59, tzinfo=UTC))
    assert yt("GET", f"videos?part=status&id={video}").status_code == 403
    world.set_clock(datetime(2026, 7, 2, 7, 1, tzinfo=UTC))
    assert yt("GET", f"videos?part=status&id={video}").status_code == 200


def test_youtube_refuses_a_bad_token_and_an_unknown_video(yt):
    assert yt("GET", "channels?part=id&mine=true", token="old").json()["error"]["code"] == 401
    assert yt.status("none").status_code == 404


# Facebook


@pytest.fixture
def fb(server, world):
    """Calls Graph with a page's token, and adds posts to that page."""

    def call(method: str, path: str, token: str = f"sandbox-page-{PAGE}", **params: object) -> requests.Response:
        how = "data" if method == "POST" else "params"
        return requests.request(
            method, f"{server.url}/facebook/v26.0/{path}", **{how: {"access_token": token, **params}}
        )

    def add(at: datetime, app: str = "777", page: str = PAGE) -> str:
        post = Post("facebook", page, f"{page}_{world.new_id('facebook')}", "scheduled", at, "words", app=app)
        return world.add(post).id

    def move(post: str, at: datetime) -> requests.Response:
        return call("POST", post, scheduled_publish_time=int(at.timestamp()))

    call.add, call.move = add, move
    return call


def code(answer: requests.Response) -> tuple[int, int]:
    return answer.status_code, answer.json()["error"]["code"]


def test_facebook_gives_page_tokens_to_the_system_user_page_by_page(fb, server):
    body = fb("GET", "me/accounts", SYSTEM, limit=4).json()
    assert body["data"][0]["access_token"] == f"sandbox-page-{PAGE}"
    pages = [a["id"] for a in body["data"]]
    while following := body["paging"].get("next"):
        assert "access_token=" in following
        body = requests.get(following).json()
        pages += [a["id"] for a in body["data"]]
    assert pages == [a.id for a in server.world.accounts("facebook")]


def test_facebook_lists_a_pages_queue_by_cursor_newest_first(fb):
    posts = [fb.add(soon(days=d + 1)) for d in range(5)]
    fb.add(soon(days=1), page=OTHER)
    fields = "id,message,scheduled_publish_time,application{id},is_published"
    first = fb("GET", f"{PAGE}/scheduled_posts", limit=3, fields=fields).json()
    after = first["paging"]["cursors"]["after"]
    second = fb("GET", f"{PAGE}/scheduled_posts", limit=3, fields=fields, after=after).json()
    assert [p["id"] for p in first["data"] + second["data"]] == posts[::-1]
    assert "next" not in second["paging"]
    assert second["data"][-1]["scheduled_publish_time"] == int(soon(days=1).timestamp())
    assert second["data"][-1]["application"]["id"] == "777"
    assert set(fb("GET", posts[0]).json()) == {"id", "message", "created_time"}
    assert code(fb("GET", posts[0], fields="colour")) == (400, 100)


def test_facebook_moves_a_post_and_publishes_it_at_the_new_time(fb, world):
    post = fb.add(soon(hours=1))
    assert fb.move(post, soon(days=2)).json() == {"success": True}
    world.set_clock(soon(hours=2))
    assert world.get("facebook", post).state == "scheduled"
    world.set_clock(soon(days=3))
    assert world.get("facebook", post).published_at == soon(days=2)
    out = fb("GET", f"{PAGE}/published_posts", since=int(soon(days=1).timestamp()), fields="id,created_time").json()
    assert out["data"] == [{"id": post, "created_time": "2026-07-03T12:00:00+0000"}]
    assert fb("GET", f"{PAGE}/published_posts", until=int(soon(days=1).timestamp())).json()["data"] == []


@pytest.mark.parametrize(
    ("ahead", "taken"),
    [
        ({"minutes": 9}, False),
        ({"minutes": 11}, True),
        ({"days": 29, "hours": 23}, True),
        ({"days": 30, "minutes": 5}, False),
    ],
)
def test_facebook_takes_times_from_ten_minutes_to_thirty_days_ahead(fb, ahead, taken):
    answer = fb.move(fb.add(soon(hours=1)), soon(**ahead))
    assert answer.ok == taken
    if not taken:
        assert answer.json()["error"]["message"] == "(#100) The specified scheduled publish time is invalid"


def test_facebook_locks_a_post_three_minutes_before_its_time(fb):
    locked, free = fb.add(soon(seconds=175)), fb.add(soon(seconds=185))
    assert code(fb.move(locked, soon(days=1))) == (400, 100)
    assert code(fb("DELETE", locked)) == (400, 100)
    assert fb.move(free, soon(days=1)).ok


def test_facebook_lets_an_app_change_only_its_own_posts(fb, world):
    post = fb.add(soon(days=1), app="4410")
    assert code(fb.move(post, soon(days=2))) == (403, 200)
    assert world.get("facebook", post).publish_at == soon(days=1)


def test_facebook_cannot_un_schedule(fb):
    post = fb.add(soon(days=1))
    assert code(fb("POST", post, unpublished_content_type="DRAFT")) == (400, 100)
    assert code(fb("POST", post, scheduled_publish_time="")) == (400, 100)


def test_facebook_deletes_for_good(fb, world):
    post = fb.add(soon(days=1))
    assert fb("DELETE", post).json() == {"success": True}
    assert code(fb("GET", post)) == (400, 100)
    assert fb("GET", f"{PAGE}/scheduled_posts").json() == {"data": []}
    world.set_clock(soon(days=2))
    assert world.get("facebook", post).state == "deleted"


def test_facebook_reads_fifty_posts_in_a_batch_each_with_a_status_of_its_own(fb):
    posts = [fb.add(soon(days=1)) for _ in range(50)]

    def batch(*ids):
        asked = [{"method": "GET", "relative_url": f"{i}?fields=message"} for i in ids]
        return fb("POST", "", batch=json.dumps(asked))

    assert [json.loads(item["body"])["id"] for item in batch(*posts).json()] == posts
    here, missing = batch(posts[0], f"{PAGE}_1").json()
    assert (here["code"], missing["code"]) == (200, 400)
    assert json.loads(missing["body"])["error"]["error_subcode"] == 33
    assert f"{PAGE}_1" in json.loads(missing["body"])["error"]["message"]
    assert code(batch(*posts, posts[0])) == (400, 100)
    assert code(fb("POST", "", batch="nonsense")) == (400, 100)


def test_facebook_refuses_several_ids_at_its_root_since_october_2026(fb):
    assert code(fb("GET", "", ids=fb.add(soon(days=1)))) == (500, 100)


def test_facebook_tells_tokens_apart(fb):
    post = fb.add(soon(days=1))
    assert code(fb("GET", f"{PAGE}/scheduled_posts", SYSTEM)) == (400, 210)
    assert code(fb("GET", post, f"sandbox-page-{OTHER}")) == (400, 100)
    assert code(fb("GET", post, "old")) == (401, 190)
    assert code(fb("GET", post, "")) == (400, 2500)


def test_facebook_says_how_much_is_used_and_takes_any_version_and_a_bearer_token(fb, server):
    answer = fb("GET", PAGE, fields="name,about")
    assert json.loads(answer.headers["X-Business-Use-Case-Usage"])[PAGE][0]["type"] == "pages"
    assert "call_count" in json.loads(answer.headers["X-App-Usage"])
    bare = requests.get(f"{server.url}/facebook/{PAGE}", headers={"Authorization": f"Bearer {SYSTEM}"})
    assert bare.json() == {"id": PAGE, "name": "Anyshire County Council"}
    nowhere = fb("GET", f"{PAGE}/reels/x")
    assert nowhere.status_code == 400
