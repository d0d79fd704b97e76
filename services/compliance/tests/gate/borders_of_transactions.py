"""Borders of the rules about what is no ordinary sale: rollover, holding, heir (TXN)."""

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.transaction_facts import (
    HeirFacts,
    HoldingFacts,
    RolloverConsentFacts,
    TransactionFacts,
    TransactionKind,
)
from services.compliance.tests.gate.changes import (
    DAY,
    MOMENT,
    NEVER,
    RISKY,
    Border,
    Change,
    after,
    decided,
    part,
    product,
    together,
    whole,
)
from services.compliance.tests.unit.builders import an_id


def of_kind(kind: TransactionKind) -> Change:
    """The good sale as another transaction, with all that any kind needs."""

    def transaction(facts: SaleFacts) -> TransactionFacts:
        at = facts.decided_at - DAY
        return TransactionFacts(
            kind=kind,
            holding=HoldingFacts(
                product_id=an_id(90), level=3, sale_id=an_id(91), own=True, logged_here=True
            ),
            rollover_consent=RolloverConsentFacts(
                consent_id=an_id(92), given=True, notice_version="2026-1", at=at
            ),
            heir=HeirFacts(entitlement_id=an_id(93), evidence_id=an_id(94), at=at),
        )

    return whole(transaction=transaction)


ROLLED = of_kind(TransactionKind.ROLLOVER)
REDEEMED = of_kind(TransactionKind.REDEMPTION)
INHERITED = of_kind(TransactionKind.SUCCESSION)


def consent(**changes: Any) -> Change:
    """The customer's word on the rollover changed."""
    return part("transaction.rollover_consent", **changes)


def holding(**changes: Any) -> Change:
    """The holding changed."""
    return part("transaction.holding", **changes)


BORDERS: Mapping[str, Sequence[Border]] = {
    "TXN-01": (
        Border(
            held=after(ROLLED, consent(at=decided(-MOMENT)), consent(at=decided(NEVER))),
            broken=after(
                ROLLED,
                consent(at=decided(MOMENT)),
                consent(given=False),
                part("transaction", rollover_consent=None),
            ),
        ),
        Border(held=after(REDEEMED, part("transaction", rollover_consent=None))),
    ),
    "TXN-02": (
        Border(
            held=after(ROLLED, holding(level=3), holding(level=4), product(bank_level=2)),
            broken=(
                *after(ROLLED, holding(level=2), holding(level=None)),
                together(RISKY, ROLLED),
            ),
            among=after(
                ROLLED, whole(product=None), product(bank_level=None), part("transaction", holding=None)
            ),
        ),
        Border(held=after(REDEEMED, holding(level=2))),
    ),
    "TXN-03": (
        Border(
            held=after(REDEEMED, holding(own=True), holding(own=None), holding(own=None, logged_here=False)),
            broken=after(REDEEMED, holding(own=False), part("transaction", holding=None)),
            among=after(ROLLED, holding(own=False), part("transaction", holding=None)),
        ),
        Border(held=after(INHERITED, part("transaction", holding=None))),
    ),
    "TXN-04": (
        Border(
            held=after(
                INHERITED,
                part("transaction.heir", at=decided(-MOMENT)),
                part("transaction.heir", at=decided(NEVER)),
            ),
            broken=after(
                INHERITED, part("transaction.heir", at=decided(MOMENT)), part("transaction", heir=None)
            ),
        ),
        Border(held=after(REDEEMED, part("transaction", heir=None))),
    ),
}
