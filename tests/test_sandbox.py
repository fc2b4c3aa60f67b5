"""The sandbox itself: its clock, its seeds, its control face and everything that it makes go wrong."""

from __future__ import annotations

import csv
import io
import re
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

from freeze.sandbox import running, serve
from freeze.sandbox._core.config import settings_toml, write_into
from freeze.sandbox._core.faults import KINDS, LISTING_KINDS, READ_ONLY
from freeze.sandbox._core.posts import Account, Post
from freeze.sandbox._core.world import World, pretending
from freeze.sandbox._town.seeds import seeded

NOW = datetime(2022, 9, 8, 17, 40, tzinfo=UTC)
PAGE = "101200000001"
PAGE_TOKEN = {"access_token": f"sandbox-page-{PAGE}"}
WP_AUTH = ("freeze-guard", "sand boxx pass word only here")
YT_AUTH = {"Authorization": "Bearer sandbox-youtube-token"}


@pytest.fixture(scope="module")
def sandbox():
    with running("council", now=NOW) as s:
        yield s


@pytest.fixture
def council(sandbox):
    """The council sandbox at 18:40, with nothing going wrong and nothing asked yet."""
    sandbox.world.faults.clear()
    sandbox.world.calls.reset()
    return sandbox


@pytest.fixture
def empty():
    with running("empty", now=NOW) as s:
        yield s


def world_with(at: datetime, **fields: object) -> tuple[World, Post]:
    world = World(NOW)
    world.add_account(Account("facebook", PAGE, "Anyshire"))
    return world, world.add(Post("facebook", PAGE, "1", "scheduled", at, "words", **fields))


# The clock and publishing


def test_a_due_post_is_published_at_exactly_its_own_time():
    world, post = world_with(NOW + timedelta(minutes=5))
    world.advance(299)
    assert world.get("facebook", "1").state == "scheduled"
    world.advance(3600)
    out = world.get("facebook", "1")
    assert (out.state, out.published_at) == ("published", post.publish_at)


def test_a_clock_set_back_un_publishes_nothing_and_a_later_change_still_counts():
    world, post = world_with(NOW + timedelta(minutes=5))
    world.advance(-3600)
    assert world.now() < NOW
    world.change(post, publish_at=NOW + timedelta(days=1))
    world.set_clock(NOW + timedelta(hours=1))
    assert world.get("facebook", "1").state == "scheduled"
    world.set_clock(NOW + timedelta(days=2))
    world.set_clock(NOW)
    assert world.get("facebook", "1").state == "published"


def test_a_draft_and_a_post_awaiting_approval_never_publish_by_themselves():
    world, post = world_with(NOW + timedelta(minutes=5))
    world.change(post, state="pending_approval")
    world.advance(86_400)
    assert world.get("facebook", "1").state == "pending_approval"


def test_a_time_moved_into_the_past_publishes_at_the_instant_of_the_change():
    world, post = world_with(NOW + timedelta(minutes=5))
    world.change(post, publish_at=NOW - timedelta(days=1))
    out = world.get("facebook", "1")
    assert out.state == "published"
    assert NOW <= out.published_at < NOW + timedelta(seconds=5)


def test_lockdown_keeps_overdue_posts_in_and_lifting_it_lets_them_out_at_once():
    world, _ = world_with(NOW + timedelta(minutes=5))
    moved = world.add(Post("facebook", PAGE, "2", "scheduled", NOW + timedelta(minutes=6), "moved"))
    world.lock("facebook", True)
    world.advance(7200)
    assert world.get("facebook", "1").state == "scheduled"
    world.change(moved, publish_at=NOW + timedelta(days=3))
    world.lock("facebook", False)
    out = world.get("facebook", "1")
    assert out.state == "published"
    assert out.published_at >= NOW + timedelta(seconds=7200)
    assert world.get("facebook", "2").state == "scheduled"


def test_a_recurring_post_leaves_the_next_one_behind_at_the_same_london_time():
    world, _ = world_with(datetime(2022, 10, 28, 15, 0, tzinfo=UTC), repeats_days=7)
    world.set_clock(datetime(2022, 10, 29, tzinfo=UTC))
    following = [p for p in world.posts("facebook", account=PAGE) if p.state == "scheduled"]
    assert [p.publish_at for p in following] == [datetime(2022, 11, 4, 16, 0, tzinfo=UTC)]


