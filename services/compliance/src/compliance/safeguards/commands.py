"""The use case of safeguards. The clock is read behind the lock, so that what waited comes later."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.cases.commands import lock_case
from compliance.cases.domain import SaleCase
from compliance.safeguards.domain import Care, Safeguard, SafeguardKind


async def keep_safeguard(
    session: AsyncSession,
    clock: Clock,
    case_id: UUID,
    expected_version: int,
    kind: SafeguardKind,
    *,
    care: Care | None = None,
    by: str,
) -> tuple[SaleCase, Safeguard]:
    """Records what was done for the customer's protection.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``CaseIsLogged``, ``CaseIsAbandoned``,
    ``ApprovalByTheSeller``.
    """
    case = await lock_case(session, case_id)
    check_version(case.version, expected_version)
    record = Safeguard.of(new_id(), case, kind, care=care, by=by, at=clock.now())
    session.add(record)
    return case, record
