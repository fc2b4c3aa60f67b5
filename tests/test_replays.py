"""What happened in 2002, 2021 and 2022, and what nearly happens every time, replayed through the real commands."""

from __future__ import annotations

from datetime import timedelta

from practising import OTHER_PAGE, PAGE, SITE, Making, at, hamlet, put_back, ref, schedule, show, stands, truth

THURSDAY = at("2022-09-08T18:40")


def test_london_bridge_2022_holds_to_the_last_minute_of_the_funeral_day_and_not_one_longer(practice: Making) -> None:
    p = hamlet(
        practice,
        THURSDAY,
        {**SITE, "at": at("2022-09-08T18:41"), "text": "one minute"},
        {**PAGE, "at": at("2022-09-08T18:41"), "text": "one minute, on Facebook"},
        {**SITE, "at": at("2022-09-08T18:45"), "text": "five minutes"},
        {**PAGE, "at": at("2022-09-08T18:45"), "text": "five minutes, on Facebook"},
        {**SITE, "at": at("2022-09-08T21:00"), "text": "that evening"},
        {**PAGE, "at": at("2022-09-09T07:00"), "text": "next morning"},
        {**SITE, "at": at("2022-09-19T23:59"), "text": "last minute"},
        {**SITE, "at": at("2022-09-20T00:00"), "text": "new day"},
    )
    done = p.json("declare", "menai-bridge", "--yes")
    assert done["d_day"] == "2022-09-09"
    assert "taken as Friday 9 September 2022, because the pause starts on Thursday 8 September 2022" in done["assumed"]
    assert "at or after 17:00" in done["assumed"]
    assert done["provisional_end"]
    held = stands(done)
    assert held.pop("one minute, on Facebook") == "too late"
    assert set(held) == {
        "one minute",
        "five minutes",
        "five minutes, on Facebook",
        "that evening",
        "next morning",
        "last minute",
    }
    assert set(held.values()) == {"confirmed"}
    assert done["exit"] == 3

    for day in ("2022-09-09T09:00", "2022-09-10T09:00"):
        p.clock(at(day))
        p.json("sync", "--enforce")
    out = [x["text"] for x in p.posts(state="published")]
    assert out == ["one minute, on Facebook"]
    assert stands(show(p))["one minute, on Facebook"] == "too late"

    settled = p.json("resolve-end", "f1", "--funeral", "2022-09-19")
    assert not settled["provisional_end"]
    assert settled["windows"][-1]["end"] == "2022-09-19T23:00:00+00:00"
    for day in (*range(11, 20),):
        p.clock(at(f"2022-09-{day}T12:00"))
        p.json("sync", "--enforce")
    p.clock(at("2022-09-20T00:00:30"))
    assert [x["text"] for x in p.posts(state="published")] == ["one minute, on Facebook", "new day"]
    assert show(p)["standing"] == "ended (completed)"
    p.json("sync", "--enforce")
    assert len(p.posts(state="published")) == 2, "an end that has come releases nothing by itself"
    looked, _ = put_back(p)
    assert looked["returns"] == []
    assert all(s["undecided"] for s in looked["stays"])


def test_a_wednesday_evening_tells_a_right_d_day_from_a_lucky_one(practice: Making) -> None:
    p = hamlet(
        practice,
        at("2022-09-07T19:00"),
        {**SITE, "at": at("2022-09-17T23:59"), "text": "Saturday"},
        {**SITE, "at": at("2022-09-18T12:00"), "text": "Sunday"},
        {**SITE, "at": at("2022-09-19T23:59"), "text": "Monday"},
        {**SITE, "at": at("2022-09-20T00:00"), "text": "Tuesday"},
    )
    given = p.json("declare", "menai-bridge", "--d-day", "2022-09-07", "--dry-run")
    assert {i["text"] for i in given["items"]} == {"Saturday"}
    assumed = p.json("declare", "menai-bridge", "--yes")
    assert assumed["d_day"] == "2022-09-08"
    assert "a last day on a Sunday moves to Monday 19 September 2022" in assumed["assumed"]
    assert set(stands(assumed)) == {"Saturday", "Sunday", "Monday"}