def test_what_is_pretended_is_answered_and_not_kept():
    world, post = world_with(NOW + timedelta(minutes=5))
    with pretending():
        assert world.change(post, text="new").text == "new"
        assert world.publish(post).state == "published"
        assert world.delete(post).state == "deleted"
        world.lock("facebook", True)
        world.add(Post("facebook", PAGE, "9", "draft", None, "x"))
    assert world.posts("facebook") == [post]
    assert not world.locked("facebook")


# Seeds


def test_the_council_seed_is_forty_one_accounts_and_three_hundred_posts_mostly_in_orlo():
    world = seeded("council", NOW)
    posts = [p for p in world.posts() if p.state in ("scheduled", "pending_approval", "draft")]
    assert len(world.register) == 41
    assert len({r["id"] for r in world.register}) == 41
    assert len({r["service"] for r in world.register}) >= 10
    assert len(posts) >= 300
    assert 0.8 <= sum(p.platform == "orlo" for p in posts) / len(posts) <= 0.9
    assert max(p.publish_at for p in posts) <= NOW + timedelta(days=31)


def test_the_council_seed_is_the_same_every_time_and_moves_with_now():
    def told(now: datetime) -> list[tuple[str, str, str, datetime | None]]:
        return [(p.platform, p.id, p.text, p.publish_at) for p in seeded("council", now).posts()]

    first, again = told(NOW), told(NOW)
    assert [x[:3] for x in first] == [x[:3] for x in again]
    assert all(abs((a[3] - b[3]).total_seconds()) <= 60 for a, b in zip(first, again, strict=True))
    assert {x[3] for x in first}.isdisjoint({x[3] for x in told(NOW + timedelta(days=90))})


def test_the_council_seed_holds_every_awkward_post():
    posts = seeded("council", NOW).posts()
    soon = {p.platform for p in posts if p.state == "scheduled" and p.publish_at <= NOW + timedelta(minutes=2)}
    five = {p.platform for p in posts if abs(p.publish_at - NOW - timedelta(minutes=5)) <= timedelta(minutes=1)}
    assert soon >= {"orlo", "facebook", "wordpress"}
    assert five >= {"orlo", "facebook", "wordpress"}
    londons = {p.publish_at for p in posts if p.platform == "orlo"}
    assert datetime(2022, 9, 8, 20, 0, tzinfo=UTC) in londons  # 21:00 tonight
    assert datetime(2022, 9, 9, 6, 0, tzinfo=UTC) in londons  # 07:00 tomorrow
    assert any(p.state == "pending_approval" and p.publish_at < NOW for p in posts)
    assert any(p.platform == "facebook" and p.app_name == "Orlo" for p in posts)
    assert any(p.boosted for p in posts)
    assert any(p.repeats_days for p in posts)
    assert any(len(p.text) > 2_500 for p in posts)
    for words in ("🏴", "مرحبا", '=HYPERLINK("', "<script>", "Flood warning", "school is closed", '"stop, go"'):
        assert any(words in p.text for p in posts), words
    queue = {(p.text, p.publish_at) for p in posts if p.platform == "facebook"}
    assert sum((p.text, p.publish_at) in queue for p in posts if p.platform == "orlo") == 4


def test_every_orlo_account_but_one_is_on_the_register():
    world = seeded("council", NOW)
    registered = {s.partition("=")[2] for r in world.register for s in r["seen_at"].split(";") if s.startswith("orlo=")}
    assert {a.id for a in world.accounts("orlo")} - registered == {"facebook:Anyshire Winter Festival"}


@pytest.mark.parametrize(("platform", "accounts"), [("facebook", 4), ("orlo", 4), ("wordpress", 1), ("youtube", 1)])
def test_the_large_seed_spreads_its_posts_over_its_accounts_from_an_hour_ahead(platform, accounts):
    world = seeded("large", NOW, 4, 200, platform)
    counts = Counter(p.account for p in world.posts(platform))
    times = [p.publish_at for p in world.posts(platform)]
    assert sorted(counts.values()) == [200 // accounts] * accounts
    assert min(times) >= NOW + timedelta(hours=1)
    assert times == sorted(times)
    assert max(times) <= NOW + timedelta(days=30)


def test_an_unknown_seed_is_named():
    with pytest.raises(ValueError, match='no seed "bog"'):
        seeded("bog")


# Serving


def test_it_refuses_any_address_but_this_machines():
    with pytest.raises(ValueError, match="this machine only"):
        serve("empty", host="0.0.0.0", port=0)


def test_in_the_foreground_it_says_where_it_is_and_stops_quietly_when_interrupted():
    code = "from freeze.sandbox import serve; serve('empty', port=0)"
    root = Path(__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        url = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]
        assert requests.get(url + "/_sandbox/clock").json()["sandbox"] is True
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=10)
    assert (process.returncode, complaints) == (0, "")


