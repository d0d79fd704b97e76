"""The facts on which the gate judges a sale: one frozen tree, stored with the decision for its replay.

None, and an empty tuple of recordings, mean that nothing is known: a missing fact is a failure of the rule
that needs it. Opaque ids only.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.evidence.domain import gained
from compliance.rulebook.customer_facts import (
    AssessmentFacts,
    CustomerFacts,
    DisclosureFacts,
    OpinionFacts,
    SafeguardFacts,
)
from compliance.rulebook.fee_facts import FeeFacts
from compliance.rulebook.footage_facts import FootageFacts, RecordingFacts
from compliance.rulebook.outlet_facts import OutletFacts
from compliance.rulebook.party_facts import PartiesFacts
from compliance.rulebook.seller_facts import AlertFacts, SellerFacts
from compliance.rulebook.transaction_facts import TransactionFacts, TransactionKind


class ProductKind(StrEnum):
    """What is sold. INVESTMENT_INSURANCE is insurance with an investment account; INSURANCE has none."""

    WEALTH = "WEALTH"
    FUND = "FUND"
    SECURITIES = "SECURITIES"
    TRUST = "TRUST"
    INSURANCE = "INSURANCE"
    INVESTMENT_INSURANCE = "INVESTMENT_INSURANCE"
    GOV_BOND = "GOV_BOND"
    PHYSICAL_METAL = "PHYSICAL_METAL"


class ProductForm(StrEnum):
    """Whether the product matures on a day of its own, or runs until the contract is ended."""

    CLOSED_END = "CLOSED_END"
    OPEN_ENDED = "OPEN_ENDED"


class ProductOrigin(StrEnum):
    """The bank's own product, or one that it sells as an agent (PRD-02)."""

    OWN = "OWN"
    AGENCY = "AGENCY"


class ProductOffering(StrEnum):
    """Whether a product is offered to everybody, or to qualified investors only (SUI-17)."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class AssetClass(StrEnum):
    """What a product invests in: its smallest amount follows from it (SUI-17, SUI-19)."""

    FIXED_INCOME = "FIXED_INCOME"
    MIXED = "MIXED"
    EQUITY = "EQUITY"
    COMMODITY_DERIVATIVE = "COMMODITY_DERIVATIVE"


class ProductStatus(StrEnum):
    """The product's state in the product registry (PRD-01): only ON_SALE sells."""

    ON_SALE = "ON_SALE"
    EXISTING = "EXISTING"
    ENDED = "ENDED"


class PartnerState(StrEnum):
    """A partner is LISTED, SUSPENDED by a failed review until a later one passes, or EXITED from the list."""

    LISTED = "LISTED"
    SUSPENDED = "SUSPENDED"
    EXITED = "EXITED"


class Authority(StrEnum):
    """Who licenses a partner: a financial regulator of the State Council, or somebody else."""

    PBC = "PBC"
    NFRA = "NFRA"
    CSRC = "CSRC"
    OTHER = "OTHER"


class ApprovalLevel(StrEnum):
    """Who approves an agency product after its due diligence (AGY-05)."""

    COMPLIANCE = "COMPLIANCE"
    SENIOR_MANAGEMENT = "SENIOR_MANAGEMENT"


class EntryMode(StrEnum):
    """Whether a sale is made in this system, or reported as entered elsewhere (AGY-03)."""

    SYSTEM = "SYSTEM"
    ELSEWHERE = "ELSEWHERE"


class ZoneState(StrEnum):
    """A zone is PREPARING until its checklist is complete, and SUSPENDED by a failed inspection."""

    PREPARING = "PREPARING"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, kw_only=True)
class AdmissionFacts:
    """An agency product's last due diligence, about it and ``partner_id``, and what was decided since."""

    partner_id: UUID
    examined_at: datetime
    approvals: tuple[ApprovalLevel, ...]
    rejected: bool


@dataclass(frozen=True, kw_only=True)
class PartnerFacts:
    """The institution that supplies an agency product; ``licence_to``: its licence's last day, None: open."""

    partner_id: UUID
    version: int
    state: PartnerState
    kinds: tuple[ProductKind, ...]
    authority: Authority
    licence_from: date
    licence_to: date | None


@dataclass(frozen=True, kw_only=True)
class WindowFacts:
    """From when on, and until before when, a product is offered; None: without that end."""

    offered_from: datetime | None
    offered_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class ProductFacts:
    """The product as the registry shows it at the instant of the sale; ``status`` None: not in the registry.

    Risk levels 1 to 5; for an own product the bank is the issuer, and ``issuer_level`` may be None. Of
    insurance: premiums in instalments over ``payment_years``, or at once; whether its benefit is certain.
    ``partner_id`` and ``admission`` are an agency product's; None: it has none. ``window`` None: always.
    """

    product_id: UUID
    version: int
    kind: ProductKind
    form: ProductForm
    origin: ProductOrigin
    status: ProductStatus | None
    issuer_level: int | None
    bank_level: int | None
    term_months: int | None
    offering: ProductOffering | None = gained()
    partner_id: UUID | None = gained()
    admission: AdmissionFacts | None = gained()
    asset_class: AssetClass | None = gained()
    instalment: bool | None = gained()
    payment_years: int | None = gained()
    benefit_certain: bool | None = gained()
    window: WindowFacts | None = gained()

    @property
    def effective_level(self) -> int | None:
        """The higher of issuer's and bank's level (PRD-08); None when neither is known."""
        return max(
            (level for level in (self.issuer_level, self.bank_level) if level is not None), default=None
        )


