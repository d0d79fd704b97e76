"""Routes of employees and their qualifications. The ETag of both is the employee's version."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import action
from chassis.db import load
from chassis.http.routing import (
    Caller,
    Gate,
    Guard,
    IfMatch,
    Input,
    Now,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from staffing.access import visible_outlets
from staffing.employees import commands, queries
from staffing.employees.domain import Employee, Employer, Post
from staffing.employees.views import EmployeeView, QualificationView
from staffing.qualifications.domain import Qualification, QualificationKind

router = routes("/v1/employees", "employees")

StaffNumber = Annotated[str, Field(max_length=32, pattern=r"^[A-Za-z0-9-]+$")]
Subject = Annotated[str, Field(min_length=1, max_length=255)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class EmployeeBody(Input):
    """What describes an employee; ``subject`` is null for somebody without access to systems."""

    outlet_id: UUID
    subject: Subject | None
    employer: Employer
    posts: Annotated[list[Post], Field(min_length=1, max_length=len(Post))]

    @property
    def distinct_posts(self) -> tuple[Post, ...]:
        """The posts in the order given, each once."""
        return tuple(dict.fromkeys(self.posts))


class NewEmployee(EmployeeBody):
    """A new employee, with the staff number that he or she keeps."""

    staff_number: StaffNumber


class NewQualification(Input):
    """A qualification to grant: both days are included, null leaves the end open."""

    kind: QualificationKind
    valid_from: date
    valid_to: date | None


class Revocation(Input):
    """Why a qualification ends for good."""

    reason: Reason


class NewSuspension(Input):
    """Why a qualification rests, from when (left out: now) and until before when (null: until reinstated)."""

    reason: Reason
    suspended_from: AwareDatetime | None = None
    suspended_until: AwareDatetime | None


@router.post("", status_code=201)
@action("employee.join")
async def join_employee(
    body: NewEmployee, session: Session, clock: Now, guard: Guard, response: Response
) -> EmployeeView:
    """Take an employee into the register."""
    guard(outlet_id=body.outlet_id)
    at = clock.now()
    employee = await commands.join(
        session,
        at,
        staff_number=body.staff_number,
        outlet_id=body.outlet_id,
        subject=body.subject,
        employer=body.employer,
        posts=body.distinct_posts,
    )
    respond(response, version=employee.version, location=f"/v1/employees/{employee.id}")
    return EmployeeView.of(employee, at)


@router.get("")
@action("employee.list")
async def list_employees(
    session: ReadSession,
    clock: Now,
    caller: Caller,
    page: PageQuery,
    outlet_id: UUID | None = None,
    active: bool | None = None,
) -> Page[EmployeeView]:
    """List the employees of the caller's outlets by staff number."""
    at = clock.now()
    statement = queries.listed(outlets=visible_outlets(caller), outlet_id=outlet_id, active=active)
    found, cursor = await paginate(session, statement, page, order=queries.ORDER)
    return Page(items=[EmployeeView.of(employee, at) for employee in found], next_cursor=cursor)


@router.get("/{employee_id}")
@action("employee.read")
async def read_employee(
    employee_id: UUID, session: ReadSession, clock: Now, guard: Guard, response: Response
) -> EmployeeView:
    """Read an employee with all qualifications."""
    employee = await _guarded(session, guard, employee_id)
    respond(response, version=employee.version)
    return EmployeeView.of(employee, clock.now())


@router.put("/{employee_id}")
@action("employee.change")
async def change_employee(
    employee_id: UUID,
    body: EmployeeBody,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> EmployeeView:
    """Replace what describes an employee; the staff number stays."""
    await _guarded(session, guard, employee_id)
    guard(outlet_id=body.outlet_id)
    at = clock.now()
    employee = await commands.change(
        session,
        at,
        employee_id,
        if_match,
        outlet_id=body.outlet_id,
        subject=body.subject,
        employer=body.employer,
        posts=body.distinct_posts,
    )
    respond(response, version=employee.version)
    return EmployeeView.of(employee, at)


@router.post("/{employee_id}/departure")
@action("employee.leave")
async def leave_employee(
    employee_id: UUID, session: Session, clock: Now, guard: Guard, if_match: IfMatch, response: Response
) -> EmployeeView:
    """Note that an employee leaves for good, now; every qualification ends with it."""
    await _guarded(session, guard, employee_id)
    at = clock.now()
    employee = await commands.leave(session, at, employee_id, if_match)
    respond(response, version=employee.version)
    return EmployeeView.of(employee, at)


@router.post("/{employee_id}/qualifications", status_code=201)
@action("qualification.grant")
async def grant_qualification(
    employee_id: UUID,
    body: NewQualification,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> QualificationView:
    """Grant a qualification."""
    await _guarded(session, guard, employee_id)
    at = clock.now()
    employee, granted = await commands.grant(
        session,
        at,
        employee_id,
        if_match,
        kind=body.kind,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
    )
    respond(response, location=f"/v1/employees/{employee_id}/qualifications/{granted.id}")
    return _answer(response, employee, granted, at)


@router.get("/{employee_id}/qualifications/{qualification_id}")
@action("qualification.read")
async def read_qualification(
    employee_id: UUID,
    qualification_id: UUID,
    session: ReadSession,
    clock: Now,
    guard: Guard,
    response: Response,
) -> QualificationView:
    """Read a qualification."""
    employee = await _guarded(session, guard, employee_id)
    return _answer(response, employee, employee.qualification(qualification_id), clock.now())


@router.post("/{employee_id}/qualifications/{qualification_id}/revocation")
@action("qualification.revoke")
async def revoke_qualification(
    employee_id: UUID,
    qualification_id: UUID,
    body: Revocation,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> QualificationView:
    """Revoke a qualification, at once and for good."""
    await _guarded(session, guard, employee_id)
    at = clock.now()
    employee, revoked = await commands.revoke(
        session, at, employee_id, if_match, qualification_id, reason=body.reason
    )
    return _answer(response, employee, revoked, at)


@router.post("/{employee_id}/qualifications/{qualification_id}/suspension")
@action("qualification.suspend")
async def suspend_qualification(
    employee_id: UUID,
    qualification_id: UUID,
    body: NewSuspension,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> QualificationView:
    """Suspend a qualification."""
    await _guarded(session, guard, employee_id)
    at = clock.now()
    employee, suspended = await commands.suspend(
        session,
        at,
        employee_id,
        if_match,
        qualification_id,
        suspended_from=body.suspended_from,
        suspended_until=body.suspended_until,
        reason=body.reason,
    )
    return _answer(response, employee, suspended, at)


@router.post("/{employee_id}/qualifications/{qualification_id}/reinstatement")
@action("qualification.reinstate")
async def reinstate_qualification(
    employee_id: UUID,
    qualification_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    if_match: IfMatch,
    response: Response,
) -> QualificationView:
    """End the suspension of a qualification, at once."""
    await _guarded(session, guard, employee_id)
    at = clock.now()
    employee, reinstated = await commands.reinstate(session, at, employee_id, if_match, qualification_id)
    return _answer(response, employee, reinstated, at)


async def _guarded(session: AsyncSession, guard: Gate, employee_id: UUID) -> Employee:
    """The employee, whom nobody sees from a foreign outlet: 404 either way."""
    employee = await load(session, Employee, employee_id)
    guard(outlet_id=employee.outlet_id)
    return employee


def _answer(
    response: Response, employee: Employee, qualification: Qualification, at: datetime
) -> QualificationView:
    respond(response, version=employee.version)
    return QualificationView.of(qualification, at)
