"""Routes of workload."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import action
from chassis.db import load
from chassis.http.routing import (
    Caller,
    Guard,
    Output,
    Page,
    PageQuery,
    PageRequest,
    ReadSession,
    paginate,
    routes,
)
from staffing.access import visible_outlets
from staffing.employees.domain import Employee
from staffing.employees.queries import staff_numbers
from staffing.workload import queries

router = routes("/v1/workload", "workload")
of_employee = routes("/v1/employees/{employee_id}/workload", "workload")

Day = Annotated[date, Query(alias="date", description="business date of the outlet")]


class WorkloadView(Output):
    """What one employee did at one outlet on one business date.

    ``staff_number`` is null as long as nobody has told us about the employee.
    """

    outlet_id: UUID
    business_date: date
    employee_id: UUID
    staff_number: str | None
    tickets_completed: int
    service_seconds: int


@router.get("")
@action("workload.list")
async def list_workload(
    session: ReadSession, guard: Guard, page: PageQuery, outlet_id: UUID, day: Day
) -> Page[WorkloadView]:
    """List the workload of everybody who served at an outlet on a business date."""
    guard(outlet_id=outlet_id)
    return await _page(session, queries.of_outlet(outlet_id, day), page, queries.BY_EMPLOYEE)


@router.get("/unmatched")
@action("workload.unmatched")
async def list_unmatched_workload(
    session: ReadSession, caller: Caller, page: PageQuery, day: Day
) -> Page[WorkloadView]:
    """List the workload of employees who are not in the register yet."""
    statement = queries.unmatched(visible_outlets(caller), day)
    return await _page(session, statement, page, queries.BY_OUTLET)


@of_employee.get("")
@action("workload.read")
async def read_workload(
    employee_id: UUID,
    session: ReadSession,
    guard: Guard,
    page: PageQuery,
    first: Annotated[date | None, Query(description="first business date")] = None,
    last: Annotated[date | None, Query(description="last business date")] = None,
) -> Page[WorkloadView]:
    """List the workload of an employee by business date and outlet."""
    employee = await load(session, Employee, employee_id)
    guard(outlet_id=employee.outlet_id)
    return await _page(session, queries.of_employee(employee_id, first, last), page, queries.BY_DAY)


async def _page(
    session: AsyncSession, statement: Select[Any], page: PageRequest, order: Sequence[Any]
) -> Page[WorkloadView]:
    """One page of counts, each with the staff number of its employee where one is known (N4)."""
    rows, cursor = await paginate(session, statement, page, order=order)
    numbers = await staff_numbers(session, {row.employee_id for row in rows})
    items = [
        WorkloadView(
            outlet_id=row.outlet_id,
            business_date=row.business_date,
            employee_id=row.employee_id,
            staff_number=numbers.get(row.employee_id),
            tickets_completed=row.tickets_completed,
            service_seconds=row.service_seconds,
        )
        for row in rows
    ]
    return Page(items=items, next_cursor=cursor)
