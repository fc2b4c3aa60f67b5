"""Fire incidents: what a fire service's accounts never say, and what pictures of an incident are checked for.

Clause 8.2, section 2.5: never crew numbers, crews off the run, casualties, fatalities, sensitive or operational
information, the exact location or the person, or anything of an inter-agency liaison officer (ILO). Section 4: pictures
are cleared first. It is looked for on the accounts of the services named here and on those whose kind on the register
is "fire", in what is scheduled and in what is checked before it is posted live (`freeze check --text`). A location, a
person, the injured and the dead count only in a text that speaks of an incident, so that safety advice, recruitment and
open days pass. Nothing here is about sign-off, and risk-to-life messages are never held.

Which words tell an incident, and each detail, is our choice; they are in the code, as a list in settings would be
half a list. Not found: a person named without a title, a place described without number, postcode or three words.

Settings, all optional (`[policies.fire-incidents]`):

    services = ["fire-and-rescue"]   # services whose accounts this is about
    kinds = ["fire"]                 # kinds of account, on the register, that it is about too
    unregistered = "fire"            # so is an account nobody registered with this in its name; empty: none
    checklist = "incident"           # when pictures need the checklist: "incident", "always" or "never"
    cleared = ["media-cleared"]      # tags or marks that say the pictures were cleared
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from freeze.findings import Finding, Level
from freeze.ports import Facts
from freeze.posts import Post
from policies._personal import HOUSE, POSTCODE
from policies._words import Mark, about, marks, read

ID = "fire-incidents"
TITLE = "Details of fire incidents"
CLAUSES = ("8.2",)

_N = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a dozen|several|both)"
_PEOPLE = (
    r"(?:people|persons?|m[ae]n|wom[ae]n|boys?|girls?|child|children|babies|baby|teenagers?|adults?|residents?|"
    r"occupants?|drivers?|passengers?|pedestrians?|cyclists?|pensioners?)"
)


def _any(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})", re.IGNORECASE)


_INCIDENT = _any(
    r"incidents?(?!\w)|attend(?:ed|ing)(?!\w)|(?:at|on|from) (?:the )?scene|mobilised|called (?:out )?to|"
    r"tackl(?:ed|ing)|(?:house|flat|barn|car|shed|factory|kitchen|chimney|vehicle|building|field) fires?(?!\w)|"
    r"(?:fire|blaze|explosion|collision|crash|rtc|leak|rescue|flood) (?:at|in|on|near)(?!\w)|blaze|rtcs?(?!\w)|"
    r"casualt(?:y|ies)|crews? (?:are|were|is|was|have|from|remain|dealing)(?!\w)|in progress|dealing with|"
    r"under control|extinguish(?:ed|ing)|stop message|trapped|rescued"
)
_CREWS = _any(
    rf"{_N}(?: \w{{2,12}})? (?:pumps?|appliances?)(?!\w)|crew of {_N}(?!\w)|pumps? from [A-Z]|make pumps {_N}(?!\w)|"
    rf"(?!\d{{3}}){_N} (?:crews?|(?:fire )?engines?|fire ?fighters?) (?:are |is )?(?:currently )?"
    r"(?:on duty|on shift|available)(?!\w)"
)
_CREWS_AT = _any(rf"{_N}(?: \w{{2,12}})? (?:crews?|(?:fire )?engines?|fire ?fighters?|officers?|vehicles?)(?!\w)")
_OFF_THE_RUN = _any(
    r"off[ -]the[ -]run(?!\w)|(?:pumps?|appliances?|crews?|engines?|station) (?:is|are|was|were) (?:currently )?"
    r"(?:unavailable|not available|off duty|unstaffed|unmanned)|no (?:crew|cover|pump|appliance) (?:at|in|from)(?!\w)|"
    r"(?:short of|not enough) (?:crews?|fire ?fighters?|cover)"
)
_CASUALTIES = _any(
    rf"(?:{_N} )?casualt(?:y|ies)(?! figures| statistics| numbers)(?!\w)|{_PEOPLE} (?:\w{{2,12}} ){{0,3}}"
    r"(?:injured|hurt|trapped|burned|burnt|rescued)(?!\w)|(?:injur(?:ed|ies)|hurt|smoke inhalation)(?!\w)|"
    rf"(?:taken|airlifted|rushed) to (?:\w{{1,12}} )?hospital|{_N} (?:\w{{2,12}} )?(?:injured|rescued|trapped)(?!\w)"
)
_FATALITIES = _any(
    r"fatal(?:ity|ities|ly)?(?!\w)|died(?!\w)|dead(?!\w)|deaths?(?!\w)|killed(?!\w)|deceased(?!\w)|body|bodies|"
    r"lost (?:his|her|their) li(?:fe|ves)|pronounced"
)
_LOCATION = re.compile(
    rf"{HOUSE}|(?<!\w){POSTCODE}|(?<!/)///[a-z]{{2,20}}\.[a-z]{{2,20}}\.[a-z]{{2,20}}", re.IGNORECASE
)
_PERSON = re.compile(
    r"(?<!\w)(?:(?:Mr|Mrs|Ms|Miss|Mx)\.? [A-Z][\w'’-]{1,20}|(?:named|identified) as [A-Z]|aged? \d{1,3}(?!\w)|"
    r"\d{1,3}[- ]years?[- ]old(?!\w))"
)
_ILO = re.compile(r"(?<!\w)N?ILOs?(?!\w)|(?i:(?<!\w)(?:inter-?agency|incident) liaison officers?)")
_OPERATIONAL = _any(
    r"(?:incident|log|job) (?:number|no\.?|ref(?:erence)?)\W{0,3}\d|call ?signs?(?!\w)|talk ?groups?(?!\w)|"
    r"(?:suspected|possible) (?:arson|terror\w{0,5})|started deliberately|deliberate ignition|"
    r"rendezvous point|rvp(?!\w)|sector commander|hazmat|terroris\w{1,3}"
)

_IN_GENERAL = _any(
    r"(?:every|each|a|per|last|this) (?:year|winter|summer)(?!\w)|in 20\d\d(?!\w)|annually|statistics|prevent|"
    r"more likely|less likely|most common|could|can (?:kill|cause)|risk of|without (?:a )?(?:working )?smoke alarms?"
)
_JUST_NOW = _any(
    r"today|tonight|this (?:morning|afternoon|evening|lunchtime)|last night|yesterday|earlier|currently|"
    r"(?:at|on) (?:the )?scene|crews?(?!\w)|attended|attending|called (?:out )?to"
)

Detail = tuple[str, str, re.Pattern[str], bool]
"""What it is called, how a finding begins, what finds it, and whether the text must speak of an incident."""

DETAILS: tuple[Detail, ...] = (
    ("crew numbers", "Says how many crews, pumps or engines there are", _CREWS, False),
    ("crew numbers", "Says how many crews, pumps or engines there are", _CREWS_AT, True),
    ("crews off the run", "Says that a crew or an appliance is off the run", _OFF_THE_RUN, False),
    ("casualties", "Speaks of casualties", _CASUALTIES, True),
    ("fatalities", "Speaks of a death", _FATALITIES, True),
    ("location", "Gives the exact location", _LOCATION, True),
    ("person", "Says who a person is", _PERSON, True),
    ("ILO", "Mentions an inter-agency liaison officer", _ILO, False),
    ("operational", "Gives sensitive or operational information", _OPERATIONAL, False),
)
HARM = frozenset({"casualties", "fatalities"})
"""What safety advice speaks of too, in general."""
HIDDEN = frozenset({"location", "person", "operational"})
"""What a finding does not repeat, as findings are kept."""


class Options(BaseModel):
    """The settings of this rule; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    services: tuple[str, ...] = Field(
        default=("fire-and-rescue",),
        description="services whose accounts this is about",
        json_schema_extra=about("services", "8.2"),
    )
    kinds: tuple[str, ...] = Field(
        default=("fire",),
        description="kinds of account, on the register, that this is about",
        json_schema_extra=about("kinds of account", "8.2"),
    )
    unregistered: Mark = Field(
        default="fire",
        description="what in its name makes an account that nobody registered one of these; empty: nothing does",
        json_schema_extra=about("", "8.2"),
    )
    checklist: Literal["incident", "always", "never"] = Field(
        default="incident",
        description="when pictures are noted to need clearing: with texts about an incident, always or never",
        json_schema_extra=about("", "8.2"),
    )
    cleared: tuple[Mark, ...] = Field(
        default=("media-cleared",),
        description="tags or marks that say the pictures were cleared",
        json_schema_extra=about("tags or marks", "8.2"),
    )


