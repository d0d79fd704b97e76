"""Reads of employees."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from staffing.employees.domain import Employee
from staffing.employees.tables import employees

#: Staff numbers are unique: the order of the list.
ORDER = (employees.c.staff_number,)


def listed(
    *, outlets: Collection[UUID] | None, outlet_id: UUID | None, active: bool | None
) -> Select[Employee]:
    """The employees of ``outlets`` (None: of all), of one outlet, active or not."""
    statement = select(Employee)
    if outlets is not None:
        statement = statement.where(employees.c.outlet_id.in_(outlets))
    if outlet_id is not None:
        statement = statement.where(employees.c.outlet_id == outlet_id)
    if active is not None:
        statement = statement.where(employees.c.left_at.is_(None) == active)
    return statement


def known() -> Select[UUID]:
    """The ids of all employees, for the reads of what arrived before them (N4)."""
    return select(employees.c.id)


async def staff_numbers(session: AsyncSession, employee_ids: Collection[UUID]) -> dict[UUID, str]:
    """The staff numbers of those that are known."""
    rows = await session.execute(
        select(employees.c.id, employees.c.staff_number).where(employees.c.id.in_(employee_ids))
    )
    return {row.id: row.staff_number for row in rows}
