"""The regimes a request can fall under: how long each allows, by which rule, and which further dates it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

GDPR = date(2018, 5, 25)
"""The first day of the GDPR's one month; before it subject access took 40 days under another Act."""

DATES = {
    "fees_notice": "of the fees notice",
    "fee_received": "the fee came",
    "clarification_asked": "clarification was asked for",
    "clarification_received": "clarification came",
    "id_received": "proof of identity came",
}
"""What may happen to a request besides its receipt, in words that follow "the date"."""

CLARIFIED = ("clarification_asked", "clarification_received")
FEES = ("fees_notice", "fee_received")


@dataclass(frozen=True, slots=True)
class Regime:
    """How long an answer may take: `days` working days, or `months` calendar months.

    `needs` are dates without which nothing can be counted, `takes` all dates that matter. `by_day` are notes for a day
    of the count, with a gap for its date.
    """

    name: str
    title: str
    rule: str
    days: int = 0
    months: int = 0
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    by_day: Mapping[int, str] = field(default_factory=dict)


_WORKING_DAY = "working day: s.10(6), no bank holiday in any part of the United Kingdom"
_FOI = f"Freedom of Information Act 2000 s.10(1), the 20th working day after receipt; {_WORKING_DAY}"
_EIR = "Environmental Information Regulations 2004 reg."
_MEANING = "working day as in FOIA s.10(6) (reg.2(1), not verified)"
_SAR = "UK GDPR Art.12(3) and 12A, ICO guidance of December 2025"

REGIMES: Mapping[str, Regime] = {
    r.name: r
    for r in (
        Regime("foi", "freedom of information", _FOI, 20, takes=CLARIFIED + FEES),
        Regime(
            "foi-fees",
            "freedom of information, with a fees notice",
            f"Freedom of Information Act 2000 s.10(1) and (2), working days from the notice to the fee, both included, "
            f"are disregarded; {_WORKING_DAY}",
            20,
            needs=FEES,
            takes=CLARIFIED + FEES,
        ),
        Regime(
            "foi-clarified",
            "freedom of information, clarified",
            f"Freedom of Information Act 2000 s.1(3) and s.10(6), 20 working days after clarification; {_WORKING_DAY}",
            20,
            needs=("clarification_received",),
            takes=CLARIFIED + FEES,
        ),
        Regime(
            "foi-public-interest",
            "freedom of information, weighing the public interest",
            f"Freedom of Information Act 2000 s.10(3) and s.17, 40 working days in all by ICO guidance; {_WORKING_DAY}",
            40,
            takes=CLARIFIED + FEES,
            notes=('The Act says only a "reasonable" time; 40 working days is guidance, not law.',),
            by_day={20: "The notice claiming the exemption, with an estimated date, is still due by {} (s.17)."},
        ),
        Regime(
            "foi-internal-review",
            "internal review of a freedom of information answer",
            f"s.45 Code (July 2018) and ICO guidance, 20 working days after the complaint; {_WORKING_DAY}",
            20,
            notes=("Guidance, not law: the Act sets no limit for an internal review.",),
        ),
        Regime(
            "foi-internal-review-exceptional",
            "internal review of a freedom of information answer, exceptional case",
            f"s.45 Code (July 2018) and ICO guidance, at most 40 working days after the complaint; {_WORKING_DAY}",
            40,
            notes=("Guidance, not law: the Act sets no limit for an internal review.",),
            by_day={20: "A case that is not exceptional is due by {}."},
        ),
        Regime(
            "eir",
            "environmental information",
            f"{_EIR}5(2), 20 working days after receipt; {_MEANING}",
            20,
            takes=CLARIFIED + FEES,
        ),
        Regime(
            "eir-extended",
            "environmental information, complex and voluminous",
            f"{_EIR}7(1), 40 working days after receipt; {_MEANING}",
            40,
            takes=CLARIFIED + FEES,
            notes=("Only for a request that is both complex and voluminous.",),
            by_day={20: "The sender must be told of the extension by {} (reg.7(3))."},
        ),
        Regime(
            "eir-internal-review",
            "internal review of an environmental information answer",
            f"{_EIR}11, 40 working days after the complaint (not verified); {_MEANING}",
            40,
            by_day={20: "Aim for 20 working days: {}."},
        ),
        Regime(
            "sar",
            "subject access",
            f"{_SAR}, one month from receipt; a last day that is no working day in England and Wales rolls forward",
            months=1,
            takes=("id_received", "fee_received", *CLARIFIED),
        ),
        Regime(
            "sar-extended",
            "subject access, complex or numerous",
            f"{_SAR}, three months from the original start; rolled forward once, in England and Wales",
            months=3,
            takes=("id_received", "fee_received", *CLARIFIED),
            notes=("The sender must be told of the extension, with reasons, within the first month.",),
        ),
        Regime(
            "sar-id",
            "subject access, after proof of identity",
            f"{_SAR}, one month from the latest of request, proof of identity and fee; rolled forward once",
            months=1,
            needs=("id_received",),
            takes=("id_received", "fee_received", *CLARIFIED),
        ),
    )
}

NAMES = {
    "foia": "foi",
    "not-sure": "foi",
    "unsure": "foi",
    "dsar": "sar",
    "subject-access": "sar",
    "environmental": "eir",
}
"""Other words for a regime. In doubt, a message is treated as a request for information."""