def judge(options: Options, post: Post, facts: Facts) -> Iterable[Finding]:
    """A conflict for each forbidden kind of detail in a post, and a note where pictures are to be cleared."""
    if not _about_fire(options, post, facts):
        return
    text = " ".join(read(post).split())
    incident = _INCIDENT.search(text) is not None
    yield from _details(post, text, incident=incident)
    if not post.media or options.checklist == "never" or not (incident or options.checklist == "always"):
        return
    if marks(post).isdisjoint(options.cleared):
        yield Finding(
            clause="8.2",
            level=Level.NOTE,
            sentence="Its pictures are to be cleared first: faces, under-18s, number plates, house numbers, personal "
            "items, signs of death, and protective equipment worn as it should be.",
            next_step=f'When they are, tag it "{options.cleared[0]}".' if options.cleared else "",
            post=post.id,
            account=post.account,
            about="pictures",
        )


def _about_fire(options: Options, post: Post, facts: Facts) -> bool:
    if post.service in options.services:
        return True
    record = facts.records.get(post.account)
    if record is not None and record.kind in options.kinds:
        return True
    account = facts.accounts.get(post.account)
    if account is None or account.registered or not options.unregistered:
        return False
    return options.unregistered in f"{account.name} {account.handle}".casefold()


def _details(post: Post, text: str, *, incident: bool) -> Iterator[Finding]:
    told: set[str] = set()
    advice = _IN_GENERAL.search(text) is not None and _JUST_NOW.search(text) is None
    for name, said, pattern, only_incident in DETAILS:
        if name in told or (only_incident and not incident) or (advice and name in HARM):
            continue
        found = pattern.search(text)
        if found is None:
            continue
        told.add(name)
        quoted = "" if name in HIDDEN else f" (“{found[0].strip()}”)"
        yield Finding(
            clause="8.2",
            level=Level.CONFLICT,
            sentence=f"{said}{quoted}; the fire service's accounts never do.",
            next_step="Take it out before it is posted; if it is needed, the body in charge of the incident decides.",
            post=post.id,
            account=post.account,
            about=name,
        )
