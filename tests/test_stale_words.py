"""Words that went stale while a post was held: what is pointed out, and what is left alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from practising import at

from freeze.texts.stale_words import stale_words

MEANT = at("2022-09-10T10:00")  # a Saturday
GOES = at("2022-09-20T11:00")  # a Tuesday, ten days later


def words(text: str, meant: datetime | None = MEANT, goes: datetime = GOES) -> list[str]:
    return [s.words for s in stale_words(text, meant, goes)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The recycling centre in Netherby is closed tomorrow.", ["tomorrow"]),
        ("Tomorrow's bin collections are a day late.", ["Tomorrow"]),
        ("Today is World Suicide Prevention Day.", ["Today"]),
        ("TODAY: free craft session at Saltmarket library", ["TODAY"]),
        ("Join us today for the opening of the new library.", ["today"]),
        ("Full council meets tonight.", ["tonight"]),
        ("Crews attended a fire in Saltmarket last night.", ["last night"]),
        ("Thank you to everyone who came yesterday!", ["yesterday"]),
        ("This morning our archivists opened the time capsule.", ["This morning"]),
        ("The A999 reopens later this afternoon.", ["later this afternoon"]),
        ("What's on this week in your country parks", ["this week"]),
        ("Resurfacing starts next week on the B1234.", ["next week"]),
        ("Looking for something to do this weekend?", ["this weekend"]),
        ("Great fun for all the family at the weekend.", ["at the weekend"]),
        ("Family fun day on Saturday at Bramble Park.", ["on Saturday"]),
        ("See you Saturday!", ["Saturday"]),
        ("Offer ends Friday.", ["Friday"]),
        ("Applications close on Monday.", ["on Monday"]),
        ("Road closed until Thursday for works.", ["until Thursday"]),
        ("Next Tuesday we open the doors.", ["Next Tuesday"]),
        ("Last Friday we planted 200 trees.", ["Last Friday"]),
        ("Rhyme time Sat 10am, Netherby library", ["Sat"]),
        ("#ThrowbackThursday no, but a throwback Thursday picture", ["Thursday"]),
        ("The consultation closes on 15 September.", ["15 September"]),
        ("The consultation closes on 15th September 2022.", ["15th September 2022"]),
        ("Apply by September 15.", ["September 15"]),
        ("Apply by Sept 15th", ["Sept 15th"]),
        ("Join us on Saturday 17 September at 2pm.", ["17 September"]),
        ("Join us on Sat 17th Sept, 2pm", ["17th Sept"]),
        ("Deadline: 16/09/2022", ["16/09/2022"]),
        ("Deadline 16.09.22 for all entries", ["16.09.22"]),
        ("Apply by 16/9", ["by 16/9"]),
        ("Half marathon 2022-09-18", ["2022-09-18"]),
        ("Register before the 14th to take part.", ["before the 14th"]),
        ("The 12th of September is your last day to register to vote.", ["12th of September", "last day"]),
        ("Only 3 days left to have your say!", ["Only 3 days left"]),
        ("Just two weeks to go until the county show", ["Just two weeks to go"]),
        ("5 days to go!", ["5 days to go"]),
        ("The library opens in 3 days.", ["in 3 days"]),
        ("Four more sleeps until the lantern parade", ["Four more sleeps until"]),
        ("Last chance to apply for a school place.", ["Last chance"]),
        ("Final week of the exhibition", ["Final week"]),
        ("It's the last day of the summer reading challenge", ["last day"]),
        ("Voting closes soon", ["closes soon"]),
        ("Storytime starts at 10.30am.", ["10.30am"]),
        ("The A998 is closed until 3pm.", ["3pm"]),
        ("Live Q&A at 18:30 with the fire service", ["18:30"]),
        ("Drop in until noon", ["noon"]),
        ("Doors 7 pm, show 8pm", ["7 pm", "8pm"]),
        ("Road closed tomorrow from 8am", ["tomorrow"]),
        ("Kids eat free until the 18th", ["until the 18th"]),
        ("An hour left to vote: 24 hours left for postal votes", ["An hour left", "24 hours left"]),
    ],
)
def test_words_that_went_stale_are_pointed_out(text: str, found: list[str]) -> None:
    assert words(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Foster with us. Every child deserves a safe home.",
        "Apply today for our winter apprenticeships.",
        "Sign up today at your library.",
        "Get in touch today to find out more about adult learning.",
        "In today's world, being online matters.",
        "Building a greener tomorrow for Anyshire",
        "Meet the engineers of tomorrow",
        "Libraries are open Monday to Friday, 9am to 5pm.",
        "Open Mon-Fri 10am - 4pm and Sat 10am - 1pm every week",
        "Baby rhyme time every Tuesday at 10.30am",
        "Chess club meets on Thursdays at 6pm.",
        "Our phone lines are open daily from 8am.",
        "Emergency social care: 24/7 on 01632 960000",
        "Join us on Saturday 24 September at 2pm.",
        "The consultation closes on 30 September at 5pm.",
        "Apply by 31/10/2022.",
        "Nominations close on 5 November 2022",
        "School places for September 2023: apply by 31 October",
        "The library was opened on 2 May 1924.",
        "Since 1 April we have filled 12,000 potholes.",
        "As we told you on 8 September, the works go on.",
        "You may 2 or 3 times a year be asked for proof.",
        "Up to 20 may attend each session.",
        "They march 12 miles for charity",
        "We sat 3 exams",
        "Sun cream on! Wear a hat in the sun",
        "Did you know? Netherby has 24 libraries and 7 museums.",
        "Pay 50p a day, or 1.30 an hour",
        "Fans of Sheffield Wednesday can now borrow the book",
        "Try our Sunday roast at Clover cafe",
        "We recycle 4/5 of all bottles",
        "The 20th century in pictures: a new collection online",
        "The 150th anniversary of the county council",
        "Winter gritting runs from October to April.",
        "In November the clocks are back and evenings are dark.",
        "This year we opened three new parks.",
        "Read at least 6 books over the holidays",
        "Nights are drawing in: check your smoke alarm.",
        "Call 01632 960 130 if you see a pothole",
        "Be kind on Halloween",
    ],
)
def test_words_that_are_still_right_are_left_alone(text: str) -> None:
    assert words(text) == []


@pytest.mark.parametrize(
    ("text", "meant", "goes", "found"),
    [
        (
            "On Saturday at Bramble Park",
            "2022-09-08T10:00",
            "2022-09-09T10:00",
            [],
        ),  # the same Saturday still lies ahead
        ("On Saturday at Bramble Park", "2022-09-08T10:00", "2022-09-10T09:00", []),
        ("On Saturday at Bramble Park", "2022-09-08T10:00", "2022-09-11T09:00", ["On Saturday"]),
        ("Closed tomorrow", "2022-09-08T10:00", "2022-09-08T16:00", []),
        ("Closed tomorrow", "2022-09-08T10:00", "2022-09-09T09:00", ["tomorrow"]),
        ("Closed today until 3pm", "2022-09-08T10:00", "2022-09-08T16:00", ["3pm"]),
        ("Closed until 3pm", "2022-09-08T10:00", "2022-09-08T14:00", []),
        ("What's on this week", "2022-09-05T10:00", "2022-09-08T10:00", []),
        ("What's on this week", "2022-09-08T10:00", "2022-09-12T10:00", ["this week"]),
        ("Things to do this weekend", "2022-09-08T10:00", "2022-09-10T10:00", []),
        ("Things to do this weekend", "2022-09-10T10:00", "2022-09-12T10:00", ["this weekend"]),
        ("All September long", "2022-09-10T10:00", "2022-10-03T10:00", ["All September"]),
        ("All September long", "2022-09-10T10:00", "2022-09-28T10:00", []),
        ("Our Christmas Eve opening times", "2022-12-20T10:00", "2023-01-03T10:00", ["Christmas Eve"]),
        ("Happy New Year's Day", "2022-12-31T10:00", "2023-01-03T10:00", ["New Year's Day"]),
        ("Apply by 15 January", "2022-12-20T10:00", "2023-01-03T10:00", []),
        ("Apply by 1 January", "2022-12-20T10:00", "2023-01-03T10:00", ["1 January"]),
        ("What a night, 29 February", "2022-09-10T10:00", "2022-09-20T10:00", []),
        ("See you on the 31st", "2022-09-10T10:00", "2022-11-03T10:00", ["on the 31st"]),
        ("Next month we start", "2022-09-10T10:00", "2022-10-01T10:00", ["Next month"]),
        ("Closed tomorrow", "2022-09-10T23:30", "2022-09-11T00:30", ["tomorrow"]),
    ],
)
def test_what_counts_is_the_day_it_was_meant_for_and_the_day_it_goes_out(
    text: str, meant: str, goes: str, found: list[str]
) -> None:
    assert words(text, at(meant), at(goes)) == found


def test_a_post_that_keeps_its_time_is_never_flagged() -> None:
    text = "Tomorrow, tonight, on Saturday, at 3pm, 1 September, only 3 days left"
    assert words(text, MEANT, MEANT) == []


def test_a_post_without_a_time_is_flagged_for_every_word_about_a_day() -> None:
    assert words("Closed tomorrow and on Friday", None) == ["tomorrow", "on Friday"]


def test_each_flag_says_why() -> None:
    [tomorrow] = stale_words("Closed tomorrow", MEANT, GOES)
    assert tomorrow.why == "it was written for Saturday 10 September 2022"
    [closes] = stale_words("Closes on 15 September", MEANT, GOES)
    assert closes.why == "Thursday 15 September 2022 has passed"
    [friday] = stale_words("Offer ends Friday", MEANT, GOES)
    assert friday.why == "it meant Friday 16 September 2022"


def test_no_text_makes_it_fail_or_hang() -> None:
    for text in (
        "",
        "\x00",
        "99/99/2022",
        "31 February",
        "00:99",
        "9" * 5000,
        "sat " * 3000,
        "1 " * 3000,
        "Mon-" * 2000,
    ):
        stale_words(text, MEANT, GOES + timedelta(days=400))
