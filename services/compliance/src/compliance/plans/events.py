"""Facts about regular plans, opaque ids only; each is a version of its plan."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from chassis.events import Example, Fact

TOPIC = "compliance.plans.v1"


@dataclass(frozen=True, kw_only=True)
class PlanSetUp(Fact, type="compliance.plan.set_up.v1", topic=TOPIC, key="plan_id"):
    """A recorded sale has set up a plan; ``ends_on`` null: it has no last day."""

    plan_id: UUID
    case_id: UUID
    outlet_id: UUID
    customer_id: UUID
    product_id: UUID
    amount_minor: int
    currency: Annotated[str, Example("CNY")]
    rhythm: Annotated[str, Example("MONTHLY")]
    first_debit_on: date
    ends_on: date | None


@dataclass(frozen=True, kw_only=True)
class PlanDebitAllowed(Fact, type="compliance.plan.debit_allowed.v1", topic=TOPIC, key="plan_id"):
    """A debit was judged anew and may be made. ``decision`` is the SHA-256 of the decision."""

    plan_id: UUID
    debit_id: UUID
    decision_id: UUID
    decision: str
    due_on: date
    amount_minor: int
    currency: Annotated[str, Example("CNY")]


@dataclass(frozen=True, kw_only=True)
class BrokenRule:
    """One reason of a suspension: the rule's id, and the code of what was found."""

    rule: Annotated[str, Example("SUI-12")]
    code: Annotated[str, Example("ASSESSMENT_EXPIRED")]


@dataclass(frozen=True, kw_only=True)
class PlanSuspended(Fact, type="compliance.plan.suspended.v1", topic=TOPIC, key="plan_id"):
    """A debit must not be made, and the plan rests until a new sale renews it: tell the customer."""

    plan_id: UUID
    debit_id: UUID
    decision_id: UUID
    decision: str
    outlet_id: UUID
    customer_id: UUID
    product_id: UUID
    due_on: date
    broken: tuple[BrokenRule, ...]


@dataclass(frozen=True, kw_only=True)
class PlanRenewed(Fact, type="compliance.plan.renewed.v1", topic=TOPIC, key="plan_id"):
    """A new recorded sale goes on with the plan, by its own amount."""

    plan_id: UUID
    case_id: UUID
    amount_minor: int
    currency: Annotated[str, Example("CNY")]


@dataclass(frozen=True, kw_only=True)
class PlanEnded(Fact, type="compliance.plan.ended.v1", topic=TOPIC, key="plan_id"):
    """Nothing more is debited: the customer has withdrawn his plan, or its sale was reversed."""

    plan_id: UUID
    customer_id: UUID
    product_id: UUID
