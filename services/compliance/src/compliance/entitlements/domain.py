"""Entitlements of a case: the customer's consent to a rollover (TXN-01), the heir of a succession (TXN-04).

Each is a record of its own (D1) and bumps the case (G1); of each kind the last one counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Forbidden
from compliance.cases.domain import SaleCase, Transaction
from compliance.rulebook.transaction_facts import HeirFacts, RolloverConsentFacts


class EntitlementKind(StrEnum):
    """What was recorded."""

    ROLLOVER_CONSENT = "ROLLOVER_CONSENT"
    HEIR = "HEIR"


#: The transaction that a kind of entitlement is for.
OF_TRANSACTION = {
    EntitlementKind.ROLLOVER_CONSENT: Transaction.ROLLOVER,
    EntitlementKind.HEIR: Transaction.SUCCESSION,
}


class EntitlementNotOfThisCase(Conflict):
    """A consent to a rollover belongs to a rollover, an heir to a succession."""

    code = "ENTITLEMENT_NOT_OF_THIS_CASE"
    zh = "该销售单的交易种类不需要此项授权;请核对销售单。"
    en = "The transaction of the case has no such entitlement; check the case."


class HeirIdentifiedByTheSeller(Forbidden):
    """TXN-04: a second person looks at the documents."""

    code = "HEIR_IDENTIFIED_BY_THE_SELLER"
    zh = "办理人不得核实本人销售单的继承人;请由其他网点负责人核实。"
    en = "Whoever opened the case does not identify its heir; let another outlet head do it."


@dataclass(kw_only=True)
class Entitlement:
    """One record, which made the case's version ``case_version``.

    ``given`` and ``notice_version`` are of a consent, ``evidence_id`` (where the bank keeps the documents) of
    an heir.
    """

    id: UUID
    case_id: UUID
    case_version: int
    kind: EntitlementKind
    given: bool | None
    notice_version: str | None
    evidence_id: UUID | None
    recorded_by: str
    recorded_at: datetime

    @classmethod
    def consent(
        cls, entitlement_id: UUID, case: SaleCase, *, given: bool, notice_version: str, by: str, at: datetime
    ) -> "Entitlement":
        """The customer's word on his rollover. Raises :class:`EntitlementNotOfThisCase`, as ``touch``."""
        return cls(
            id=entitlement_id,
            case_id=case.id,
            case_version=_touched(case, EntitlementKind.ROLLOVER_CONSENT, at),
            kind=EntitlementKind.ROLLOVER_CONSENT,
            given=given,
            notice_version=notice_version,
            evidence_id=None,
            recorded_by=by,
            recorded_at=at,
        )

    @classmethod
    def heir(
        cls, entitlement_id: UUID, case: SaleCase, *, evidence_id: UUID, by: str, at: datetime
    ) -> "Entitlement":
        """The case's customer is the heir.

        Raises what the case's ``touch`` does, :class:`EntitlementNotOfThisCase`,
        :class:`HeirIdentifiedByTheSeller`.
        """
        if by == case.opened_by:
            raise HeirIdentifiedByTheSeller
        return cls(
            id=entitlement_id,
            case_id=case.id,
            case_version=_touched(case, EntitlementKind.HEIR, at),
            kind=EntitlementKind.HEIR,
            given=None,
            notice_version=None,
            evidence_id=evidence_id,
            recorded_by=by,
            recorded_at=at,
        )


def _touched(case: SaleCase, kind: EntitlementKind, at: datetime) -> int:
    if case.transaction is not OF_TRANSACTION[kind]:
        raise EntitlementNotOfThisCase
    return case.touch(at)


def consent_facts(records: Iterable[Entitlement]) -> RolloverConsentFacts | None:
    """The last word about the rollover, of records oldest first."""
    found = None
    for record in records:
        if record.given is not None and record.notice_version is not None:
            found = RolloverConsentFacts(
                consent_id=record.id,
                given=record.given,
                notice_version=record.notice_version,
                at=record.recorded_at,
            )
    return found


def heir_facts(records: Iterable[Entitlement]) -> HeirFacts | None:
    """The last identification of the heir, of records oldest first."""
    found = None
    for record in records:
        if record.evidence_id is not None:
            found = HeirFacts(entitlement_id=record.id, evidence_id=record.evidence_id, at=record.recorded_at)
    return found
