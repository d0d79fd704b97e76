"""Reads of workload: counts of served tickets, joined with the employees that are known by now (N4)."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Select, func, select

from staffing.employees.queries import known
from staffing.workload.tables import served_tickets as served

TICKETS = func.count().label("tickets_completed")
SECONDS = func.sum(served.c.service_seconds, type_=BigInteger).label("service_seconds")

#: The orders of the three lists; each is unique among the groups of its list.
BY_EMPLOYEE = (served.c.employee_id,)
BY_DAY = (served.c.business_date, served.c.outlet_id)
BY_OUTLET = (served.c.outlet_id, served.c.employee_id)

COUNTED = (served.c.outlet_id, served.c.business_date, served.c.employee_id)


def of_outlet(outlet_id: UUID, day: date) -> Select[Any]:
    """The workload of everybody who served at an outlet on a business day."""
    return (
        select(*COUNTED, TICKETS, SECONDS)
        .where(served.c.outlet_id == outlet_id, served.c.business_date == day)
        .group_by(*COUNTED)
    )


def of_employee(employee_id: UUID, first: date | None, last: date | None) -> Select[Any]:
    """The workload of an employee, by business day and outlet; both dates included."""
    statement = select(*COUNTED, TICKETS, SECONDS).where(served.c.employee_id == employee_id)
    if first is not None:
        statement = statement.where(served.c.business_date >= first)
    if last is not None:
        statement = statement.where(served.c.business_date <= last)
    return statement.group_by(*COUNTED)


def unmatched(outlets: Collection[UUID] | None, day: date) -> Select[Any]:
    """N4: what was served on a business day, at these outlets (None: all), by employees unknown as yet."""
    statement = select(*COUNTED, TICKETS, SECONDS).where(
        served.c.business_date == day, served.c.employee_id.not_in(known())
    )
    if outlets is not None:
        statement = statement.where(served.c.outlet_id.in_(outlets))
    return statement.group_by(*COUNTED)