def test_a_port_in_use_is_an_error_and_leaves_nothing_open(empty):
    port = int(empty.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), running("empty", port=port):
        pass


def test_it_stops_at_once_with_connections_open_and_calls_unanswered():
    with running("empty", now=NOW) as s:
        s.world.faults.add("facebook", "timeout")
        s.world.faults.add("youtube", "slow", latency_ms=60_000)
        failed: list[str] = []

        def ask(path: str) -> None:
            try:
                requests.get(s.url + path, timeout=30)
            except requests.ConnectionError as e:
                failed.append(type(e).__name__)

        askers = [threading.Thread(target=ask, args=(p,)) for p in ("/facebook/me", "/youtube/v3/videos")]
        for a in askers:
            a.start()
        while len(s.world.calls.sequence) < 2:
            time.sleep(0.01)
        began = time.perf_counter()
    assert time.perf_counter() - began < 2
    for a in askers:
        a.join()
    assert len(failed) == 1  # the slow one was answered when the server closed; the silent one was dropped


def test_its_date_header_is_the_sandboxs_own_time(empty):
    empty.world.set_clock(datetime(2002, 3, 30, 15, 15, tzinfo=UTC))
    for path in ("/_sandbox/clock", "/youtube/v3/videos", "/nowhere"):
        said = parsedate_to_datetime(requests.get(empty.url + path).headers["Date"])
        assert abs(said - datetime(2002, 3, 30, 15, 15, tzinfo=UTC)) < timedelta(seconds=5)


# The control face


def test_posts_are_shown_by_platform_account_and_state(council):
    url = council.url + "/_sandbox/posts"
    rows = requests.get(url, params={"platform": "facebook", "state": "scheduled"}).json()
    assert {r["platform"] for r in rows} == {"facebook"}
    assert {r["state"] for r in rows} == {"scheduled"}
    assert {"platform", "account", "id", "state", "publish_at", "published_at", "text"} <= set(rows[0])
    assert datetime.fromisoformat(rows[0]["publish_at"]).tzinfo is not None
    some = requests.get(url, params={"account": PAGE}).json()
    assert {(r["platform"], r["account"]) for r in some} == {("facebook", PAGE)}
    assert len(requests.get(url).json()) > 300


def test_the_clock_is_read_set_and_moved_on(empty):
    url = empty.url + "/_sandbox/clock"
    empty.world.add(Post("youtube", "UCx", "v", "scheduled", NOW + timedelta(hours=1), ""))
    assert requests.get(url).json()["sandbox"] is True
    said = requests.post(url, json={"advance": 7200}).json()
    assert abs(datetime.fromisoformat(said["now"]) - NOW - timedelta(hours=2)) < timedelta(seconds=5)
    post = requests.get(empty.url + "/_sandbox/posts").json()[0]
    assert (post["state"], post["published_at"]) == ("published", "2022-09-08T18:40:00Z")
    said = requests.post(url, json={"now": "2026-01-01T00:00:00+01:00"}).json()
    assert said["now"].startswith("2025-12-31T23:00:0")


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("clock", {"now": "tomorrow"}, "not a date and time"),
        ("clock", {"now": "2022-09-08T18:40"}, "has no zone"),
        ("clock", {"advance": "long"}, "Give"),
        ("faults", {"platform": "facebok", "kind": "slow"}, 'no platform "facebok"'),
        ("faults", {"platform": "facebook", "kind": "fire"}, "not a kind of fault"),
        ("faults", {"platform": "facebook", "kind": "slow", "rate": 2}, "between 0 and 1"),
        ("faults", {"platform": "facebook", "kind": "slow", "colour": 2}, 'no "colour"'),
        ("edit", {"platform": "facebook", "id": "none", "text": "x"}, 'no post "none"'),
        ("edit", {"platform": "facebook", "create": True, "account": "none"}, 'no account "none"'),
        ("edit", [1], "JSON object"),
    ],
)
def test_a_bad_control_request_is_answered_with_one_sentence(council, path, body, says):
    answer = requests.post(f"{council.url}/_sandbox/{path}", json=body)
    assert answer.status_code == 400
    assert says in answer.json()["error"]


