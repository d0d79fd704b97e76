"""Rules of the gate about what the sale itself costs the customer (FEE); most products cost nothing extra."""

from compliance.rulebook.domain import PASS, Check, NoParameters, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.fee_facts import FeeQuoteFacts

NOT_DISCLOSED, NOT_CONFIRMED = "FEE_NOT_DISCLOSED", "FEE_NOT_CONFIRMED"


def fee_disclosed(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """FEE-01: each fee on the sale was quoted for it, and the quote still holds."""
    if facts.fees is None:
        return unknown(NOT_DISCLOSED, "fees")
    for fee in facts.fees:
        if fee.quote is None or not its_own(fee.quote, facts):
            return fail(NOT_DISCLOSED)
        if fee.quote.expires_at <= facts.decided_at:
            return fail(NOT_DISCLOSED, "expired")
        if not fee.quote.current:
            return fail(NOT_DISCLOSED, "outdated")
    return PASS


def its_own(quote: FeeQuoteFacts, facts: SaleFacts) -> bool:
    """Whether the quote was made for this customer and this amount."""
    told = (quote.customer_id, quote.amount_minor, quote.currency)
    return told == (facts.customer_id, facts.amount_minor, facts.currency)


def fee_confirmed(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """FEE-02: the customer confirmed each of these quotes before the sale."""
    if facts.fees is None:
        return unknown(NOT_CONFIRMED, "fees")
    quotes = [fee.quote for fee in facts.fees]
    if any(
        quote is not None and (quote.confirmed_at is None or quote.confirmed_at > facts.decided_at)
        for quote in quotes
    ):
        return fail(NOT_CONFIRMED)
    return unknown(NOT_CONFIRMED, "fees.quote") if None in quotes else PASS


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.fee_disclosed.v1", codes_of(NOT_DISCLOSED, "expired", "outdated"), NoParameters, fee_disclosed
    ),
    PureCheck("sale.fee_confirmed.v1", codes_of(NOT_CONFIRMED), NoParameters, fee_confirmed),
)
