"""What comes along with a sale, and may be wrong: fees, a holding, the takes of a recording."""

from dataclasses import replace
from datetime import timedelta

from compliance.rulebook.fee_facts import FeeFacts, FeeQuoteFacts
from compliance.rulebook.footage_facts import TakeKind
from compliance.rulebook.transaction_facts import (
    HeirFacts,
    HoldingFacts,
    RolloverConsentFacts,
    TransactionFacts,
)
from compliance.rulebook.transaction_facts import TransactionKind as Transaction
from services.compliance.tests.unit.builders import NOW, PRESENTED, SALE, SEGMENTS, TAKE, an_id

QUOTE = FeeQuoteFacts(
    quote_id=an_id(60),
    customer_id=SALE.customer_id,
    amount_minor=SALE.amount_minor,
    currency=SALE.currency,
    expires_at=NOW + timedelta(days=1),
    confirmed_at=NOW,
    current=True,
)
HOLDING = HoldingFacts(product_id=an_id(63), level=3, sale_id=None, own=None, logged_here=True)
ROLLOVER = RolloverConsentFacts(consent_id=an_id(64), given=True, notice_version="2026-1", at=NOW)
TRANSACTION = TransactionFacts(
    kind=Transaction.SUBSCRIPTION,
    holding=HOLDING,
    rollover_consent=ROLLOVER,
    heir=HeirFacts(entitlement_id=an_id(65), evidence_id=an_id(66), at=NOW),
)
FEE, FREE = FeeFacts(service_id=an_id(61), quote=QUOTE), FeeFacts(service_id=an_id(62), quote=None)

#: A recording whose recorder failed after the third key point, what went on ten minutes later, and the key
#: points about the risk recorded again.
BROKEN = replace(TAKE, segments=SEGMENTS[:3], duration_ms=3500)
GOES_ON = replace(
    TAKE,
    kind=TakeKind.RESUMED,
    started_at=TAKE.started_at + timedelta(minutes=10, milliseconds=3500),
    segments=SEGMENTS[3:],
)
AGAIN = replace(
    TAKE,
    kind=TakeKind.SUPPLEMENT,
    started_at=TAKE.started_at + timedelta(minutes=20),
    segments=(SEGMENTS[1], *SEGMENTS[3:]),
    presented=replace(PRESENTED, risk_level=4),
)
