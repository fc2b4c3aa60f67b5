"""Whether a post gives a councillor's words, name or picture, told from its text and tags.

A councillor is told by title: "Cllr Ann Bell", "Councillor Bell", and the offices named in the settings. Without a
name, somebody must be quoted beside the title. A councillor's surgery with a name in it makes the name known, so it
counts; "when councillors hold surgeries" names nobody, and does not. Nobody can be told by name alone, and no picture
is looked at: a tag says that one shows a councillor.
"""

from __future__ import annotations

import re
from functools import lru_cache

# What follows the word in the name of a thing, and is no surname.
_THINGS = (
    "Surger(?:y|ies)|Code|Codes|Conduct|Training|Induction|Development|Handbook|Grants?|Fund|Funds|Budgets?|Community|"
    "Locality|Nominations?|Elections?|Vacanc(?:y|ies)|Allowances?|Details|Contacts?|Finder|Questions?|Call|Portal|"
    "Complaints?|Standards|Attendance|Pages?|Directory|Roles?"
)
_ABBREVIATED = re.compile(rf"\bcllrs?\b\.?\s{{1,9}}(?!(?:{_THINGS})\b)[^\W\d]", re.IGNORECASE)
_ONE = re.compile(rf"\b(?i:councillor)\s{{1,9}}(?!(?:{_THINGS})\b)[A-Z][\w'’-]")
_SEVERAL = re.compile(
    r"\b(?i:councillors)\s{1,9}[A-Z][\w'’-]{1,40}(?:\s{1,9}[A-Z][\w'’-]{1,40})?"
    r"(?:,\s{0,9}[A-Z][\w'’-]{0,40}(?: [\w'’-]{1,40}){0,5}){0,20}\s{1,9}and\s{1,9}[A-Z]"
)
_SAID = r"(?:said|says|added|adds|commented|comments|explained|welcomed)"
_QUOTED = re.compile(
    rf"\bcouncillors?\b[^.!?\n]{{0,60}}\b{_SAID}\b|\b{_SAID}\b[^.!?\n]{{0,30}}\bcouncillor\b"
    r"|[“\"][^”\"\n]{15,400}[”\"][^.!?\n]{0,60}\b(?:councillor|cllr)"
    r"|\b(?:councillor|cllr)[^.!?\n]{0,60}[“\"][^”\"\n]{15}",
    re.IGNORECASE,
)


def said_of(text: str, titles: tuple[str, ...]) -> str:
    """Why this text is publicity about a councillor, in words; empty when it is not."""
    low = text.casefold()
    office = _offices(titles).search(low) if titles else None
    if office is not None:
        return f"names the {titles[_index(titles, office[0])]}".replace("the the ", "the ")
    if "cllr" not in low and "councillor" not in low:
        return ""
    if _ABBREVIATED.search(text) or _ONE.search(text) or _SEVERAL.search(text):
        return "names a councillor"
    return "quotes a councillor" if _QUOTED.search(text) else ""


@lru_cache(maxsize=8)
def _offices(titles: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(re.escape(t.casefold()) for t in titles)})\b")


def _index(titles: tuple[str, ...], found: str) -> int:
    return next(i for i, t in enumerate(titles) if t.casefold() == found)
