"""What the policy asks, clause by clause, and who keeps it: a rule, another part of the guard, or only people. Pure.

Which rule keeps a clause is not written here: each rule says so itself (`CLAUSES`). What no program can decide stands
here as plainly as the rest, so that nobody takes silence for care.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: what it asks, in our words; the part of the guard that keeps it beside any rule; what is people's."""

    number: str
    asks: str
    part: str = ""
    people: str = ""

    def rules(self, clauses: Mapping[str, Sequence[str]]) -> list[str]:
        """The rules that keep it, of all rules with their clauses."""
        return [name for name, kept in clauses.items() if self.number in kept]

    def kept_by(self, clauses: Mapping[str, Sequence[str]]) -> str:
        """Who keeps it, in words: rules first, then parts of the guard, then people."""
        rules = [f"rule {name}" for name in self.rules(clauses)]
        people = [f"people: {self.people}"] if self.people else []
        return "; ".join([*rules, *([self.part] if self.part else []), *people])


CLAUSES = (
    Clause("1.3", "which accounts the policy is for", "the register (in scope or not, channels without a connection)"),
    Clause("2.1", "Communications own the policy and the pauses", "roles: who may declare, allow, end and put back"),
    Clause("2.2", "managers look at their channels regularly", "freeze accounts review", "the look itself"),
    Clause("2.3", "administrators are authorised and trained", "the register (each administrator)"),
    Clause("2.4", "councillors' own accounts follow their own code", "", "never read, never judged by the guard"),
    Clause("2.5", "no corporate account without permission", "sync: what is seen and not registered"),
    Clause("2.6", "partnerships with a council user are in scope", "the register (administered by)"),
    Clause("2.7", "paid promotion has an approval and a budget code", "freeze agree --boost; adverts in every pause"),
    Clause("2.8", "managers answer for administrators", "the register (authorised by)"),
    Clause("2.9", "pictures of people need consent", "freeze agree --media", "whether a child can be recognised"),
    Clause(
        "2.10", "breaches and lost information are reported", "every pause names what went out", "the report itself"
    ),
    Clause("2.11", "watching people may need an authorisation", "a limit kept by every adapter: own posts only"),
    Clause("3.1", "courtesy and accuracy", "", "whoever writes"),
    Clause("3.2", "good manners towards the public", "", "whoever writes"),
    Clause("3.3", "adding value", "", "whoever writes"),
    Clause(
        "3.4", "no personal data of the public", "freeze check --text, before posting live", "what is asked in public"
    ),
    Clause("3.5", "long or major campaigns are agreed first", "freeze agree --campaign"),
    Clause("3.6", "members keep their own code", "", "the members"),
    Clause("3.7", "professional accounts are approved and say so", "the register (approved by)"),
    Clause("3.8", "every bio states when it is monitored; nobody is on call by default", "tasks by working hours"),
    Clause(
        "3.9", "harassment is reported, supported and blocked", "", "administrators; the guard keeps no list of people"
    ),
    Clause("4.1", "how to reply", "", "whoever replies; replies are never read"),
    Clause(
        "4.2",
        "look before posting: sensitive, clashing, near the same",
        "freeze agree --sign-off",
        "tone and judgement",
    ),
    Clause(
        "4.3", "a crisis: listen, respond, listen", "freeze crisis; nothing published is ever deleted", "what is said"
    ),
    Clause("4.4", "publishing stops after a royal death", "freeze declare, tasks, reading back"),
    Clause("5.1", "one platform for most accounts, and who can stop it", "freeze check: two lockdown holders"),
    Clause("5.2", "who administers that platform", "the settings (lockdown_holders)"),
    Clause("5.3", "which networks it reaches", "freeze adapters; one post seen twice is one"),
    Clause(
        "5.5", "accounts outside it: access, credentials, leavers", "freeze accounts leaver (a reference, no secret)"
    ),
    Clause("5.6", "two-factor on every account", "the register (checked on, whose device)"),
    Clause("6.1", "the policy is reviewed yearly", "the setting council.policy_review", "the review"),
    Clause("6.2", "Internal Audit can look", "freeze log verify, freeze log export"),
    Clause("6.3", "reputation", "", "everybody"),
    Clause("6.4", "the law", "the clocks (docs/clocks.md)", "advice"),
    Clause("6.5", "other policies", "", "everybody"),
    Clause("6.6", "other formats", "text, CSV, JSON and pages for every list"),
    Clause("8.1", "requests for information arrive anywhere", "freeze foi: the log and its due dates", "telling one"),
    Clause(
        "8.2", "the fire and rescue service's own rules", "freeze allow --risk-to-life", "pictures, cleared one by one"
    ),
    Clause("8.3", "the members' code", "", "the members"),
)
"""Every clause that asks something of anybody, in the policy's order. What it asks is said in our words."""


def uncovered(clauses: Mapping[str, Sequence[str]]) -> list[str]:
    """Clauses that neither a rule nor a part of the guard keeps and that are not said to be for people."""
    return [c.number for c in CLAUSES if not c.kept_by(clauses)]


def unknown(clauses: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What rules cite that is no clause of the policy: the law, which they name as such."""
    known = {c.number for c in CLAUSES}
    return {name: rest for name, kept in clauses.items() if (rest := [c for c in kept if c not in known])}
