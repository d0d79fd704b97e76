"""Rules of the gate about purchases at a self-service terminal (ZON-08, ZON-09)."""

from dataclasses import dataclass

from compliance.rulebook.domain import PASS, Check, Finding, PureCheck, Verdict, codes_of, unknown
from compliance.rulebook.facts import SaleFacts


@dataclass(frozen=True, kw_only=True)
class Terminals:
    """ZON-08: the channels on which the customer buys by himself."""

    channels: tuple[str, ...]


def terminal_unassisted(facts: SaleFacts, parameters: Terminals) -> Verdict:
    """ZON-08: nobody of the staff operates the terminal for the customer, and it has shown the risks."""
    code = "STAFF_OPERATED_TERMINAL"
    if facts.channel not in parameters.channels:
        return PASS
    if facts.terminal is None:
        return unknown(code, "terminal")
    told = {
        "terminal.staff_assisted": facts.terminal.staff_assisted,
        "terminal.risk_page_shown": facts.terminal.risk_page_shown,
    }
    if missing := [name for name, value in told.items() if value is None]:
        return unknown(code, *missing)
    reasons = {"staff": facts.terminal.staff_assisted, "risk": not facts.terminal.risk_page_shown}
    return Verdict(tuple(Finding(code=code, reason=reason) for reason, found in reasons.items() if found))


@dataclass(frozen=True, kw_only=True)
class LongTerms:
    """ZON-09: the channels, and the term in months above which they do not exempt from the recording."""

    channels: tuple[str, ...]
    above_months: int


def terminal_recorded(facts: SaleFacts, parameters: LongTerms) -> Verdict:
    """ZON-09: insurance of more than a year, or of an unknown term, is recorded at a terminal too."""
    code = "RECORDING_REQUIRED"
    if facts.channel not in parameters.channels or facts.recordings:
        return PASS
    if facts.product is None:
        return unknown(code, "product")
    term = facts.product.term_months
    return PASS if term is not None and term <= parameters.above_months else unknown(code, "recording")


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.terminal_unassisted.v1",
        codes_of("STAFF_OPERATED_TERMINAL", "staff", "risk"),
        Terminals,
        terminal_unassisted,
    ),
    PureCheck("sale.terminal_recorded.v1", codes_of("RECORDING_REQUIRED"), LongTerms, terminal_recorded),
)
