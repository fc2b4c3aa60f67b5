"""Finding what may be somebody's personal data in a text, and showing it so that nobody can use it. Pure.

Every pattern is bounded, so a text is looked through in time proportional to its length. The check digits of NHS
numbers, cards and IBANs are python-stdnum's. Telephone numbers: those of the United Kingdom by their shape (0 or +44,
then nine or ten digits), as libphonenumber calls numbers of new ranges and of drama unknown; others, written with
their "+", by libphonenumber. All heavy libraries are loaded by the first text that needs them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies._words import phrases


@dataclass(frozen=True, slots=True)
class Item:
    """One thing found: what it is, how it is shown, and what it is compared by with lists of what may be shown."""

    kind: str
    shown: str
    key: str

    def said(self) -> str:
        """In words: 'a phone number (07700 …123)'."""
        return f"{self.kind} ({self.shown})"


Found = tuple[int, int, Item]
"""From where to where in the text, and what stands there."""

_LINKS = re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,2000}", re.IGNORECASE)
_NOT_NUMBERS = re.compile(
    r"[£€$]\s?\d[\d,.]{0,20}"
    r"|(?<![\d./-])\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d{2})(?![\d/])"
    r"|(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)"
    r"|(?<![\d.:])\d{1,2}[:.]\d{2}(?![\d.:])"
    r"|\bisbn(?:-1[03])?:?\s{0,2}[\dX -]{10,17}",
    re.IGNORECASE,
)
_SOME_DIGITS = re.compile(r"\d[\d ().-]{5}")

_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_CARD = re.compile(
    r"(?<![\d-])(?:[2-6]\d{12,18}|[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|3[47]\d{2}([ -])\d{6}\2\d{5})"
    r"(?![\d-])"
)
_NHS = re.compile(r"(?<![\d-])[1-9]\d{2}([ -]?)\d{3}\1\d{4}(?![\d-])")
_NI = re.compile(
    r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)",
    re.IGNORECASE,
)
_BANK = re.compile(r"(?<![\d-])\d{2}-\d{2}-\d{2}[ ,;/|]{1,3}\d{8}(?!\d)")
_SORT = re.compile(r"sort[ -]?code\D{0,12}\d{2}[- ]?\d{2}[- ]?\d{2}(?!\d)", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<!\w)(?:account|acc|a/c)(?!\w)\D{0,20}(\d{8})(?!\d)", re.IGNORECASE)
_UK_PHONE = re.compile(r"(?<![\w.+-])(?:(?:\+|00) ?44 ?(?:\(0\) ?)?|\(?0)[1-9](?:[ ().-]{0,2}\d){8,9}(?![\d/])")
_ABROAD = re.compile(r"(?<!\w)\+(?! ?44)\d[\d ().-]{6,20}\d")
_EMAIL = re.compile(r"(?<![\w@.+-])[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w-])")

POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? {0,2}\d(?!st|nd|rd|th)[ABD-HJLNP-UW-Z]{2}(?!\w)"
STREET = (
    r"(?:road|street|lane|avenue|close|drive|way|crescent|gardens|grove|court|place|terrace|hill|rise|row|walk|green|"
    r"square|mews|park|rd|st|ave|ln|dr|cres)(?!\w)"
)
_MORE_STREETS = (
    r"(?:view|bank|chase|croft|dale|fields?|meadows?|parade|path|quay|vale|villas|yard|mount|orchard|broadway|"
    r"cottages|common|heath)(?!\w)"
)
"""What streets are called too, but what stands in other texts with a number; told only with a postcode."""


def _house(street: str) -> str:
    word = r"(?!(?:minutes?|mins?|miles?|nights?|days?|weeks?|from|on|at|the|of|and|off|to)(?!\w))[A-Za-z'’.-]{2,20} "
    return rf"(?<![\w£.:/-])\d{{1,4}}[a-z]?,? (?:(?-i:The )(?:{word}){{0,2}}?|(?:{word}){{1,3}}?){street}"


HOUSE = _house(STREET)
_INWARD = re.compile(r"\d[A-Za-z]{2}(?!\w)")
_POSTCODE = re.compile(rf"(?<!\w){POSTCODE}", re.IGNORECASE)
_ADDRESS = re.compile(rf"({_house(f'(?:{STREET}|{_MORE_STREETS})')})[^\d]{{0,60}}?(?<!\w)({POSTCODE})", re.IGNORECASE)


def items(text: str, places: tuple[str, ...]) -> list[Item]:
    """Everything in a text that may be personal; an address beside a word for a public place is not."""
    found: list[Item] = []
    if "@" in text:
        found += [Item("an email address", _email(m[0]), m[0].casefold()) for m in _EMAIL.finditer(text)]
    has_postcode = _INWARD.search(text) is not None and _POSTCODE.search(text) is not None
    if not has_postcode and not _SOME_DIGITS.search(text):
        return found
    text = _LINKS.sub(lambda m: "\n" * len(m[0]), text)
    for look in (_ibans, _cards, _banks, _insurance, _nhs):
        text = _taken(text, look, found)
    plain = _NOT_NUMBERS.sub(lambda m: "\n" * len(m[0]), text)
    plain = _taken(plain, _phones, found)
    if has_postcode:
        found += _addresses(text, phrases(places))
    return list(dict.fromkeys(found))


def _taken(text: str, look: Callable[[str], Iterator[Found]], found: list[Item]) -> str:
    """The text without what was found in it, so that no digits are counted twice."""
    parts, at = [], 0
    taken = list(look(text))
    found += [item for _, _, item in taken]
    for start, end in sorted((start, end) for start, end, _ in taken):
        parts += [text[at:start], "\n" * (end - max(start, at))]
        at = max(at, end)
    return "".join((*parts, text[at:]))


def _ibans(text: str) -> Iterator[Found]:
    for m in _IBAN.finditer(text):
        from stdnum import iban

        if iban.is_valid(m[0]):
            yield m.start(), m.end(), Item("an IBAN", f"{m[0][:4]} …{m[0][-2:]}", _bare(m[0]))


def _cards(text: str) -> Iterator[Found]:
    for m in _CARD.finditer(text):
        from stdnum import luhn

        number = _digits(m[0])
        if luhn.is_valid(number) and len(set(number)) > 1:
            yield m.start(), m.end(), Item("a payment card number", f"…{number[-4:]}", number)


def _banks(text: str) -> Iterator[Found]:
    kind = "a sort code and account number"
    for m in _BANK.finditer(text):
        yield m.start(), m.end(), Item(kind, f"…{m[0][-3:]}", _digits(m[0]))
    sort, account = _SORT.search(text), _ACCOUNT.search(text)
    if sort and account:
        key = _digits(sort[0]) + account[1]
        yield min(sort.start(), account.start()), max(sort.end(), account.end()), Item(kind, f"…{key[-3:]}", key)


def _insurance(text: str) -> Iterator[Found]:
    for m in _NI.finditer(text):
        yield m.start(), m.end(), Item("a National Insurance number", f"{m[0][:2].upper()} …", _bare(m[0]))


def _nhs(text: str) -> Iterator[Found]:
    for m in _NHS.finditer(text):
        from stdnum.gb import nhs

        # A bare run of ten digits is as likely a reference, and one in eleven has the right check digit by chance.
        if (m[1] or "nhs" in text[max(0, m.start() - 40) : m.start()].casefold()) and nhs.is_valid(m[0]):
            yield m.start(), m.end(), Item("an NHS number", f"…{m[0][-3:]}", _digits(m[0]))


def _phones(text: str) -> Iterator[Found]:
    for m in _UK_PHONE.finditer(text):
        key = national(m[0])
        yield m.start(), m.end(), Item("a phone number", f"0{key[:4]} …{key[-3:]}", key)
    for m in _ABROAD.finditer(text):
        import phonenumbers

        for abroad in phonenumbers.PhoneNumberMatcher(m[0], "GB", leniency=phonenumbers.Leniency.VALID):
            number = abroad.number
            key = f"+{number.country_code}{number.national_number}"
            yield m.start(), m.end(), Item("a phone number", f"{key[:5]} …{key[-3:]}", key)
            break


def _addresses(text: str, near: re.Pattern[str]) -> Iterator[Item]:
    for m in _ADDRESS.finditer(text):
        # Streets are called after public places: in "14 Station Road" there is no station.
        beside = f"{text[max(0, m.start() - 60) : m.start()]}\n{text[m.end(1) : m.end()]}"
        if not near.search(beside):
            postcode = _bare(m[2])
            yield Item("a postal address", f"in {postcode[:-3]}", f"{_bare(m[0])}|{postcode}")


def _email(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{local[0]}…@{domain[0]}…{domain[domain.rindex('.') :]}"


def national(number: str) -> str:
    """The digits of a British telephone number after its 0, +44 or 0044; of any other number all its digits.

    >>> national("+44 (0)1632 960 123") == national("01632 960123") == "1632960123"
    True
    """
    digits = _digits(number)
    for prefix in ("0044", "44", "0"):
        rest = digits.removeprefix(prefix)
        if rest != digits and len(rest.removeprefix("0")) in (9, 10):
            return rest.removeprefix("0")
    return digits


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text).upper()
