"""Rules of the gate about who the customer is, and that he acts himself (AML-01, SAL-08)."""

from compliance.periods.domain import legal_date
from compliance.rulebook.domain import (
    PASS,
    Check,
    Finding,
    NoParameters,
    PureCheck,
    Verdict,
    codes_of,
    fail,
    unknown,
)
from compliance.rulebook.facts import Hand, SaleFacts


def customer_cleared(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """AML-01: nothing stands about the customer's identity on the legal day of the sale."""
    code = "CUSTOMER_CHECK_PENDING"
    if facts.check is None:
        return unknown(code, "check")
    last = facts.check.cleared_through
    return PASS if last is None or legal_date(facts.decided_at) <= last else fail(code)


def customer_acts(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """SAL-08: the customer assesses and consents himself, and buys from somebody else than himself."""
    code, hands = "ACTING_FOR_CUSTOMER", facts.hands
    if hands is None:
        return unknown(code, "hands")
    if hands.buys_himself:
        return fail(code, "self")
    wrong = {
        "assessed": hands.assessed in {Hand.SELLER, Hand.OTHER},
        "consented": hands.consented not in {None, Hand.CUSTOMER},
    }
    return Verdict(tuple(Finding(code=code, reason=reason) for reason, found in wrong.items() if found))


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck("sale.customer_cleared.v1", codes_of("CUSTOMER_CHECK_PENDING"), NoParameters, customer_cleared),
    PureCheck(
        "sale.customer_acts.v1",
        codes_of("ACTING_FOR_CUSTOMER", "self", "assessed", "consented"),
        NoParameters,
        customer_acts,
    ),
)