@dataclass(frozen=True, kw_only=True)
class CheckFacts:
    """What stands about the customer's identity (AML-01), without why.

    ``cleared_through`` is the last day on which nothing stands against him; None: no day is the last.
    """

    cleared_through: date | None


class Hand(StrEnum):
    """Who did something for a sale: the customer, its seller, a system of the bank, or a third person."""

    CUSTOMER = "CUSTOMER"
    SELLER = "SELLER"
    SYSTEM = "SYSTEM"
    OTHER = "OTHER"


@dataclass(frozen=True, kw_only=True)
class HandsFacts:
    """Whose hands were on the sale (SAL-08); None: it was not done. ``buys_himself``: he is its seller."""

    assessed: Hand | None
    consented: Hand | None
    buys_himself: bool


@dataclass(frozen=True, kw_only=True)
class ChecklistFacts:
    """The five items of a zone's last readiness inspection (ZON-03); None: not looked at."""

    inspected_at: datetime
    zone_sign: bool | None
    product_check_reminder: bool | None
    risk_warning: bool | None
    report_hotline: bool | None
    product_list: bool | None


@dataclass(frozen=True, kw_only=True)
class TerminalFacts:
    """What the terminal tells of a purchase by oneself; None: it does not say."""

    staff_assisted: bool | None
    risk_page_shown: bool | None


@dataclass(frozen=True, kw_only=True)
class RecorderFacts:
    """A recorder of the zone when the recording began, by the run of heartbeats that began last before then.

    ``offset_ms``: by how much its clock was ahead of ours, at most; all None before the first heartbeat.
    """

    recorder_id: UUID
    began_at: datetime | None
    heard_at: datetime | None
    offset_ms: int | None


@dataclass(frozen=True, kw_only=True)
class ZoneFacts:
    """The sales zone named by the sale; ``checklist`` None: never inspected.

    ``recorders`` are those in use when the recording began (ZON-06).
    """

    zone_id: UUID
    outlet_id: UUID
    state: ZoneState
    checklist: ChecklistFacts | None
    recorders: tuple[RecorderFacts, ...] | None = gained()


@dataclass(frozen=True, kw_only=True)
class ConsentFacts:
    """The customer's answer to being recorded in this session."""

    consent_id: UUID
    customer_id: UUID
    session_id: UUID
    given: bool
    at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SaleFacts:
    """Everything that the gate may look at. ``amount_minor`` in minor units of ``currency`` (ISO 4217).

    ``session_id`` is the customer's visit: several sales of one session may share its recording.
    ``staffing_fresh`` False or None: the register of sellers is stale (S1). ``alerts``: the open ones about
    the seller. ``fees``: what the sale of the product is charged for by. ``outlet``: its clock and hours.
    """

    attempt_id: UUID
    session_id: UUID
    customer_id: UUID
    decided_at: datetime
    channel: str
    amount_minor: int
    currency: str
    staffing_fresh: bool | None
    product: ProductFacts | None
    seller: SellerFacts | None
    zone: ZoneFacts | None
    assessment: AssessmentFacts | None
    consent: ConsentFacts | None
    recordings: tuple[RecordingFacts, ...]
    terminal: TerminalFacts | None = gained()
    alerts: tuple[AlertFacts, ...] | None = gained()
    check: CheckFacts | None = gained()
    hands: HandsFacts | None = gained()
    fees: tuple[FeeFacts, ...] | None = gained()
    partner: PartnerFacts | None = gained()
    entry_mode: EntryMode | None = gained()
    opinion: OpinionFacts | None = gained()
    disclosure: DisclosureFacts | None = gained()
    customer: CustomerFacts | None = gained()
    safeguards: SafeguardFacts | None = gained()
    footage: FootageFacts | None = gained()
    parties: PartiesFacts | None = gained()
    transaction: TransactionFacts | None = gained()
    outlet: OutletFacts | None = gained()

    @property
    def product_kind(self) -> ProductKind | None:
        """The kind of the product, None while the product is unknown."""
        return None if self.product is None else self.product.kind

    @property
    def transaction_kind(self) -> TransactionKind:
        """The kind of the transaction; of before there were kinds, everything was a subscription."""
        return TransactionKind.SUBSCRIPTION if self.transaction is None else self.transaction.kind
