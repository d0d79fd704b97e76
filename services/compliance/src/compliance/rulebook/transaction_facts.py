"""What the gate may look at of the transaction: its kind, the holding behind it, what entitles to it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class TransactionKind(StrEnum):
    """The columns of the transaction matrix. A DEBIT is one instalment of a regular plan, never a case."""

    SUBSCRIPTION = "SUBSCRIPTION"
    TOP_UP = "TOP_UP"
    CONVERSION = "CONVERSION"
    PLAN = "PLAN"
    DEBIT = "DEBIT"
    ROLLOVER = "ROLLOVER"
    REDEMPTION = "REDEMPTION"
    SUCCESSION = "SUCCESSION"


@dataclass(frozen=True, kw_only=True)
class HoldingFacts:
    """The holding that money comes from, as far as this service knows it.

    ``level``: the effective risk level of its product, None while there is none. ``sale_id``: the sale that
    the case names as its origin; ``own``: that sale was the customer's, and of this product (None: none is
    named). ``logged_here``: this service has logged the product for the customer.
    """

    product_id: UUID
    level: int | None
    sale_id: UUID | None
    own: bool | None
    logged_here: bool


@dataclass(frozen=True, kw_only=True)
class RolloverConsentFacts:
    """The customer's last word about the rollover, and the version of the notice that he was given."""

    consent_id: UUID
    given: bool
    notice_version: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class HeirFacts:
    """The customer was identified as the heir, on documents that the bank keeps under ``evidence_id``."""

    entitlement_id: UUID
    evidence_id: UUID
    at: datetime


@dataclass(frozen=True, kw_only=True)
class TransactionFacts:
    """The kind, and what only some kinds have; None: the kind has none, or it is not on record."""

    kind: TransactionKind
    holding: HoldingFacts | None
    rollover_consent: RolloverConsentFacts | None
    heir: HeirFacts | None
