"""The patterns that find words about days and hours in a post. English; what they mean is worked out elsewhere."""

from __future__ import annotations

import re

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FEASTS = {
    "new years day": (1, 1),
    "valentines day": (2, 14),
    "st georges day": (4, 23),
    "halloween": (10, 31),
    "bonfire night": (11, 5),
    "armistice day": (11, 11),
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "boxing day": (12, 26),
    "new years eve": (12, 31),
}
"""Days that have a name and a date, without apostrophes: month and day."""

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
SHORT = r"(?:Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun)"
_TH = r"(?:st|nd|rd|th)"
_NUMBER = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a|an)"
_BOUND = r"(?:on|by|until|till|til|before|after|from|closes|closing|ends|ending|deadline|deadline:|starts|starting)"


def _any(*ways: str) -> re.Pattern[str]:
    return re.compile("|".join(ways), re.IGNORECASE)


# Months and short weekdays are found only with their capital: "you may", "we march", "we sat" are no dates.
MONTH_DAY = re.compile(
    rf"\b(?P<d>\d{{1,2}}){_TH}?(?: of)? (?P<m>{_MONTH})\b\.?(?:,? (?P<y>20\d\d))?"
    rf"|\b(?P<m2>{_MONTH})\.? (?P<d2>\d{{1,2}}){_TH}?\b(?!:)(?:,? (?P<y2>20\d\d))?"
)
NUMERIC = _any(
    r"\b(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b",
    r"\b(?P<d2>\d{1,2})[/.](?P<m2>\d{1,2})[/.](?P<y2>(?:20)?\d\d)\b",
    rf"\b{_BOUND} (?P<d3>\d{{1,2}})/(?P<m3>\d{{1,2}})\b(?!/)",
)
ONLY_DAY = _any(
    rf"\b(?:{_BOUND}|the) (?:the )?(?P<d>\d{{1,2}}){_TH}\b"
    rf"(?! (?:of|{_MONTH}|\w{0, 20}(?:century|birthday|anniversary|edition|annual|year|floor|time|place)))"
)
IN_MONTH = re.compile(
    r"\b(?:[Tt]his|[Ii]n|[Dd]uring|[Tt]hroughout|[Uu]ntil|[Tt]ill|[Aa]ll|[Bb]y|(?:[Ee]nd|[Ss]tart) of|[Ll]ate|[Ee]arly)"
    rf" (?P<m>{_MONTH})\b(?! \d)(?! 20\d\d)"
)
FEAST = _any(r"\b(?:" + "|".join(f.replace("s ", "['’]?s ") for f in FEASTS) + r")\b")
WEEKDAY = re.compile(
    r"(?P<lead>\b(?:[Ll]ast|[Nn]ext|[Ee]very|[Ee]ach|[Tt]his|[Oo]n|[Uu]ntil|[Tt]ill|[Bb]y|[Bb]efore) )?"
    rf"\b(?:(?i:(?P<day>{DAY}))|(?P<short>{SHORT}))\b(?P<tail>s\b|'s\b|’s\b)?"
)
RECURRING = _any(
    rf"\b(?:{DAY}|{SHORT}) ?(?:to|-|–|—) ?(?:{DAY}|{SHORT})\b",
    rf"\b(?:{DAY})s\b|\bweekdays\b|\bweekends\b",
    rf"\b(?:every|each|most) (?:day|week|month|night|morning|evening|other|weekday|{DAY})\b",
    r"\bdaily\b|\bweekly\b|\bmonthly\b|\bopening (?:times|hours)\b|\b24/7\b|\boffice hours\b",
)
"""What happens again and again is right on any day."""

CALL = _any(
    r"\b(?:apply|sign up|register|subscribe|enrol|download|switch|order|order (?:yours|one|online)|get in touch"
    r"|contact us|claim|volunteer|donate|nominate|join|join the \w{1,40}|find out more|visit our website|get yours"
    r"|get started|foster|start|enquire|call(?: us)?|book|book (?:yours|online|now)|talk to us|renew|recycle)"
    r"(?: now or)? today\b"
)
"""An appeal: "apply today" is right on any day."""

EMPTY = _any(
    r"\btoday['’]s (?:world|society|economy|generation)",
    r"\b(?:better|greener|brighter|stronger|cleaner|safer|fairer) tomorrow\b|\b\w{1,40}s of tomorrow\b",
    r"\btomorrow['’]s (?:world|leaders|generations?|workforce|engineers)",
    r"\bsheffield wednesday\b|\bsunday (?:roast|lunch|league|school|best|times|mirror)\b|\bthe sun\b",
)
RELATIVE = _any(
    r"\b(?P<day>today|tonight|tomorrow|tmrw|yesterday|last night|day after tomorrow"
    r"|(?:later )?(?:this|last) (?:morning|afternoon|evening))\b",
    r"\b(?P<week>(?:this|next|last|coming) week(?:end)?|(?:the|at the|over the) weekend|bank holiday weekend)\b(?!s)",
    r"\b(?P<month>(?:this|next|last) month)\b",
    r"\b(?P<year>(?:this|next|last) year)\b",
)
COUNTDOWN = _any(
    rf"\b(?:(?:only|just) )?{_NUMBER} (?:more )?(?:day|week|hour|sleep|month)s?"
    r" (?:left|to go|remaining|until|till|away|ago)\b",
    rf"\bin (?:just )?{_NUMBER} (?:day|week|hour|minute)s?(?:['’] time)?\b(?! (?:or|and|of|a)\b)",
    rf"\b(?:{_NUMBER} )?more sleeps\b|\bdays? to go\b",
    r"\b(?:last|final) (?:few )?(?:day|days|chance|call|hours|week|weeks|reminder|tickets|places)\b",
    r"\b(?:ends|ending|closes|closing|starts|starting|begins|coming) (?:very )?soon\b",
)
NEEDS = {
    EMPTY: ("today", "tomorrow", "sheffield", "sunday", "the sun"),
    CALL: ("today",),
    RECURRING: (
        "day",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "weekend",
        "every",
        "each",
        "most",
        "daily",
        "weekly",
        "monthly",
        "opening",
        "24/7",
        "office",
    ),
    FEAST: tuple(f.split("s ")[0] for f in FEASTS),
    MONTH_DAY: tuple(m[:3] for m in MONTHS),
    IN_MONTH: tuple(m[:3] for m in MONTHS),
    ONLY_DAY: ("st", "nd", "rd", "th"),
    WEEKDAY: ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    RELATIVE: ("day", "night", "tomorrow", "tmrw", "morning", "noon", "evening", "week", "month", "year"),
    COUNTDOWN: ("left", "to go", "remaining", "until", "till", "away", "ago", "in ", "sleeps", "last", "final", "soon"),
}
"""Of each pattern words without one of which, in small letters, it finds nothing: looking for them takes no time."""
CLOCK = _any(
    r"(?<![\d.:£])(?P<t>(?:1[0-2]|0?[1-9])(?:[.:][0-5]\d)? ?(?:am|pm)\b"
    r"|(?:[01]?\d|2[0-3]):[0-5]\d\b|\bnoon\b|\bmidday\b|\bmidnight\b)"
)
