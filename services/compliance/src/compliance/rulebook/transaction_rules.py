"""Rules of the gate about what is no ordinary sale: rollover, holding, succession (TXN)."""

from compliance.rulebook.domain import PASS, Check, NoParameters, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import SaleFacts


def rollover_consented(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """TXN-01: the customer has consented to the rollover, on a day and to a notice that are on record."""
    code = "ROLLOVER_CONSENT_MISSING"
    consent = None if facts.transaction is None else facts.transaction.rollover_consent
    if consent is None:
        return unknown(code, "rollover_consent")
    if not consent.given:
        return fail(code, "refused")
    return PASS if consent.at <= facts.decided_at else fail(code, "later")


def rollover_no_riskier(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """TXN-02: what the holding is rolled over into has at most the holding's own risk level."""
    code = "ROLLOVER_RISK_HIGHER"
    holding = None if facts.transaction is None else facts.transaction.holding
    if holding is None or holding.level is None:
        return unknown(code, "holding" if holding is None else "holding.level")
    if facts.product is None:
        return unknown(code, "product")
    level = facts.product.effective_level
    if level is None:
        return unknown(code, "product.bank_level")
    if level <= holding.level:
        return PASS
    return fail(code, "higher", held=[f"R{holding.level}"], to=[f"R{level}"])


def holding_is_his(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """TXN-03: the holding is of a known product; its origin, where the case names one, is the customer's."""
    code = "HOLDING_NOT_OWN"
    holding = None if facts.transaction is None else facts.transaction.holding
    if holding is None:
        return unknown(code, "holding")
    return fail(code, "foreign") if holding.own is False else PASS


def holding_on_record(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """TXN-03: this service has logged the product for the customer; a holding of before is only flagged."""
    holding = None if facts.transaction is None else facts.transaction.holding
    known = holding is not None and (holding.own or holding.logged_here)
    return PASS if known else fail("HOLDING_NOT_ON_RECORD")


def heir_identified(facts: SaleFacts, parameters: NoParameters) -> Verdict:
    """TXN-04: the customer who receives the holding was identified as the heir before."""
    code = "HEIR_NOT_IDENTIFIED"
    heir = None if facts.transaction is None else facts.transaction.heir
    if heir is None:
        return unknown(code, "heir")
    return PASS if heir.at <= facts.decided_at else fail(code)


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.rollover_consented.v1",
        codes_of("ROLLOVER_CONSENT_MISSING", "refused", "later"),
        NoParameters,
        rollover_consented,
    ),
    PureCheck(
        "sale.rollover_no_riskier.v1",
        codes_of("ROLLOVER_RISK_HIGHER", higher=("held", "to")),
        NoParameters,
        rollover_no_riskier,
    ),
    PureCheck("sale.holding_is_his.v1", codes_of("HOLDING_NOT_OWN", "foreign"), NoParameters, holding_is_his),
    PureCheck(
        "sale.holding_on_record.v1", codes_of("HOLDING_NOT_ON_RECORD"), NoParameters, holding_on_record
    ),
    PureCheck("sale.heir_identified.v1", codes_of("HEIR_NOT_IDENTIFIED"), NoParameters, heir_identified),
)