def test_in_2002_civil_days_win_over_the_night_the_clocks_went_forward(practice: Making) -> None:
    p = hamlet(
        practice,
        at("2002-03-30T17:50"),
        {**SITE, "at": at("2002-03-31T02:30"), "text": "first night"},
        {**SITE, "at": at("2002-04-09T23:59"), "text": "funeral day"},
        {**SITE, "at": at("2002-04-10T00:00"), "text": "after"},
    )
    done = p.json("declare", "royal-death", "--d-day", "2002-03-30", "--yes")
    [window] = done["windows"]
    assert (window["start"][:16], window["end"]) == ("2002-03-30T17:50", "2002-04-09T23:00:00+00:00")
    assert set(stands(done)) == {"first night", "funeral day"}
    settled = p.json("resolve-end", "f1", "--funeral", "2002-04-09")
    [window] = settled["windows"]
    assert window["end"] == "2002-04-09T23:00:00+00:00", "midnight in London is 23:00 UTC by then"
    assert not settled["provisional_end"]
    p.clock(at("2002-04-10T00:01"))
    assert [x["text"] for x in p.posts(state="published")] == ["after"]
    assert stands(show(p)) == {"first night": "confirmed", "funeral day": "confirmed"}
    assert show(p)["standing"] == "ended (completed)"


def test_the_hour_that_did_not_exist_in_2002_is_refused_and_nothing_is_declared(practice: Making) -> None:
    p = hamlet(practice, at("2002-03-30T17:50"))
    refused = p.freeze("declare", "royal-death", "--until", "2002-03-31T01:30", "--yes")
    assert refused.code == 2
    assert "does not exist" in refused.err
    assert p.json("list")["freezes"] == []


def test_2021_has_a_hole_in_which_only_the_other_pause_holds(practice: Making) -> None:
    p = hamlet(
        practice,
        at("2021-04-09T12:10"),
        {**SITE, "at": at("2021-04-12T10:00"), "text": "before the gap"},
        {**SITE, "at": at("2021-04-14T10:00"), "text": "site in the gap"},
        {**PAGE, "at": at("2021-04-14T10:00"), "text": "page in the gap"},
        {**PAGE, "at": at("2021-04-17T15:00"), "text": "day of the funeral"},
    )
    gap = "2021-04-13T00:00/2021-04-17T00:00"
    mourning = p.json("declare", "royal-death", "--until", "2021-04-17", "--hole", gap, "--yes")
    assert [w["end"] for w in mourning["windows"]] == ["2021-04-12T23:00:00+00:00", "2021-04-17T23:00:00+00:00"]
    assert set(stands(mourning)) == {"before the gap"}, "what comes after the gap is held a day ahead of it"
    facebook = p.json("declare", "royal-death", "--platform", "facebook", "--until", "2021-05-06", "--yes")
    assert set(stands(facebook)) == {"page in the gap", "day of the funeral"}
    p.clock(at("2021-04-14T11:00"))
    assert [x["text"] for x in p.posts(state="published")] == ["site in the gap"]
    assert {f["id"]: f["standing"] for f in p.json("list")["freezes"]} == {"f1": "in a hole", "f2": "active"}
    p.clock(at("2021-04-16T11:00"))
    assert [f["went_out"] for f in p.json("sync", "--enforce")["freezes"]] == [[], []]
    by = {x["text"]: x["hold"]["held_by"] for x in p.json("held")["held"]}
    assert by == {"before the gap": ["f1"], "page in the gap": ["f2"], "day of the funeral": ["f1", "f2"]}
    p.freeze("end", "f2")
    looked, done = put_back(p, "f2")
    assert done["put_back"] == 0
    assert {s["why"] for s in looked["stays"]} == {
        "its time has passed; decide what happens to it",
        "Royal death (f1) still holds it",
    }


