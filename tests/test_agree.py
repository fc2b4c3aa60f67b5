"""Agreements: recorded with who, for a post as it reads now or for a campaign, and lost by an edit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from conftest import Practice
from practising import PAGE, Making, at, hamlet, truth

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def village(practice: Making) -> Practice:
    return hamlet(
        practice,
        NOW,
        {**PAGE, "text": "News of the strike action", "at": at("2026-11-25T10:00")},
        {**PAGE, "text": "Open evening for foster carers", "at": at("2026-11-26T15:00")},
    )


def post(p: Practice, words: str) -> str:
    """The short id of the post with these words."""
    found = [x for x in p.json("check")["posts"] if words in x["text"]]
    assert len(found) == 1
    return str(found[0]["post"])


def policies(p: Practice) -> set[str]:
    return {f["policy"] for f in p.json("check")["findings"]}


def test_an_agreement_quiets_its_rule_until_somebody_edits_the_post(village: Practice) -> None:
    assert "sign-off" in policies(village)
    done = village.json("agree", post(village, "strike"), "--sign-off", "--by", "Head of Communications")
    assert done["exit"] == 0
    assert done["agreements"][0]["by"].startswith("Head of Communications (as stated), entered by ")
    village.freeze("agree", "p2", "--boost", "--by", "Head of Fostering", "--reference", "FC-1")
    assert "sign-off" not in policies(village)
    village.edit(
        platform="facebook", id=truth(village, "News of the strike action")["id"], text="More news of the strike action"
    )
    village.freeze("sync")
    assert "sign-off" in policies(village)
    listed = village.freeze("agree", "--list").out
    assert "lost: the post was changed" in listed
    assert "FC-1" in listed


def test_an_agreement_can_be_taken_back_and_the_log_keeps_both(village: Practice) -> None:
    ref = post(village, "strike")
    village.freeze("agree", ref, "--sign-off", "--by", "Jo")
    assert "sign-off" not in policies(village)
    assert village.freeze("agree", "--withdraw", "g1").code == 0
    assert "sign-off" in policies(village)
    assert "counts no longer" in village.freeze("agree", "--list").out
    log = village.freeze("log", "export", on_clock=False).out
    assert "agreement.recorded" in log
    assert "agreement.withdrawn" in log
    assert '"Jo' not in log
    assert village.freeze("log", "verify", on_clock=False).code == 0
    assert village.json("agree", ref, "--sign-off", "--by", "Jo")["agreements"][0]["id"] == "g2"


def test_a_bad_post_in_a_batch_is_named_and_the_others_are_recorded(village: Practice) -> None:
    ref = post(village, "strike")
    done = village.json("agree", ref, ref, "p99999", "x", "--sign-off", "--by", "Jo")
    assert done["exit"] == 2
    assert [a["posts"] for a in done["agreements"]] == [[ref]]
    assert done["wrong"] == ['There is no post "p99999".', 'There is no post "x".']


def test_a_campaign_is_agreed_by_its_tag(village: Practice) -> None:
    done = village.json("agree", "--campaign", "campaign:warm-homes", "--by", "Jo", "--until", "2027-03-31")
    (one,) = done["agreements"]
    assert (one["matter"], one["campaign"], one["until"], one["posts"]) == (
        "campaign",
        "campaign:warm-homes",
        "2027-03-31",
        [],
    )


WRONG = [
    ((), "Say what was agreed to"),
    (("p1",), "Say what was agreed to"),
    (("p1", "--boost", "--media", "--by", "Jo"), "Give exactly one"),
    (("--boost", "--by", "Jo", "--reference", "1"), "takes posts"),
    (("p1", "--campaign", "x", "--by", "Jo"), "takes a tag and no posts"),
    (("--campaign", " ", "--by", "Jo"), "needs the campaign's tag"),
    (("p1", "--sign-off"), "--by NAME"),
    (("p1", "--sign-off", "--by", " "), "--by NAME"),
    (("p1", "--boost", "--by", "Jo"), "budget code"),
    (("p1", "--media", "--by", "Jo"), "needs a reference"),
    (("p1", "--sign-off", "--by", "Jo", "--until", "2026-11-21"), "has passed"),
    (("p1", "--sign-off", "--by", "Jo", "--until", "soon"), "is not a date"),
    (("--list", "--withdraw", "g1"), "stand alone"),
    (("--withdraw", "g9"), 'There is no agreement "g9"'),
]


def test_what_is_missing_is_said_and_nothing_is_recorded(village: Practice) -> None:
    for args, said in WRONG:
        result = village.freeze("agree", *args)
        assert (result.code, said in result.err) == (2, True), (args, result.err)
    assert village.json("agree", "--list")["agreements"] == []


def test_only_communications_records_agreements(village: Practice) -> None:
    from freeze.council import whoami

    path = village.folder / "freeze.toml"
    people = f'\n[people.{whoami.user()}]\nname = "Ali Khan"\nrole = "service lead"\nservices = ["fostering"]\n'
    path.write_text(path.read_text() + people)
    result = village.freeze("agree", "--campaign", "x", "--by", "Ali")
    assert result.code == 4
    assert "Ali Khan (service lead) may not record an agreement" in result.err
    assert village.freeze("agree", "--list").code == 0
