"""Use cases of entitlements. The clock is read behind the lock, so that what waited comes later."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.cases.commands import lock_case
from compliance.cases.domain import SaleCase
from compliance.entitlements.domain import Entitlement


async def answer_rollover(
    session: AsyncSession,
    clock: Clock,
    case_id: UUID,
    expected_version: int,
    *,
    given: bool,
    notice_version: str,
    by: str,
) -> tuple[SaleCase, Entitlement]:
    """TXN-01: records the customer's word on his rollover.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``CaseIsLogged``, ``CaseIsAbandoned``,
    ``EntitlementNotOfThisCase``.
    """
    case = await lock_case(session, case_id)
    check_version(case.version, expected_version)
    at = clock.now()
    record = Entitlement.consent(new_id(), case, given=given, notice_version=notice_version, by=by, at=at)
    session.add(record)
    return case, record


async def identify_heir(
    session: AsyncSession, clock: Clock, case_id: UUID, expected_version: int, *, evidence_id: UUID, by: str
) -> tuple[SaleCase, Entitlement]:
    """TXN-04: records that the case's customer is the heir.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``CaseIsLogged``, ``CaseIsAbandoned``,
    ``EntitlementNotOfThisCase``, ``HeirIdentifiedByTheSeller``.
    """
    case = await lock_case(session, case_id)
    check_version(case.version, expected_version)
    record = Entitlement.heir(new_id(), case, evidence_id=evidence_id, by=by, at=clock.now())
    session.add(record)
    return case, record
