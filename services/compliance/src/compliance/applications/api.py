"""Routes of application forms and applications (M058, M135)."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import action
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    respond,
    routes,
)
from compliance.access import outlets_of
from compliance.applications import commands, queries
from compliance.applications.domain import (
    Application,
    ApplicationState,
    FormKind,
    FormStep,
    IdentityMethod,
    Option,
    Outcome,
)
from compliance.customers.queries import find_customer, subject_of
from compliance.rulebook.registers import approvable_until
from compliance.rulebook.reviews import Waiting

form_router = routes("/v1/application-forms", "applications")
public_router = routes("/v1/public/application-forms", "applications")
router = routes("/v1/applications", "applications")

ITEMS_MAX = 30

Code = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Conditions = Annotated[str, Field(min_length=1, max_length=4000)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Days = Annotated[int, Field(ge=0, le=365)]


class OptionBody(Input):
    """A service offered along with it; ``mandatory`` is refused (``TYING_FORBIDDEN``)."""

    code: Code
    name_zh: Name
    name_en: Name
    mandatory: bool = False


class FormStepBody(Input):
    """A published step, and the natural days within which it follows the one before."""

    code: Code
    name_zh: Name
    name_en: Name
    days: Days


class NewForm(Input):
    """A form with its conditions, what is offered along, and the steps that it takes."""

    code: Code
    kind: FormKind
    conditions_zh: Conditions
    conditions_en: Conditions
    options: Annotated[list[OptionBody], Field(max_length=ITEMS_MAX)]
    steps: Annotated[list[FormStepBody], Field(min_length=1, max_length=ITEMS_MAX)]


class NewApplication(Input):
    """What is applied for, by whom and where."""

    form_id: UUID
    customer_id: UUID
    outlet_id: UUID


class ChoiceBody(Input):
    """What the customer wants along with it; an empty list is a choice like any other."""

    conditions_shown: bool
    options: Annotated[list[Code], Field(max_length=ITEMS_MAX)]


class IdentityBody(Input):
    """How the identity was checked and how it came out; no particulars."""

    method: IdentityMethod
    passed: bool


class StepBody(Input):
    """The step that was taken: the next one of the form."""

    step: Code


class DecisionBody(Input):
    """What the bank decides, and why in words for the customer."""

    outcome: Outcome
    reason: Reason | None


class OptionView(Output):
    """A service offered along with it; never a condition."""

    code: str
    name_zh: str
    name_en: str


class FormStepView(Output):
    """A published step and its days."""

    code: str
    name_zh: str
    name_en: str
    days: int


class FormView(Output):
    """A published form."""

    id: UUID
    code: str
    kind: FormKind
    conditions_zh: str
    conditions_en: str
    options: list[OptionView]
    steps: list[FormStepView]
    published_at: datetime


class ProgressView(Output):
    """A published step: the day by which it is due (null while the one before is open), when it was taken."""

    step: FormStepView
    due_on: date | None
    taken_at: datetime | None


class ChoiceView(Output):
    """What the customer chose himself, after he was shown the conditions."""

    options: list[str]
    chosen_at: datetime


class EndingView(Output):
    """How it ended, and why."""

    state: ApplicationState
    reason: str | None
    ended_at: datetime


class ApplicationView(Output):
    """An application and its progress. ``identified``: whether the last check of the identity passed;
    ``approvable_until``: the first instant at which it cannot be approved any more (REV-01).
    """

    id: UUID
    version: int
    form_id: UUID
    customer_id: UUID
    outlet_id: UUID
    state: ApplicationState
    opened_at: datetime
    approvable_until: datetime
    choice: ChoiceView | None
    identified: bool
    progress: list[ProgressView]
    ending: EndingView | None

    @classmethod
    async def of(cls, session: AsyncSession, application: Application) -> "ApplicationView":
        """The view of an application."""
        form = await queries.form(session, application.form_id)
        return cls(
            id=application.id,
            version=application.version,
            form_id=application.form_id,
            customer_id=application.customer_id,
            outlet_id=application.outlet_id,
            state=application.state,
            opened_at=application.opened_at,
            approvable_until=approvable_until(Waiting.APPLICATION, application.opened_at),
            choice=None if application.choice is None else ChoiceView.model_validate(application.choice),
            identified=application.identified,
            progress=[ProgressView.model_validate(one) for one in application.progress(form)],
            ending=None if application.ending is None else EndingView.model_validate(application.ending),
        )


@form_router.post("", status_code=201)
@action("application_form.publish")
async def publish_form(body: NewForm, session: Session, clock: Now, caller: Caller) -> FormView:
    """Publish a form; an option that is to be mandatory is refused (``TYING_FORBIDDEN``)."""
    form = await commands.publish_form(
        session,
        clock,
        code=body.code,
        kind=body.kind,
        conditions=(body.conditions_zh, body.conditions_en),
        options=tuple(
            Option(code=one.code, name_zh=one.name_zh, name_en=one.name_en) for one in body.options
        ),
        mandatory=tuple(one.code for one in body.options if one.mandatory),
        steps=tuple(FormStep(**one.model_dump()) for one in body.steps),
        by=caller.subject,
    )
    return FormView.model_validate(form)


@public_router.get("")
@action("application_form.query", public=True)
async def query_forms(session: ReadSession, page: PageQuery) -> Page[FormView]:
    """The published forms by code: conditions, options and steps, before anybody applies."""
    rows, cursor = await paginate(session, queries.forms(), page, order=queries.FORM_ORDER)
    return Page(items=[FormView.model_validate(row) for row in rows], next_cursor=cursor)


@router.post("", status_code=201)
@action("application.open")
async def open_application(
    body: NewApplication, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> ApplicationView:
    """Open an application, at the counter or as the customer himself."""
    customer = await find_customer(session, body.customer_id)
    guard(outlet_id=body.outlet_id, owner=None if customer is None else customer.subject)
    application = await commands.open_application(
        session,
        clock,
        form_id=body.form_id,
        customer_id=body.customer_id,
        outlet_id=body.outlet_id,
        by=caller.subject,
    )
    respond(response, version=application.version, location=f"/v1/applications/{application.id}")
    return await ApplicationView.of(session, application)


@router.get("")
@action("application.list")
async def list_applications(session: ReadSession, caller: Caller, page: PageQuery) -> Page[ApplicationView]:
    """List the applications at the caller's outlets."""
    rows, cursor = await paginate(session, queries.listed(outlets_of(caller)), page, order=queries.ORDER)
    return Page(items=[await ApplicationView.of(session, row) for row in rows], next_cursor=cursor)


