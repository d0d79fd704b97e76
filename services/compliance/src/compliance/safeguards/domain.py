"""Safeguards of a case: special care for the old, approval of a large amount, what the customer signed.

Each is a record of its own (D1) and bumps the case (G1); of each kind the last one counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Forbidden
from compliance.cases.domain import SaleCase
from compliance.rulebook.customer_facts import CareFacts, SafeguardFacts


class SafeguardKind(StrEnum):
    """What was done."""

    ELDERLY_CARE = "ELDERLY_CARE"
    LARGE_AMOUNT_APPROVAL = "LARGE_AMOUNT_APPROVAL"
    OFF_OUTLET_AGREEMENT = "OFF_OUTLET_AGREEMENT"
    CONTRACT = "CONTRACT"
    CANCELLATION = "CANCELLATION"
    PREMIUM_DECLARATION = "PREMIUM_DECLARATION"
    INSURER_ACCEPTANCE = "INSURER_ACCEPTANCE"


class Document(StrEnum):
    """What a customer signs in a case; a kind of safeguard each."""

    OFF_OUTLET_AGREEMENT = "OFF_OUTLET_AGREEMENT"
    CONTRACT = "CONTRACT"
    PREMIUM_DECLARATION = "PREMIUM_DECLARATION"


class ApprovalByTheSeller(Forbidden):
    """SUI-16: a second person looks at a large amount."""

    code = "APPROVAL_BY_THE_SELLER"
    zh = "销售人员不得审批本人的销售单;请由其他网点负责人审批。"
    en = "The seller of a case does not approve it; let another outlet head do it."


@dataclass(frozen=True, kw_only=True)
class Care:
    """SUI-14: the four items of the special care."""

    risks_explained: bool
    loss_understood: bool
    companion_offered: bool
    lower_risk_offered: bool


@dataclass(kw_only=True)
class Safeguard:
    """One record, which made the case's version ``case_version``. ``care`` is of ELDERLY_CARE alone."""

    id: UUID
    case_id: UUID
    case_version: int
    kind: SafeguardKind
    care: Care | None
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def of(
        cls,
        safeguard_id: UUID,
        case: SaleCase,
        kind: SafeguardKind,
        *,
        care: Care | None = None,
        by: str,
        at: datetime,
    ) -> "Safeguard":
        """A record about the open case. Raises what its ``touch`` does, :class:`ApprovalByTheSeller`."""
        if kind is SafeguardKind.LARGE_AMOUNT_APPROVAL and by == case.opened_by:
            raise ApprovalByTheSeller
        return cls(
            id=safeguard_id,
            case_id=case.id,
            case_version=case.touch(at),
            kind=kind,
            care=care,
            recorded_by=by,
            recorded_at=at,
        )


def safeguard_facts(records: Iterable[Safeguard]) -> SafeguardFacts:
    """What the gate may rest on, of records oldest first: of each kind the last."""
    last: dict[SafeguardKind, Safeguard] = {}
    for record in records:
        last[record.kind] = record
        if record.kind is SafeguardKind.CANCELLATION:
            last.pop(SafeguardKind.CONTRACT, None)
    return SafeguardFacts(
        care=_care(last.get(SafeguardKind.ELDERLY_CARE)),
        approved_at=_at(last.get(SafeguardKind.LARGE_AMOUNT_APPROVAL)),
        agreed_off_outlet_at=_at(last.get(SafeguardKind.OFF_OUTLET_AGREEMENT)),
        signed_at=_at(last.get(SafeguardKind.CONTRACT)),
        premium_declared_at=_at(last.get(SafeguardKind.PREMIUM_DECLARATION)),
        insurer_accepted_at=_at(last.get(SafeguardKind.INSURER_ACCEPTANCE)),
    )


def _at(record: Safeguard | None) -> datetime | None:
    return None if record is None else record.recorded_at


def _care(record: Safeguard | None) -> CareFacts | None:
    if record is None or record.care is None:
        return None
    return CareFacts(
        care_id=record.id,
        at=record.recorded_at,
        risks_explained=record.care.risks_explained,
        loss_understood=record.care.loss_understood,
        companion_offered=record.care.companion_offered,
        lower_risk_offered=record.care.lower_risk_offered,
    )
