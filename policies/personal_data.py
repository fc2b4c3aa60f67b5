"""Personal data: nothing that goes out shows a member of the public's, or asks for it where everybody can read it.

Clause 3.4: personal data of the public is never published, and never asked for in public. What is about to go out is
looked through for telephone numbers, email addresses, National Insurance, NHS, payment card, IBAN and bank account
numbers, and for house number, street and postcode together. The council's own contacts are no personal data: those
named here, and those that stand as a contact on the register. What was found is shown masked, as findings are kept.
If the post is out already, the next step is the Information Security form (2.10).

What is told to be nobody's own (our choice): numbers that begin with 03 or 08, which only organisations have; short
numbers such as 999, 101, 111 and 105; addresses at public bodies; role mailboxes such as "enquiries"; an address
beside the name of a public place, such as a library, or in a planning or licensing notice; but "14 Station Road" names
no station. Not looked for: names, dates of birth, house names.

Settings, all optional (`[policies.personal-data]`):

    phones = ["01632 960 100"]        # the council's own and its partners' numbers
    emails = ["museum@example.org"]   # the same for email addresses
    domains = ["gov.uk", "nhs.uk", "police.uk"]   # addresses there, and below, are a public body's
    mailboxes = ["enquiries", ...]    # the part before the @ that is a role and no person
    organisations = ["03", "08"]      # beginnings of numbers that only organisations have
    postcodes = ["AN1 2AB"]           # of the council's own premises
    places = ["library", ...]         # words beside an address that make it a public place's
    asking = true                     # also look for asking for personal data in comments
    form = "the Information Security form"
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Post, State
from policies._personal import Item, items, national
from policies._words import Mark, Phrase, about, named, read

ID = "personal-data"
TITLE = "Personal data"
CLAUSES = ("3.4", "2.10")

_SENTENCES = re.compile(r"[.!?\n]")
_ASKS = re.compile(
    r"(?<!\w)your (?:full |home |own |mobile |email |e-mail |phone |telephone |postal )?"
    r"(?:name|address|e-?mail|phone|telephone|mobile|number|postcode|date of birth|nhs number|national insurance)"
    r"(?!\w| (?:ideas?|suggestions?|choices?|one|plates?|librar(?:y|ies))(?!\w))",
    re.IGNORECASE,
)
_IN_PUBLIC = re.compile(r"(?<!\w)(?:comments?|reply|replies|replying|thread)(?!\w)", re.IGNORECASE)
_IN_PRIVATE = re.compile(r"(?<!\w)(?:private|privately|dm|dms|direct message|never|don't|do not)(?!\w)", re.IGNORECASE)


def _number(value: object) -> object:
    if isinstance(value, str) and len(re.sub(r"\D", "", value)) < 3:
        raise ValueError('give a telephone number, like "01632 960 100"')
    return value


def _postcode(value: object) -> object:
    bare = re.sub(r"\W", "", value).upper() if isinstance(value, str) else ""
    if not re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}", bare):
        raise ValueError('give a whole postcode, like "AN1 2AB"')
    return bare


Number = Annotated[str, BeforeValidator(_number)]
Postcode = Annotated[str, BeforeValidator(_postcode)]
Beginning = Annotated[str, Field(pattern=r"^0\d{1,5}$")]


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phones: tuple[Number, ...] = Field(
        default=(),
        description="the council's own numbers, and those of partners, that may be shown",
        json_schema_extra=about("telephone numbers", "3.4"),
    )
    emails: tuple[Mark, ...] = Field(
        default=(),
        description="email addresses that may be shown",
        json_schema_extra=about("email addresses", "3.4"),
    )
    domains: tuple[Mark, ...] = Field(
        default=("gov.uk", "nhs.uk", "police.uk"),
        description="where an email address, there or below, is a public body's",
        json_schema_extra=about("addresses", "3.4"),
    )
    mailboxes: tuple[Mark, ...] = Field(
        default=(
            "admin",
            "bookings",
            "box.office",
            "boxoffice",
            "clerk",
            "contact",
            "contactus",
            "customerservices",
            "enquiries",
            "enquiry",
            "events",
            "feedback",
            "hello",
            "help",
            "info",
            "jobs",
            "learning",
            "library",
            "media",
            "membership",
            "museum",
            "office",
            "press",
            "pressoffice",
            "reception",
            "recruitment",
            "secretary",
            "support",
            "team",
            "tickets",
            "volunteer",
            "volunteering",
            "volunteers",
        ),
        description="the part of an email address before the @ that is a role and no person",
        json_schema_extra=about("words", "3.4"),
    )
    organisations: tuple[Beginning, ...] = Field(
        default=("03", "08"),
        description="how telephone numbers begin that only organisations have",
        json_schema_extra=about("digits", "3.4"),
    )
    postcodes: tuple[Postcode, ...] = Field(
        default=(),
        description="postcodes of the council's own premises",
        json_schema_extra=about("postcodes", "3.4"),
    )
    places: tuple[Phrase, ...] = Field(
        default=(
            "academy",
            "archives",
            "arena",
            "arts",
            "cafe",
            "campus",
            "castle",
            "cathedral",
            "cemetery",
            "centre",
            "chapel",
            "church",
            "cinema",
            "clinic",
            "club",
            "college",
            "council",
            "crematorium",
            "find us",
            "food bank",
            "foodbank",
            "gallery",
            "garden centre",
            "gym",
            "hall",
            "hospital",
            "hotel",
            "hub",
            "leisure",
            "library",
            "licensing",
            "market",
            "mosque",
            "museum",
            "nursery",
            "office",
            "offices",
            "park and ride",
            "pharmacy",
            "planning",
            "pool",
            "pub",
            "recycling",
            "restaurant",
            "school",
            "shop",
            "stadium",
            "station",
            "surgery",
            "synagogue",
            "temple",
            "theatre",
            "university",
            "venue",
            "visit us",
            "waste site",
        ),
        description="words beside an address that make it that of a public place",
        json_schema_extra=about("words", "3.4"),
    )
    asking: bool = Field(
        default=True,
        strict=True,
        description="whether asking for personal data in comments is looked for too",
        json_schema_extra=about("", "3.4"),
    )
    form: str = Field(
        default="the Information Security form",
        min_length=1,
        description="where a suspected exposure of personal data is reported",
        json_schema_extra=about("", "2.10"),
    )


def judge(options: Options, post: Post, facts: Facts) -> Iterable[Finding]:
    """What may be personal data in a post, masked, in one finding; and one where it is asked for in public."""
    text = read(post)
    found = [i for i in items(text, options.places) if not _own(i, options, facts)]
    if found:
        yield _finding(post, options, found)
    if options.asking and "your" in text.casefold() and (asked := _asks(text)):
        yield Finding(
            clause="3.4",
            level=Level.CONFLICT,
            sentence=f"Asks for personal data where everybody can read the answer: “{asked}”.",
            next_step="Ask for it by private message, or for nothing but an email address.",
            post=post.id,
            account=post.account,
            about="asking",
        )


def _finding(post: Post, options: Options, found: list[Item]) -> Finding:
    step = "Take it out before it goes out, or name it in [policies.personal-data] if it is the council's own."
    if post.state is State.PUBLISHED:
        step = f"It is out: take it down and report it on {options.form} (clause 2.10)."
    said = [i.said() for i in found]
    return Finding(
        clause="3.4",
        level=Level.CONFLICT,
        sentence=f"The text shows what may be somebody's personal data: {named(said)}.",
        next_step=step,
        post=post.id,
        account=post.account,
        about="; ".join(sorted(said)),
    )


def _asks(text: str) -> str:
    """The words for what is asked for in public; empty where nothing is."""
    for sentence in _SENTENCES.split(text):
        asked = _ASKS.search(sentence)
        if asked and _IN_PUBLIC.search(sentence) and not _IN_PRIVATE.search(sentence):
            return asked[0]
    return ""


def _own(item: Item, options: Options, facts: Facts) -> bool:
    """Whether what was found is the council's own, or an organisation's."""
    if item.kind == "an email address":
        local, _, domain = item.key.partition("@")
        return (
            item.key in options.emails
            or local in options.mailboxes
            or any(domain == d or domain.endswith(f".{d}") for d in options.domains)
            or any(item.key in a.contact.casefold() for a in facts.accounts.values() if a.contact)
        )
    if item.kind == "a phone number":
        return (
            f"0{item.key}".startswith(options.organisations)
            or item.key in _numbers(options.phones)
            or any(item.key in national(a.contact) for a in facts.accounts.values() if a.contact)
        )
    return item.kind == "a postal address" and item.key.rpartition("|")[2] in options.postcodes


@lru_cache(maxsize=16)
def _numbers(given: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(national, given))