def test_a_colleague_edits_publishes_deletes_and_makes_posts(empty):
    empty.world.add(Post("facebook", PAGE, "1", "scheduled", NOW + timedelta(days=1), "words", app="777"))

    def edit(**body: object) -> dict:
        return requests.post(empty.url + "/_sandbox/edit", json={"platform": "facebook", "id": "1", **body}).json()

    assert edit(text="better")["text"] == "better"
    assert edit(publish_at="2022-09-10T09:00:00+01:00")["publish_at"] == "2022-09-10T08:00:00Z"
    assert edit(state="draft")["state"] == "draft"
    assert edit(state="scheduled", publish_at="2022-09-01T09:00:00Z")["state"] == "published"
    assert edit(delete=True)["state"] == "deleted"
    assert "Say what" in edit()["error"]
    made = edit(id="2", create=True, account=PAGE, text="new", publish_at="2022-09-10T08:00:00Z", app="777")
    assert (made["id"], made["state"]) == ("2", "scheduled")
    assert edit(id="2", publish=True)["state"] == "published"


def test_orlos_lockdown_is_a_switch(council):
    edit = council.url + "/_sandbox/edit"
    assert requests.post(edit, json={"platform": "orlo", "lockdown": True}).json()["lockdown"] is True
    assert council.world.locked("orlo")
    assert requests.post(edit, json={"platform": "orlo", "lockdown": False}).json()["lockdown"] is False


def test_the_orlo_export_is_fourteen_hours_old_and_a_fresh_one_can_be_asked_for(council):
    def rows(**params: str) -> dict[str, dict[str, str]]:
        answer = requests.get(council.url + "/_sandbox/orlo-export.csv", params=params)
        assert answer.content.startswith(b"\xef\xbb\xbf")
        read = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
        return {r["Post ID"]: r for r in read}

    made = [p for p in council.world.posts("orlo") if p.created_at > NOW - timedelta(hours=13)]
    went_out = [
        p for p in council.world.posts("orlo", states=["published"]) if p.publish_at > NOW - timedelta(hours=14)
    ]
    old, fresh = rows(), rows(as_of="now")
    assert made
    assert went_out
    assert {p.id for p in made}.isdisjoint(old)
    assert {p.id for p in made} <= set(fresh)
    assert {old[p.id]["Status"] for p in went_out} == {"Scheduled"}
    assert {fresh[p.id]["Status"] for p in went_out} == {"Published"}
    saved = parsedate_to_datetime(requests.get(council.url + "/_sandbox/orlo-export.csv").headers["Last-Modified"])
    assert abs(saved - (NOW - timedelta(hours=14))) < timedelta(minutes=1)


def test_settings_register_and_export_are_written_ready_to_use(council, tmp_path):
    settings, register, export = write_into(tmp_path, council.url)
    read = tomllib.loads(settings.read_text())
    networks = {"x", "x-fire", "instagram", "threads", "linkedin", "tiktok", "bluesky", "adverts"}
    assert set(read["connections"]) == {"website", "youtube", "facebook", "orlo"} | networks
    assert read["connections"]["website"]["base_url"] == council.url + "/wordpress"
    assert read["connections"]["orlo"]["folder"] == "orlo-exports"
    assert tomllib.loads(settings_toml("http://h", "/a/b"))["connections"]["orlo"]["folder"] == "/a/b/orlo-exports"
    rows = list(csv.DictReader(register.read_text().splitlines()))
    assert len(rows) == 41
    assert "facebook=101200000002;orlo=facebook:Anyshire Highways" in {r["seen_at"] for r in rows}
    assert export.parent == tmp_path / "orlo-exports"
    assert abs(export.stat().st_mtime - (NOW - timedelta(hours=14)).timestamp()) < 60


# Faults and calls


