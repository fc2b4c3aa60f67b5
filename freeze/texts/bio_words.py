"""A bio cut into the words that matter for its hours: days, times, and what the hours are said of. Pure.

Only English is read. Every pattern is bounded, so that a text of any length takes time in proportion to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from freeze.posts import plain_letters
from freeze.texts.bio_times import ALL_DAYS, DAY, EXACT, WEEKEND, WORKING_WEEK, Span, Time, span_of, time_of


class Is(StrEnum):
    """What a word, or a few together, is."""

    DAYS = "days"
    SPAN = "span"
    TIME = "time"  # a single one, which may be the end of a day
    ALWAYS = "always"
    BUT = "but"  # except, not on
    CLOSED = "closed"
    WATCH = "watch"  # says outright that somebody looks: monitored, replies
    SOFT = "soft"  # hours near it are for messages: tweets, DMs, here
    NOT_WATCHED = "not watched"
    NOT_ALWAYS = "not always"
    OUTSIDE = "outside"
    OFFICE_HOURS = "office hours"
    OTHER = "other"  # hours near it are for doors or telephones
    PLACE = "place"  # a place, an event, a service with hours of its own
    FILLER = "filler"
    COMMA = "comma"
    SEMICOLON = "semicolon"
    COLON = "colon"
    TURN = "turn"  # a bracket, a dash, "but"
    LINE = "line"
    STOP = "stop"
    WORD = "word"


CUES = frozenset({Is.WATCH, Is.SOFT, Is.NOT_WATCHED, Is.NOT_ALWAYS, Is.OUTSIDE, Is.OTHER, Is.PLACE})


@dataclass(frozen=True, slots=True)
class Token:
    """One of them. `plain`: a span such as "9-5", which could also be a score; `many`: more than one single day."""

    kind: Is
    text: str
    days: frozenset[int] = frozenset()
    span: Span | None = None
    time: Time | None = None
    plain: bool = False
    many: bool = False


_WATCHING = r"(?:monitor[a-z]{0,6}|staffed|manned|attended|repl(?:y|ies|ied|ying)|respond(?:s|ed|ing)?|answer(?:ed|s)?)"
_NAMED = (
    r"(?:mon(?:days?)?|tue(?:s(?:days?)?)?|wed(?:s|nesdays?)?|thu(?:rs?(?:days?)?)?|fri(?:days?)?"
    r"|sat(?:urdays?)?|sun(?:days?)?)"
)
_SHORT = r"(?:mo|tu|we|th|fr|sa|su|m|f)"
_JOINED = r"(?:-|to(?![a-z])|thru|through|till?|until)"
_DOT = rf"(?:\.(?= ?(?:[-\d,&/(]|{_JOINED}|and\b)))?"
_ALL_HOURS = (
    r"(?:24 ?/ ?7(?: ?/ ?365)?|24 ?-?(?:hours?|hrs?|h)(?: (?:a|per|every) day)?(?:,? ?(?:7|seven) days"
    r"(?: (?:a|per) week)?)?|(?:a)?round[ -]the[ -]clock|at all (?:times|hours)|day and night)"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may(?! vary| be| not| change| differ)|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])"
)
_NOT_TIMES = (
    rf"(?!\d|[.:]\d|/\d| ?%|(?:st|nd|rd|th|s|m|k|km)(?![a-z])| ?(?:yrs?|years?|yos?|months?|weeks?"
    rf"|days|miles?|min(?:ute)?s?|thousand|million|people|points?)(?![a-z])| {_MONTH})"
)
_SOME_DAY = r"(?:week|bank|public|b/h|mon|tue|wed|thu|fri|sat|sun)"
_NO = r"(?:not|never|cannot|isn't|aren't|don't|doesn't|can't|won't|isnt|arent|dont|unable to)"
_EMERGENCY = r"(?:999|101|111|112|105|119)(?!\d)"

_ANYWHERE = (
    ("turn", r"[()\[\]]| - (?!\d)"),
    ("stop", r"[.!?](?=\s|$)"),
    ("line", r"[\n|•·▪►●]"),
    (
        "phone",
        r"(?<!\d)(?!\d{4}(?:hrs?|h)? ?(?:-|to) ?\d{4})(?:\+44 ?\(?0?\)?|\(?0)(?:[ ()-]{0,2}\d){9,10}(?!\d)|[☎📞📱]",
    ),
    ("comma", r","),
    ("semicolon", r";"),
    ("colon", r":"),
)
_WORDS = (
    ("emergency", rf"(?:(?:call|dial|ring|phone|contact|text) )?{_EMERGENCY}(?!-| to )"),
    (
        "duration",
        (
            r"(?:within|under|least|next|every|after|in|up to) (?:\d{1,3}|an?|one|two|three|five|ten|few)"
            r"(?: ?(?:-|to|or) ?\d{1,3})? ?(?:working |business )?(?:h(?:ou)?rs?|days?|min(?:ute)?s?|weeks?)(?![a-z])"
        ),
    ),
    ("some_days", r"(?:[1-6]|two|three|four|five|six) days (?:a|per) week|(?:most|some|other) (?:week)?days"),
    ("not_always", rf"{_NO} (?:[a-z]{{1,12}} ){{0,3}}?{_ALL_HOURS}"),
    (
        "not_outside",
        (
            rf"{_NO} (?:[a-z]{{1,12}} ){{0,2}}?{_WATCHING} (?:[a-z]{{1,12}} ){{0,2}}?outside(?: of)?"
            r"(?: our| the| normal)? (?:office|working|business) hours"
        ),
    ),
    (
        "not_watched",
        rf"{_NO} (?:[a-z]{{1,12}} ){{0,2}}?{_WATCHING}(?![a-z])|un-?(?:monitored|staffed|manned)",
    ),
    (
        "out_of_hours",
        r"(?:out of|outside(?: of)?) (?:these |those |our |office |working |normal |business )?hours",
    ),
    ("outside", r"outside(?: of)?(?![a-z])"),
    (
        "office_hours",
        (
            r"(?:in |during )?(?:our |the |normal |usual |standard |regular )?(?:office|working|business|work)"
            r" (?:hours|hrs)"
            r"|during the (?:working )?day"
        ),
    ),
    ("closed", rf"closed(?= (?:on |at |over )?(?:all )?(?!bank|public|b/h){_SOME_DAY})"),
    (
        "but",
        (
            r"(?:except(?: for| on)?|excl(?:uding|udes?)?\.?|apart from|other than"
            r"|closed(?= (?:on |at |over )?(?:bank|public|b/h)))(?![a-z])"
            rf"|(?:but )?not (?:on |at |over |in |incl(?:uding|\.)? )?(?={_SOME_DAY})"
        ),
    ),
    ("holidays", r"(?:bank|public) hol(?:iday)?s?|christmas(?: day| eve)?|easter(?: monday)?|good friday|boxing day"),
    ("always", rf"{_ALL_HOURS}(?![a-z\d])"),
    ("working_days", r"(?:week-? ?days?|(?:working|business) days?|working week)(?![a-z])"),
    ("weekend", r"week-? ?ends?(?![a-z])"),
    ("every_day", r"(?:every ?day|daily|(?:7|seven) days(?: (?:a|per) week| ?/ ?(?:week|wk))?)(?![a-z])"),
    ("day_range", rf"(?P<d1>{_NAMED}){_DOT} ?{_JOINED} ?(?P<d2>{_NAMED})(?![a-z]){_DOT}"),
    ("short_range", rf"(?P<s1>{_SHORT}) ?- ?(?P<s2>{_SHORT})(?![a-z])"),
    ("one_day", rf"(?P<d>{_NAMED})(?![a-z]){_DOT}"),
    (
        "numbered",
        (
            r"(?:ages?|aged|under|over|years?|phase|key stage|ks|score|page|part|ward|flat|unit|nos?\.?|house|[£$€])"
            r" ?\d{1,9}(?: ?(?:-|to) ?\d{1,9})?"
        ),
    ),
    ("dated", rf"\d{{1,4}}(?P<mark>[./-])\d{{1,2}}(?P=mark)\d{{2,4}}(?!\d)|{_MONTH}(?: \d{{1,2}}(?!\d))?"),
    (
        "span",
        rf"(?P<t1>{EXACT}) ?(?:-|to|till?|'till?|until|thru|through|(?P<and>and)) ?(?P<t2>{EXACT}){_NOT_TIMES}",
    ),
    ("date", rf"\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}"),
    ("time", rf"(?P<till>(?:to|till?|until|'til) )?(?P<t3>{EXACT}){_NOT_TIMES}"),
    ("code", r"[a-z]{1,12}\d[\w/-]{0,20}"),
    (
        "messages_open",
        r"(?:dms?|messages|inbox|chat)(?: is| are)? open|open (?:to|for) (?:dms?|messages|questions|queries)",
    ),
    (
        "elsewhere",
        (
            r"open(?:s|ing|ed)? ?(?:hours|times)?(?![a-z])|answer(?:ing|s)? (?:the |your |our )?(?:phones?|calls?)"
            r"|respond(?:s|ing)? to (?:emergenc|incident|fire|call|999)[a-z]{0,4}|emergency response"
            r"|help ?-?lines?|hot ?lines?|phone ?lines?|free ?phone"
        ),
    ),
    (
        "near",
        (
            r"social media|looked after|on (?:duty|hand|shift)|in the office"
            r"|(?:we're|we are) (?:here|online|in)(?![a-z])|here to help|direct messages?"
        ),
    ),
    ("watching", rf"{_WATCHING}(?![a-z])"),
    ("word", r"[^\W\d_]+(?:'[a-z]{1,3})?|\d+"),
)
_SCAN = re.compile(
    "|".join(
        [
            *(f"(?P<{name}>{p})" for name, p in _ANYWHERE),
            "(?:(?<![a-z0-9])|(?<=[a-z])(?=[0-9]))(?:" + "|".join(f"(?P<{name}>{p})" for name, p in _WORDS) + ")",
        ]
    )
)
_ADDRESS = re.compile(
    r"(?:https?:|www\.|[@#]|[^@]{1,64}@)|.{0,200}[a-z0-9]\.(?:uk|org|com|net|example|wales|scot)(?![a-z])"
)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SOFT = _set(
    "tweet tweets tweeting dm dms message messages messaging inbox chat comments comment here available checked "
    "moderated read questions queries posts working"
)
_OTHER = _set("visit call calls calling ring phone phones phoned telephone tel fax lines freephone")
_PLACE = _set(
    "library libraries museum gallery archive archives centre centres center hub park parks theatre café cafe shop "
    "pool gym market markets church hall room office offices reception counter school schools patrol patrols "
    "collection collections bus buses train trains service services event events storytime club clubs class classes "
    "session sessions drop course courses workshop workshops tour tours exhibition appointments appointment surgery "
    "meeting meetings meets parking road roads closed closure works roadworks score votes court podcast radio streamed "
    "delivery crossing site tip recycling"
)
_FILLER = _set(
    "from between on at and of the only each every all in during hours hrs hour is are usually normally approx both "
    "inclusive inc incl then plus or with term time uk gmt bst local times days s a"
)
SAYING = _set(
    "this account page profile channel feed is it we we're us you are be will our your by team to aim try always "
    "typically normally please not within"
)
"""Words of a sentence about monitoring that nobody misses."""
_KINDS = {
    "turn": Is.TURN,
    "stop": Is.STOP,
    "line": Is.LINE,
    "comma": Is.COMMA,
    "semicolon": Is.SEMICOLON,
    "colon": Is.COLON,
    "phone": Is.OTHER,
    "elsewhere": Is.OTHER,
    "not_always": Is.NOT_ALWAYS,
    "not_outside": Is.NOT_ALWAYS,
    "not_watched": Is.NOT_WATCHED,
    "outside": Is.OUTSIDE,
    "office_hours": Is.OFFICE_HOURS,
    "but": Is.BUT,
    "closed": Is.CLOSED,
    "always": Is.ALWAYS,
    "messages_open": Is.SOFT,
    "near": Is.SOFT,
    "watching": Is.WATCH,
    "holidays": Is.FILLER,
    "some_days": Is.WORD,
}
_DAYS = {"working_days": WORKING_WEEK, "weekend": WEEKEND, "every_day": ALL_DAYS}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-") | {ord("’"): "'", ord("‘"): "'"}


def levelled(text: str) -> str:
    """A text in small letters, with look-alike characters, dashes, spaces and invisible marks made plain."""
    plain = plain_letters(text).translate(_DASHES).lower()
    if not plain.isascii():
        plain = "".join(c for c in plain if unicodedata.category(c) != "Cf" and c != "\ufe0f")
    lines = (" ".join(map(_without_address, line.split())) for line in plain.splitlines())
    return "\n".join(line for line in lines if line)


def _without_address(word: str) -> str:
    """Nothing but its last mark for an address, a handle or a hashtag, whose digits are no times."""
    return (word[-1] if word[-1] in ".!?,;|" else "") if _ADDRESS.match(word) else word


def tokens(text: str) -> Iterator[Token]:
    """The words of a levelled text, in order; what says nothing about hours is a `WORD`."""
    for found in _SCAN.finditer(text):
        name = next(n for n in _NAMES if found[n] is not None)
        words = found[0].strip()
        if name in _DAYS:
            yield Token(Is.DAYS, words, _DAYS[name], many=name != "every_day")
        elif name in ("day_range", "short_range"):
            first, last = (found["d1"], found["d2"]) if name == "day_range" else (found["s1"], found["s2"])
            yield Token(Is.DAYS, words, _between(_day(first), _day(last)), many=True)
        elif name == "one_day":
            yield Token(Is.DAYS, words, frozenset({_day(found["d"])}))
        elif name == "always":
            yield Token(Is.ALWAYS, words, ALL_DAYS, (0, DAY))
        elif name == "span":
            yield _span(found, words)
        elif name == "time":
            at = time_of(found["t3"])
            usable = at is not None and (not at.plain or found["till"] or ":" in found["t3"] or "." in found["t3"])
            yield Token(Is.TIME if usable else Is.WORD, words, time=at)
        elif name == "word":
            yield Token(_of_word(words), words)
        else:
            yield Token(_KINDS.get(name, Is.WORD), words)


_NAMES = tuple(name for name, _ in (*_ANYWHERE, *_WORDS))


def _span(found: re.Match[str], words: str) -> Token:
    first, last = time_of(found["t1"]), time_of(found["t2"])
    if first is None or last is None:
        return Token(Is.WORD, words)
    before = found.string[max(0, found.start() - 21) : found.start()]
    if found["and"] and not before.endswith(("between ", "between the hours of ")):
        return Token(Is.WORD, words)  # "10am and 4pm" are two moments
    return Token(Is.SPAN, words, span=span_of(first, last), plain=first.plain and last.plain)


def _of_word(word: str) -> Is:
    for kind, known in ((Is.FILLER, _FILLER), (Is.SOFT, _SOFT), (Is.OTHER, _OTHER), (Is.PLACE, _PLACE)):
        if word in known:
            return kind
    return Is.TURN if word == "but" else Is.WORD


def _day(word: str) -> int:
    return next(i for i, name in enumerate(("m", "tu", "w", "th", "f", "sa", "su")) if word.startswith(name))


def _between(first: int, last: int) -> frozenset[int]:
    """The days from one to another, over the weekend where need be."""
    return frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