def test_ending_one_of_two_pauses_frees_nothing_that_the_other_holds(practice: Making) -> None:
    p = hamlet(
        practice,
        THURSDAY,
        {**SITE, "at": at("2022-09-12T10:00"), "text": "site"},
        {**PAGE, "at": at("2022-09-12T10:00"), "text": "page"},
    )
    p.json("declare", "menai-bridge", "--yes")
    p.json("declare", "menai-bridge", "--platform", "facebook", "--yes")
    ended = p.freeze("end", "f1")
    assert "Still in force" in ended.out
    p.json("sync", "--enforce")
    assert {x["state"] for x in p.posts() if x["text"] == "site"} == {"draft"}, "ending moves nothing"
    looked, done = put_back(p, "f1")
    assert [s["why"] for s in looked["stays"]] == ["Royal death (f2) still holds it"]
    assert done["put_back"] == 1
    assert truth(p, "site")["state"] == "scheduled"
    assert truth(p, "page")["publish_at"] > "2022-09-20"
    p.json("sync", "--enforce")
    assert truth(p, "site")["state"] == "scheduled"
    p.freeze("end", "f2")
    _, rest = put_back(p, "f2")
    assert rest["put_back"] == 1
    assert truth(p, "page")["publish_at"] == "2022-09-12T09:00:00Z"


def test_a_provisional_end_that_passes_ends_nothing_and_asks(practice: Making) -> None:
    p = hamlet(
        practice,
        THURSDAY,
        {**SITE, "at": at("2022-09-19T12:00"), "text": "inside"},
        {**SITE, "at": at("2022-09-20T00:30"), "text": "after midnight"},
        {**PAGE, "at": at("2022-09-21T15:00"), "text": "two days on"},
    )
    p.json("declare", "menai-bridge", "--yes")
    p.clock(at("2022-09-19T09:00"))
    p.json("sync", "--enforce")
    p.clock(at("2022-09-20T16:00"))
    p.json("sync", "--enforce")
    p.clock(at("2022-09-21T16:00"))
    assert [x["text"] for x in p.posts(state="published")] == []
    told = p.freeze("status")
    assert told.code == 3
    assert "ITS END IS OVERDUE" in told.out
    assert show(p)["standing"] == "end overdue"
    refused = p.freeze("put-back", "f1")
    assert refused.code == 4
    longer = p.json("extend", "f1", "--until", "2022-09-25")
    assert (longer["id"], longer["standing"]) == ("f1", "active")
    assert longer["windows"][-1]["end"] == "2022-09-25T23:00:00+00:00"
    assert [f["id"] for f in p.json("list")["freezes"]] == ["f1"]
    assert p.freeze("end", "f1").code == 0
    too_late = p.freeze("extend", "f1", "--until", "2022-09-30")
    assert too_late.code == 4
    assert "an ended pause cannot be changed" in too_late.err
    assert show(p)["windows"] == longer["windows"]


def test_a_funeral_in_the_wrong_year_is_refused_and_changes_nothing(practice: Making) -> None:
    p = hamlet(practice, THURSDAY, {**SITE, "at": at("2022-09-12T10:00"), "text": "site"})
    before = p.json("declare", "menai-bridge", "--yes")["windows"]
    for day in ("2023-09-19", "2021-09-19", "2202-09-19"):
        refused = p.freeze("resolve-end", "f1", "--funeral", day)
        assert refused.code == 2, day
        assert len(refused.err.strip().splitlines()) == 1
    assert show(p)["windows"] == before
    assert show(p)["provisional_end"]


def test_undone_after_four_minutes_every_post_returns_to_exactly_its_own_time(practice: Making) -> None:
    p = hamlet(
        practice,
        THURSDAY,
        {**SITE, "at": at("2022-09-08T18:42"), "text": "came due meanwhile"},
        {**SITE, "at": at("2022-09-08T21:00"), "text": "site tonight"},
        {**PAGE, "at": at("2022-09-08T21:00"), "text": "page tonight"},
        {**OTHER_PAGE, "at": at("2022-09-13T07:05"), "text": "other page"},
    )
    before = {x["text"]: (x["publish_at"], x["title"], x["media"]) for x in p.posts()}
    p.json("declare", "menai-bridge", "--yes")
    p.clock(at("2022-09-08T18:44"))
    undone = p.freeze("undo", "f1")
    assert undone.code == 0
    assert show(p)["standing"] == "ended (by mistake)"
    looked, done = put_back(p)
    assert done["put_back"] == 3
    assert [s["why"] for s in looked["stays"]] == ["its time has passed; decide what happens to it"]
    assert done["exit"] == 1
    after = {x["text"]: (x["publish_at"], x["title"], x["media"]) for x in p.posts(state="scheduled")}
    assert after == {k: v for k, v in before.items() if k != "came due meanwhile"}
    assert truth(p, "came due meanwhile")["state"] == "draft"


