"""Use cases of forms and applications."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Conflict, Invalid, check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.applications import queries
from compliance.applications.domain import (
    Application,
    ApplicationState,
    Form,
    FormKind,
    FormStep,
    IdentityMethod,
    Option,
    Outcome,
    check_voluntary,
)
from compliance.applications.tables import application_forms
from compliance.customers.queries import find_customer
from compliance.outlets.queries import open_outlet
from compliance.periods.domain import end_of_days
from compliance.reviews.commands import must_be_in_time
from compliance.rulebook.registers import approvable_until
from compliance.rulebook.reviews import Waiting


class FormCodeTaken(Conflict):
    """Codes of forms are unique."""

    code = "APPLICATION_FORM_CODE_TAKEN"
    zh = "申请表代码 {taken} 已存在;内容变更请使用新代码发布。"
    en = "There is a form with the code {taken}; publish another wording under a code of its own."


class FormTooLong(Invalid):
    """REV-01: who chooses on the day of the opening, and is served by each published day, can be approved."""

    code = "APPLICATION_FORM_TOO_LONG"
    zh = "流程步骤合计 {days} 天,超过申请可获批准的期限;请缩短步骤时限。"
    en = "The steps take {days} days, longer than an application can be approved; shorten them."


class FormUnknown(Invalid):
    """What is applied for has its published form."""

    code = "APPLICATION_FORM_UNKNOWN"
    zh = "没有这份申请表;请核对 form_id。"
    en = "There is no such form; check form_id."


class ApplicantUnknown(Invalid):
    """The customer comes first."""

    code = "APPLICANT_UNKNOWN"
    zh = "没有这个客户;请先登记客户。"
    en = "There is no such customer; register the customer first."


async def publish_form(
    session: AsyncSession,
    clock: Clock,
    *,
    code: str,
    kind: FormKind,
    conditions: tuple[str, str],
    options: tuple[Option, ...],
    mandatory: tuple[str, ...],
    steps: tuple[FormStep, ...],
    by: str,
) -> Form:
    """Publishes a form; ``conditions`` in Chinese and English, ``mandatory``: options that are to be a must.

    Raises :class:`FormCodeTaken`, :class:`FormTooLong`, ``TyingForbidden``, ``FormInvalid``.
    """
    check_voluntary(mandatory)
    at, days = clock.now(), sum(step.days for step in steps)
    if end_of_days(at, days) > approvable_until(Waiting.APPLICATION, at):
        raise FormTooLong(days=days, pointer="/steps")
    taken = select(application_forms.c.id).where(application_forms.c.code == code)
    if await session.scalar(taken) is not None:
        raise FormCodeTaken(taken=code, pointer="/code")
    conditions_zh, conditions_en = conditions
    form = Form(
        id=new_id(),
        code=code,
        kind=kind,
        conditions_zh=conditions_zh,
        conditions_en=conditions_en,
        options=options,
        steps=steps,
        published_by=by,
        published_at=at,
    )
    session.add(form)
    return form


async def open_application(
    session: AsyncSession, clock: Clock, *, form_id: UUID, customer_id: UUID, outlet_id: UUID, by: str
) -> Application:
    """Opens an application.

    Raises ``OutletUnknown``, ``OutletIsClosed``, :class:`ApplicantUnknown`, :class:`FormUnknown`.
    """
    await open_outlet(session, outlet_id)
    if await find_customer(session, customer_id) is None:
        raise ApplicantUnknown(pointer="/customer_id")
    if await queries.find_form(session, form_id) is None:
        raise FormUnknown(pointer="/form_id")
    application = Application(
        id=new_id(),
        version=1,
        form_id=form_id,
        customer_id=customer_id,
        outlet_id=outlet_id,
        state=ApplicationState.OPENED,
        opened_by=by,
        opened_at=clock.now(),
    )
    session.add(application)
    return application


async def choose_options(
    session: AsyncSession,
    clock: Clock,
    application_id: UUID,
    expected_version: int,
    options: tuple[str, ...],
    *,
    conditions_shown: bool,
    by: str,
) -> Application:
    """The customer chooses what he wants along with it, or nothing (M058).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewLapsed``, and what ``Application.choose`` raises.
    """
    application, form, at = await _to_go_on(session, clock, application_id, expected_version)
    application.choose(form, options, conditions_shown=conditions_shown, by=by, at=at)
    return application


async def check_identity(
    session: AsyncSession,
    clock: Clock,
    application_id: UUID,
    expected_version: int,
    *,
    method: IdentityMethod,
    passed: bool,
    by: str,
) -> Application:
    """Records a check of the applicant's identity.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewLapsed``, ``ApplicationIsOver``.
    """
    application, _, at = await _to_go_on(session, clock, application_id, expected_version)
    application.check_identity(new_id(), method=method, passed=passed, by=by, at=at)
    return application


async def take_step(
    session: AsyncSession, clock: Clock, application_id: UUID, expected_version: int, code: str, *, by: str
) -> Application:
    """Records that the next published step was taken.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewLapsed``, and what ``Application.take_step`` raises.
    """
    application, form, at = await _to_go_on(session, clock, application_id, expected_version)
    application.take_step(form, code, by=by, at=at)
    return application


async def decide_application(
    session: AsyncSession,
    clock: Clock,
    application_id: UUID,
    expected_version: int,
    outcome: Outcome,
    *,
    reason: str | None,
    by: str,
) -> Application:
    """Records the bank's decision; approved, each chosen option is an order (M058). To decline is never late.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ReviewLapsed``, and what ``Application.decide`` raises.
    """
    if outcome is Outcome.APPROVED:
        application, form, at = await _to_go_on(session, clock, application_id, expected_version)
    else:
        application, form = await _to_change(session, application_id, expected_version)
        at = clock.now()
    await record(session, application.decide(form, outcome, reason=reason, by=by, at=at))
    return application


async def withdraw_application(
    session: AsyncSession, clock: Clock, application_id: UUID, expected_version: int, *, by: str
) -> Application:
    """Takes the application back. Raises ``ObjectNotFound``, ``StaleVersion``, ``ApplicationIsOver``."""
    application, _ = await _to_change(session, application_id, expected_version)
    await record(session, application.withdraw(by=by, at=clock.now()))
    return application


async def _to_go_on(
    session: AsyncSession, clock: Clock, application_id: UUID, expected_version: int
) -> tuple[Application, Form, datetime]:
    """Locked, running and in time at the instant that is answered (REV-01)."""
    application, form = await _to_change(session, application_id, expected_version)
    at = clock.now()
    application.must_run()
    must_be_in_time(application.opened_at, at, Waiting.APPLICATION)
    return application, form, at


async def _to_change(
    session: AsyncSession, application_id: UUID, expected_version: int
) -> tuple[Application, Form]:
    application = await lock(session, Application, application_id)
    check_version(application.version, expected_version)
    return application, await queries.form(session, application.form_id)