def test_calls_are_counted_in_order_with_their_peak_and_without_tokens(council):
    council.world.faults.add("facebook", "slow", latency_ms=200)
    ask = threading.Thread(
        target=requests.get, args=(council.url + "/facebook/v26.0/" + PAGE,), kwargs={"params": PAGE_TOKEN}
    )
    ask.start()
    requests.get(f"{council.url}/facebook/v26.0/{PAGE}", params=PAGE_TOKEN)
    ask.join()
    requests.get(council.url + "/youtube/v3/videos?part=id&id=x", headers=YT_AUTH)
    told = requests.get(council.url + "/_sandbox/calls").json()
    facebook = told["platforms"]["facebook"]
    assert (facebook["count"], facebook["peak_concurrency"], facebook["in_flight"]) == (2, 2, 0)
    assert facebook["first"] < facebook["last"]
    assert 0.2 <= facebook["seconds"] < 2
    assert [c["platform"] for c in told["sequence"]] == ["facebook", "facebook", "youtube"]
    assert [c["status"] for c in told["sequence"]] == [200, 200, 200]
    assert "sandbox-page" not in str(told)
    assert requests.post(council.url + "/_sandbox/calls").json() == {"platforms": {}, "sequence": []}


LISTINGS = {
    "facebook": (f"/facebook/v26.0/{PAGE}/scheduled_posts?limit=2", {"params": PAGE_TOKEN}, lambda b: b["data"]),
    "youtube": (
        "/youtube/v3/playlistItems?part=contentDetails&maxResults=4&playlistId=UUanyshire0000000000001",
        {"headers": YT_AUTH},
        lambda b: b["items"],
    ),
    "wordpress": ("/wordpress/wp-json/wp/v2/posts?status=future&per_page=4", {"auth": WP_AUTH}, lambda b: b),
}