@router.get("/{application_id}")
@action("application.read")
async def read_application(
    application_id: UUID, session: ReadSession, guard: Guard, response: Response
) -> ApplicationView:
    """Read an application and its progress; a customer reads his own."""
    application = await _guarded(session, guard, application_id)
    respond(response, version=application.version)
    return await ApplicationView.of(session, application)


@router.post("/{application_id}/choice")
@action("application.choose")
async def choose_options(
    application_id: UUID,
    body: ChoiceBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ApplicationView:
    """Choose, as the customer, what is wanted along with it, or nothing."""
    await _guarded(session, guard, application_id)
    application = await commands.choose_options(
        session,
        clock,
        application_id,
        if_match,
        tuple(body.options),
        conditions_shown=body.conditions_shown,
        by=caller.subject,
    )
    respond(response, version=application.version)
    return await ApplicationView.of(session, application)


@router.post("/{application_id}/identity_checks")
@action("application.identify")
async def check_identity(
    application_id: UUID,
    body: IdentityBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ApplicationView:
    """Record a check of the applicant's identity."""
    await _guarded(session, guard, application_id)
    application = await commands.check_identity(
        session,
        clock,
        application_id,
        if_match,
        method=body.method,
        passed=body.passed,
        by=caller.subject,
    )
    respond(response, version=application.version)
    return await ApplicationView.of(session, application)


@router.post("/{application_id}/steps")
@action("application.advance")
async def take_application_step(
    application_id: UUID,
    body: StepBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ApplicationView:
    """Record that the next published step was taken."""
    await _guarded(session, guard, application_id)
    application = await commands.take_step(
        session, clock, application_id, if_match, body.step, by=caller.subject
    )
    respond(response, version=application.version)
    return await ApplicationView.of(session, application)


@router.post("/{application_id}/decision")
@action("application.decide")
async def decide_application(
    application_id: UUID,
    body: DecisionBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ApplicationView:
    """Record the bank's decision; approved, each chosen option becomes an order."""
    await _guarded(session, guard, application_id)
    application = await commands.decide_application(
        session, clock, application_id, if_match, body.outcome, reason=body.reason, by=caller.subject
    )
    respond(response, version=application.version)
    return await ApplicationView.of(session, application)


@router.post("/{application_id}/withdrawal")
@action("application.withdraw")
async def withdraw_application(
    application_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> ApplicationView:
    """Take an application back, as the customer; no reason is asked for."""
    await _guarded(session, guard, application_id)
    application = await commands.withdraw_application(
        session, clock, application_id, if_match, by=caller.subject
    )
    respond(response, version=application.version)
    return await ApplicationView.of(session, application)


async def _guarded(session: AsyncSession, guard: Guard, application_id: UUID) -> Application:
    """The application, for its outlet and its customer alone."""
    application = await queries.application(session, application_id)
    guard(outlet_id=application.outlet_id, owner=await subject_of(session, application.customer_id))
    return application
