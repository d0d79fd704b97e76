"""Use cases of published lists."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.ids import new_id
from chassis.settings import Settings
from compliance.outlets.queries import open_outlet
from compliance.periods.domain import legal_date
from compliance.rulebook.registers import staff_list_findings
from compliance.rulebook.staff_lists import StaffListFacts
from compliance.sellers.queries import staffing_fresh
from compliance.staff_lists.domain import StaffList, unfit_list
from compliance.staff_lists.queries import staff_of


async def publish_staff_list(
    session: AsyncSession,
    clock: Clock,
    settings: Settings,
    outlet_id: UUID,
    seller_ids: Sequence[UUID],
    *,
    by: str,
) -> StaffList:
    """Publishes the list of the outlet's sellers (ZON-04); it replaces the one before.

    Raises ``OutletUnknown``, ``OutletIsClosed``, ``SalespersonNotQualified``, ``SellerRegisterStale`` (S1).
    """
    await open_outlet(session, outlet_id)
    at = clock.now()
    staff = await staff_of(session, outlet_id)
    facts = StaffListFacts(
        at=at,
        publishing=True,
        register_fresh=await staffing_fresh(session, at, settings),
        named=tuple(seller_ids),
        staff=tuple(known for one in staff if (known := one.standing(at)) is not None),
    )
    for _, finding in staff_list_findings(facts, legal_date(at)):
        raise unfit_list(finding)
    chosen = [one for one in staff if one.id in set(seller_ids)]
    published = StaffList.publish(new_id(), outlet_id=outlet_id, sellers=chosen, by=by, at=at)
    session.add(published)
    return published