@pytest.mark.parametrize("name", LISTINGS)
def test_every_kind_of_fault_strikes_a_listing_as_it_says(council, name):
    path, how, items = LISTINGS[name]

    def ask(kind: str, timeout: float = 10, **options: object) -> requests.Response:
        council.world.faults.clear()
        fault = {"platform": name, "kind": kind, **options}
        assert requests.post(council.url + "/_sandbox/faults", json=fault).status_code == 200
        return requests.get(council.url + path, timeout=timeout, **how)

    full = items(requests.get(council.url + path, **how).json())
    limited = ask("status", status=429, retry_after=7)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert ask("status", status=503).status_code == 503
    began = time.perf_counter()
    assert items(ask("slow", latency_ms=120).json()) == full
    assert time.perf_counter() - began > 0.12
    with pytest.raises(requests.ReadTimeout):
        ask("timeout", timeout=0.1)
    with pytest.raises(requests.ConnectionError):
        ask("drop_after_write")
    assert items(ask("ghost_success").json()) == full
    page = ask("garbage")
    assert (page.status_code, page.headers["Content-Type"][:9]) == (200, "text/html")
    assert ask("expired_token").status_code == 401
    nothing = ask("empty_list")
    assert (nothing.status_code, items(nothing.json())) == (200, [])
    part = ask("partial_page")
    assert items(part.json()) == full[: len(full) // 2]
    assert "next" not in part.json().get("paging", {}) if name == "facebook" else True
    assert "nextPageToken" not in part.text
    if name == "wordpress":
        assert int(part.headers["X-WP-Total"]) > len(full)
    assert requests.delete(council.url + "/_sandbox/faults").json() == []
    assert items(requests.get(council.url + path, **how).json()) == full


def _write(council, name: str, post: Post, words: str) -> requests.Response:
    if name == "facebook":
        return requests.post(f"{council.url}/facebook/v26.0/{post.id}", data={"message": words, **PAGE_TOKEN})
    if name == "wordpress":
        url = f"{council.url}/wordpress/wp-json/wp/v2/posts/{post.id}"
        return requests.post(url, json={"content": words}, auth=WP_AUTH)
    body = {"id": post.id, "snippet": {"title": "t", "categoryId": "1", "description": words}}
    return requests.put(f"{council.url}/youtube/v3/videos?part=snippet", json=body, headers=YT_AUTH)


@pytest.mark.parametrize("name", LISTINGS)
def test_every_kind_of_fault_strikes_a_write_as_it_says(council, name):
    world = council.world
    owned = [
        p for p in world.posts(name, states=["scheduled"]) if name != "facebook" or (p.account, p.app) == (PAGE, "777")
    ]
    post = owned[-1]
    does = {"slow", "drop_after_write"} | LISTING_KINDS | READ_ONLY
    for kind in sorted(KINDS - {"timeout"}):
        world.faults.clear()
        world.faults.add(name, kind)
        if kind == "drop_after_write":
            with pytest.raises(requests.ConnectionError):
                _write(council, name, post, kind)
        else:
            answer = _write(council, name, post, kind)
            assert answer.ok == (kind not in ("status", "expired_token")), kind
        assert (world.get(name, post.id).text == kind) == (kind in does), kind


def test_a_stale_reading_shows_a_post_as_it_stood_and_a_write_is_done_all_the_same(council):
    post = next(p for p in council.world.posts("wordpress", states=["scheduled"]))
    council.world.faults.add("wordpress", "stale", age_s=30)
    assert _write(council, "wordpress", post, "new words").ok
    url = f"{council.url}/wordpress/wp-json/wp/v2/posts/{post.id}"
    assert requests.get(url, auth=WP_AUTH).status_code == 404, "thirty seconds ago there was no such post"
    council.world.faults.clear()
    assert requests.get(url, auth=WP_AUTH).json()["content"]["rendered"] == "new words"
    council.world.faults.add("wordpress", "stale", age_s=0)
    assert requests.get(url, auth=WP_AUTH).json()["content"]["rendered"] == "new words"


def test_the_record_says_whose_hand_changed_what(council):
    world, asked = council.world, council.url + "/_sandbox/history"
    post = next(p for p in world.posts("wordpress", states=["scheduled"]))
    before = len(requests.get(asked).json()["changes"])
    _write(council, "wordpress", post, "by a program")
    edit = {"platform": "wordpress", "id": post.id}
    requests.post(council.url + "/_sandbox/edit", json=edit | {"text": "by a person"})
    world.set_clock(post.publish_at + timedelta(minutes=1))
    changes = requests.get(asked, params={"after": before}).json()["changes"]
    mine = [(c["by"], c["was"]["state"], c["now"]["state"], c["now"]["text"]) for c in changes if c["id"] == post.id]
    assert mine == [
        ("api", "scheduled", "scheduled", "by a program"),
        ("colleague", "scheduled", "scheduled", "by a person"),
        ("itself", "scheduled", "published", "by a person"),
    ]
    requests.post(council.url + "/_sandbox/edit", json={"platform": "orlo", "lockdown": True})
    assert requests.get(asked).json()["lockdowns"][-1]["by"] == "colleague"
    assert requests.get(asked, params={"after": "x"}).status_code == 400


def test_a_world_begins_again_from_a_snapshot_as_often_as_one_likes(council):
    world = council.world
    kept, before = world.snapshot(), world.posts()
    for _ in range(2):
        world.advance(86_400 * 3)
        world.delete(world.posts("facebook")[0])
        assert world.posts() != before
        world.restore(kept)
        assert (world.posts(), world.now().replace(microsecond=0)) == (before, kept["now"].replace(microsecond=0))
        assert len(world.history.entries) == len(kept["history"].entries)


def test_a_fault_strikes_so_often_as_it_may_and_only_where_it_may(council):
    faults = council.world.faults
    faults.add("facebook", "status", status=500, count=2, path="/me/accounts")
    url, query = council.url + "/facebook/v26.0", {"access_token": "sandbox-facebook-token"}
    assert requests.get(f"{url}/{PAGE}", params=query).status_code == 200
    assert [requests.get(url + "/me/accounts", params=query).status_code for _ in range(3)] == [500, 500, 200]
    assert faults.to_json()[0]["struck"] == 2
    faults.clear()
    faults.add("facebook", "status", rate=0.1)
    first = [bool(faults.strike("facebook", "GET", "/", ["status"])) for _ in range(500)]
    assert 25 <= sum(first) <= 80
    faults.clear()
    faults.add("facebook", "status", rate=0.1)
    assert [bool(faults.strike("facebook", "GET", "/", ["status"])) for _ in range(500)] == first


def test_one_platform_that_never_answers_does_not_hold_up_another(council):
    council.world.faults.add("facebook", "timeout")

    def ask() -> None:
        with pytest.raises(requests.ReadTimeout):
            requests.get(council.url + "/facebook/me", timeout=0.5)

    askers = [threading.Thread(target=ask) for _ in range(20)]
    for a in askers:
        a.start()
    began = time.perf_counter()
    path, how, _ = LISTINGS["wordpress"]
    assert requests.get(council.url + path, **how).ok
    assert time.perf_counter() - began < 0.4
    for a in askers:
        a.join()
