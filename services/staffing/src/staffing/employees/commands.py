"""Use cases of employees and their qualifications: load, decide, save, record the fact."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import lock
from chassis.errors import Conflict, Invalid, check_version
from chassis.ids import new_id
from chassis.outbox import record
from staffing.employees.alerting import check_no_alert
from staffing.employees.domain import Employee, Employer, Post
from staffing.outlets.domain import Outlet, OutletStatus
from staffing.qualifications.domain import Qualification, QualificationKind


class StaffNumberTaken(Conflict):
    """Staff numbers are unique, also those of employees who have left."""

    code = "STAFF_NUMBER_TAKEN"
    zh = "工号 {taken} 已被使用;请核对工号。"
    en = "The staff number {taken} is taken; check it."


class SubjectTaken(Conflict):
    """A token belongs to one employee."""

    code = "SUBJECT_TAKEN"
    zh = "该登录账号已属于另一名员工;请核对账号。"
    en = "The subject belongs to another employee; check whose token it is."


class HomeOutletUnknown(Invalid):
    """The home outlet is not in the register of outlets."""

    code = "HOME_OUTLET_UNKNOWN"
    zh = "没有这个网点;请填写已开业网点的编号。"
    en = "There is no such outlet; name the id of an open one."


class HomeOutletClosed(Conflict):
    """Nobody joins, or moves to, a closed outlet."""

    code = "HOME_OUTLET_CLOSED"
    zh = "网点 {outlet} 已关闭;请填写已开业网点的编号。"
    en = "Outlet {outlet} is closed; name the id of an open one."


async def join(
    session: AsyncSession,
    now: datetime,
    *,
    staff_number: str,
    outlet_id: UUID,
    subject: str | None,
    employer: Employer,
    posts: tuple[Post, ...],
) -> Employee:
    """Takes an employee into the register.

    Raises :class:`StaffNumberTaken`, :class:`SubjectTaken`, :class:`HomeOutletUnknown`,
    :class:`HomeOutletClosed`.
    """
    await _check_home(session, outlet_id)
    if (await session.execute(select(Employee).filter_by(staff_number=staff_number))).first() is not None:
        raise StaffNumberTaken(taken=staff_number, pointer="/staff_number")
    await _check_subject(session, subject, None)
    employee, fact = Employee.join(
        new_id(),
        staff_number=staff_number,
        outlet_id=outlet_id,
        subject=subject,
        employer=employer,
        posts=posts,
        at=now,
    )
    session.add(employee)
    await record(session, fact)
    return employee


async def change(
    session: AsyncSession,
    now: datetime,
    employee_id: UUID,
    expected_version: int,
    *,
    outlet_id: UUID,
    subject: str | None,
    employer: Employer,
    posts: tuple[Post, ...],
) -> Employee:
    """Replaces what describes an employee.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``EmployeeHasLeft``, :class:`SubjectTaken`,
    :class:`HomeOutletUnknown`, :class:`HomeOutletClosed`.
    """
    employee = await _lock(session, employee_id, expected_version)
    await _check_home(session, outlet_id)
    await _check_subject(session, subject, employee_id)
    fact = employee.change(outlet_id=outlet_id, subject=subject, employer=employer, posts=posts, at=now)
    await record(session, fact)
    return employee


async def leave(session: AsyncSession, now: datetime, employee_id: UUID, expected_version: int) -> Employee:
    """An employee leaves for good. Raises ``ObjectNotFound``, ``StaleVersion``, ``EmployeeHasLeft``."""
    employee = await _lock(session, employee_id, expected_version)
    await record(session, employee.leave(at=now))
    return employee


async def grant(
    session: AsyncSession,
    now: datetime,
    employee_id: UUID,
    expected_version: int,
    *,
    kind: QualificationKind,
    valid_from: date,
    valid_to: date | None,
) -> tuple[Employee, Qualification]:
    """Grants a qualification.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ConductAlertOpen`` and what ``Employee.grant`` raises.
    """
    employee = await _lock(session, employee_id, expected_version)
    await check_no_alert(session, employee_id)
    fact = employee.grant(new_id(), kind=kind, valid_from=valid_from, valid_to=valid_to, at=now)
    await record(session, fact)
    return employee, employee.qualification(fact.qualification_id)


async def revoke(
    session: AsyncSession,
    now: datetime,
    employee_id: UUID,
    expected_version: int,
    qualification_id: UUID,
    *,
    reason: str,
) -> tuple[Employee, Qualification]:
    """Revokes a qualification.

    Raises ``ObjectNotFound``, ``StaleVersion`` and what ``Employee.revoke`` raises.
    """
    employee = await _lock(session, employee_id, expected_version)
    await record(session, employee.revoke(qualification_id, reason=reason, at=now))
    return employee, employee.qualification(qualification_id)


async def suspend(
    session: AsyncSession,
    now: datetime,
    employee_id: UUID,
    expected_version: int,
    qualification_id: UUID,
    *,
    suspended_from: datetime | None,
    suspended_until: datetime | None,
    reason: str,
) -> tuple[Employee, Qualification]:
    """Suspends a qualification, from ``now`` where no later instant is given.

    Raises ``ObjectNotFound``, ``StaleVersion`` and what ``Employee.suspend`` raises.
    """
    employee = await _lock(session, employee_id, expected_version)
    fact = employee.suspend(
        qualification_id,
        suspended_from=suspended_from or now,
        suspended_until=suspended_until,
        reason=reason,
        at=now,
    )
    await record(session, fact)
    return employee, employee.qualification(qualification_id)


async def reinstate(
    session: AsyncSession, now: datetime, employee_id: UUID, expected_version: int, qualification_id: UUID
) -> tuple[Employee, Qualification]:
    """Reinstates a qualification.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ConductAlertOpen`` and what ``Employee.reinstate`` raises.
    """
    employee = await _lock(session, employee_id, expected_version)
    await check_no_alert(session, employee_id)
    await record(session, employee.reinstate(qualification_id, at=now))
    return employee, employee.qualification(qualification_id)


async def _lock(session: AsyncSession, employee_id: UUID, expected_version: int) -> Employee:
    employee = await lock(session, Employee, employee_id)
    check_version(employee.version, expected_version)
    return employee


async def _check_home(session: AsyncSession, outlet_id: UUID) -> None:
    """G1: the outlet is locked for sharing, so that it cannot close while somebody joins it."""
    outlet = await session.get(Outlet, outlet_id, with_for_update={"read": True}, populate_existing=True)
    if outlet is None:
        raise HomeOutletUnknown(pointer="/outlet_id")
    if outlet.status is OutletStatus.CLOSED:
        raise HomeOutletClosed(outlet=outlet.code, pointer="/outlet_id")


async def _check_subject(session: AsyncSession, subject: str | None, employee_id: UUID | None) -> None:
    if subject is None:
        return
    holder = (await session.execute(select(Employee).filter_by(subject=subject))).scalar_one_or_none()
    if holder is not None and holder.id != employee_id:
        raise SubjectTaken(pointer="/subject")