def test_a_pause_of_next_week_holds_nothing_until_its_lead(practice: Making) -> None:
    p = hamlet(
        practice,
        THURSDAY,
        {**SITE, "at": at("2022-09-10T10:00"), "text": "this week"},
        {**SITE, "at": at("2022-09-15T10:00"), "text": "next week"},
    )
    declared = p.json("declare", "royal-death", "--from", "2022-09-15T09:00", "--until", "2022-09-16", "--yes")
    assert (declared["standing"], declared["posts"], declared["exit"]) == ("pending", [], 0)
    p.clock(at("2022-09-14T08:55"))
    assert p.json("sync", "--enforce")["freezes"][0]["posts"] == []
    assert truth(p, "next week")["state"] == "scheduled"
    assert truth(p, "this week")["state"] == "published"
    p.clock(at("2022-09-14T09:05"))
    [freeze] = p.json("sync", "--enforce")["freezes"]
    assert stands(freeze) == {"next week": "confirmed"}
    assert freeze["went_out"] == []
    assert truth(p, "next week")["state"] == "draft"


def test_a_pause_undone_in_error_is_declared_anew_and_takes_over_what_is_held(practice: Making) -> None:
    p = hamlet(practice, THURSDAY, {**SITE, "at": at("2022-09-12T10:00"), "text": "site"})
    p.json("declare", "menai-bridge", "--yes")
    p.freeze("undo", "f1")
    again = p.json("declare", "menai-bridge", "--yes")
    assert (again["id"], again["new"], again["exit"]) == ("f2", True, 0)
    assert stands(again) == {"site": "confirmed"}
    looked, done = put_back(p, "f1")
    assert (looked["returns"], done["put_back"]) == ([], 0)
    assert truth(p, "site")["state"] == "draft"
    p.clock(at("2022-09-12T10:01"))
    assert p.posts(state="published") == []
    p.freeze("end", "f2")
    p.freeze("decide", ref(p, "site"), "--at", "2022-09-12T15:00")
    assert put_back(p, "f2")[1]["put_back"] == 1
    assert truth(p, "site")["publish_at"] == "2022-09-12T14:00:00Z"


def test_declaring_again_is_one_pause_and_other_dates_are_refused(practice: Making) -> None:
    p = hamlet(practice, THURSDAY, {**SITE, "at": at("2022-09-12T10:00"), "text": "site"})
    p.json("declare", "menai-bridge", "--yes")
    new = schedule(p, **SITE, at=at("2022-09-13T10:00"), text="scheduled since")
    again = p.json("declare", "london-bridge", "--yes")
    assert (again["id"], again["new"]) == ("f1", False)
    assert stands(again) == {"site": "confirmed", "scheduled since": "confirmed"}
    assert new in {x["native_id"] for x in again["posts"]}
    other = p.freeze("declare", "menai-bridge", "--days", "3", "--yes")
    assert other.code == 4
    assert "freeze extend f1" in other.err
    assert len(p.json("list")["freezes"]) == 1


def test_a_silence_of_two_minutes_holds_its_own_two_minutes_only(practice: Making) -> None:
    p = hamlet(
        practice,
        at("2022-11-11T08:00"),
        *({**SITE, "at": at(f"2022-11-11T{t}"), "text": t} for t in ("10:59:59", "11:00:00", "11:01:59", "11:02:00")),
    )
    span = ("--from", "2022-11-11T11:00", "--until", "2022-11-11T11:02")
    done = p.json("declare", "royal-death", *span, "--yes")
    assert set(stands(done)) == {"11:00:00", "11:01:59"}
    p.clock(at("2022-11-11T11:02") + timedelta(seconds=1))
    assert {x["text"] for x in p.posts(state="published")} == {"10:59:59", "11:02:00"}
