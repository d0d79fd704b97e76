"""Use cases of outlets: load, decide, save, record the fact."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import lock
from chassis.errors import Conflict, check_version
from chassis.ids import new_id
from chassis.outbox import record
from staffing.outlets.domain import OpeningCalendar, Outlet, OutletCapability, OutletClass, OutletNotFound


class OutletCodeTaken(Conflict):
    """Codes of outlets are unique."""

    code = "OUTLET_CODE_TAKEN"
    zh = "网点代码 {taken} 已被使用;请换一个代码。"
    en = "The outlet code {taken} is taken; choose another."


async def open_outlet(
    session: AsyncSession,
    now: datetime,
    *,
    code: str,
    name: str,
    outlet_class: OutletClass,
    grade: int,
    capabilities: frozenset[OutletCapability],
    calendar: OpeningCalendar,
) -> Outlet:
    """Opens an outlet. Raises :class:`OutletCodeTaken`, ``GradeOutOfRange``, ``CalendarInvalid``."""
    if (await session.execute(select(Outlet).filter_by(code=code))).first() is not None:
        raise OutletCodeTaken(taken=code, pointer="/code")
    outlet, fact = Outlet.open(
        new_id(),
        code=code,
        name=name,
        outlet_class=outlet_class,
        grade=grade,
        capabilities=capabilities,
        calendar=calendar,
        at=now,
    )
    session.add(outlet)
    await record(session, fact)
    return outlet


async def change_outlet(
    session: AsyncSession,
    now: datetime,
    outlet_id: UUID,
    expected_version: int,
    *,
    name: str,
    outlet_class: OutletClass,
    grade: int,
    capabilities: frozenset[OutletCapability],
    calendar: OpeningCalendar,
) -> Outlet:
    """Replaces what describes an outlet. Raises ``OutletNotFound``, ``StaleVersion``, ``OutletIsClosed``."""
    outlet = await lock(session, Outlet, outlet_id, OutletNotFound)
    check_version(outlet.version, expected_version)
    fact = outlet.change(
        name=name,
        outlet_class=outlet_class,
        grade=grade,
        capabilities=capabilities,
        calendar=calendar,
        at=now,
    )
    await record(session, fact)
    return outlet


async def close_outlet(
    session: AsyncSession, now: datetime, outlet_id: UUID, expected_version: int, *, reason: str
) -> Outlet:
    """Closes an outlet for good. Raises ``OutletNotFound``, ``StaleVersion``, ``OutletIsClosed``."""
    outlet = await lock(session, Outlet, outlet_id, OutletNotFound)
    check_version(outlet.version, expected_version)
    await record(session, outlet.close(reason=reason, at=now))
    return outlet
