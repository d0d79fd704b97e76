"""Routes of privacy: notices and impact assessments, what customers answered, what others may do."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.auth import action
from chassis.http.edge import edge_of
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Now,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    refused,
    respond,
    routes,
)
from compliance.customers.queries import customer as customer_of
from compliance.personal_data.sealing import keyring
from compliance.privacy import commands, queries
from compliance.privacy.domain import REFUSALS
from compliance.privacy.views import (
    AnswerBody,
    GuardianBody,
    GuardianView,
    ImpactAssessmentBody,
    ImpactAssessmentView,
    NewNotice,
    NewNoticeVersion,
    NoticeEntry,
    NoticeVersionView,
    NoticeView,
    PermissionCheckView,
    PrivacyConsentView,
    QuestionBody,
    ShowingBody,
    ShowingView,
)

notice_router = routes("/v1/privacy_notices", "privacy")
assessment_router = routes("/v1/impact_assessments", "privacy")
customer_router = routes("/v1/customers/{customer_id}", "privacy")
consent_router = routes("/v1/privacy_consents", "privacy")
check_router = routes("/v1/permission_checks", "privacy")

CustomerId = Annotated[UUID | None, Query(description="about this customer alone")]


@notice_router.post("", status_code=201)
@action("notice.publish")
async def publish_notice(
    body: NewNotice, session: Session, clock: Now, caller: Caller, response: Response
) -> NoticeView:
    """Publish a notice; one that makes a product depend on an unrelated consent is refused (PRI-04)."""
    notice, version = await commands.publish_notice(
        session,
        clock,
        code=body.code,
        purpose=body.purpose,
        recipient=body.recipient,
        aim=body.aim,
        content=body.content.content(),
        by=caller.subject,
    )
    respond(response, version=notice.version, location=f"/v1/privacy_notices/{notice.id}")
    return NoticeView.of(notice, version)


@notice_router.get("")
@action("notice.read")
async def list_notices(session: ReadSession, page: PageQuery) -> Page[NoticeEntry]:
    """List the notices."""
    rows, cursor = await paginate(session, queries.notices(), page, order=queries.NOTICE_ORDER)
    return Page(items=[NoticeEntry.model_validate(row) for row in rows], next_cursor=cursor)


@notice_router.get("/{notice_id}")
@action("notice.read")
async def read_notice(
    notice_id: UUID, session: ReadSession, caller: Caller, guard: Guard, response: Response
) -> NoticeView:
    """Read a notice with its present version."""
    notice = await queries.notice(session, notice_id)
    guard(outlet_id=None, owner=caller.subject)
    respond(response, version=notice.version)
    return NoticeView.of(notice, await queries.notice_version(session, notice_id, notice.version))


@notice_router.post("/{notice_id}/versions")
@action("notice.publish")
async def publish_notice_version(
    notice_id: UUID,
    body: NewNoticeVersion,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> NoticeView:
    """Publish the next version; the ones before never change."""
    guard(outlet_id=None)
    notice, version = await commands.publish_version(
        session, clock, notice_id, if_match, body.content.content(), by=caller.subject
    )
    respond(response, version=notice.version)
    return NoticeView.of(notice, version)


@notice_router.get("/{notice_id}/versions")
@action("notice.read")
async def list_notice_versions(
    notice_id: UUID, session: ReadSession, caller: Caller, guard: Guard, page: PageQuery
) -> Page[NoticeVersionView]:
    """List the versions of a notice, oldest first."""
    await queries.notice(session, notice_id)
    guard(outlet_id=None, owner=caller.subject)
    rows, cursor = await paginate(session, queries.versions(notice_id), page, order=queries.VERSION_ORDER)
    return Page(items=[NoticeVersionView.model_validate(row) for row in rows], next_cursor=cursor)


@notice_router.post("/{notice_id}/showings", status_code=201)
@action("notice.show")
async def show_notice(
    notice_id: UUID, body: ShowingBody, session: Session, clock: Now, guard: Guard, caller: Caller
) -> ShowingView:
    """Record that the present version was put before the customer (PRI-03)."""
    owner, _ = await queries.answering(session, body.customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    showing = await commands.show_notice(
        session,
        clock,
        notice_id,
        customer_id=body.customer_id,
        language=body.language,
        by=caller.subject,
    )
    return ShowingView.model_validate(showing)


@assessment_router.post("", status_code=201)
@action("impact_assessment.record")
async def record_impact_assessment(
    body: ImpactAssessmentBody, session: Session, clock: Now, caller: Caller
) -> ImpactAssessmentView:
    """Record that the impact of handling sensitive data was assessed (PRI-05)."""
    made = await commands.record_assessment(
        session,
        clock,
        kinds=tuple(sorted(set(body.kinds))),
        aim=body.aim,
        reference=body.reference,
        by=caller.subject,
    )
    return ImpactAssessmentView.model_validate(made)


@assessment_router.get("")
@action("impact_assessment.list")
async def list_impact_assessments(session: ReadSession, page: PageQuery) -> Page[ImpactAssessmentView]:
    """List the impact assessments, oldest first."""
    rows, cursor = await paginate(session, queries.assessments(), page, order=queries.ASSESSMENT_ORDER)
    return Page(items=[ImpactAssessmentView.model_validate(row) for row in rows], next_cursor=cursor)


@customer_router.post("/guardians")
@action("guardian.record")
async def record_guardian(
    customer_id: UUID,
    body: GuardianBody,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> GuardianView:
    """Record who answers for a customer, as seen from their papers."""
    guard(outlet_id=None)
    version, guardian = await commands.add_guardian(
        session, clock, customer_id, if_match, body.guardian_id, by=caller.subject
    )
    respond(response, version=version)
    return GuardianView.model_validate(guardian)


@customer_router.get("/guardians")
@action("privacy_consent.read")
async def list_guardians(
    customer_id: UUID, session: ReadSession, guard: Guard, caller: Caller, page: PageQuery
) -> Page[GuardianView]:
    """List who answers for a customer."""
    owner, _ = await queries.answering(session, customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    rows, cursor = await paginate(
        session, queries.guardians_of(customer_id), page, order=queries.GUARDIAN_ORDER
    )
    return Page(items=[GuardianView.model_validate(row) for row in rows], next_cursor=cursor)


@customer_router.get("/privacy_consents")
@action("privacy_consent.read")
async def list_privacy_consents(
    customer_id: UUID, session: ReadSession, guard: Guard, caller: Caller, page: PageQuery
) -> Page[PrivacyConsentView]:
    """List a customer's answers to notices, oldest first."""
    owner, _ = await queries.answering(session, customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    rows, cursor = await paginate(
        session, queries.consents_of(customer_id), page, order=queries.CONSENT_ORDER
    )
    return Page(items=[PrivacyConsentView.model_validate(row) for row in rows], next_cursor=cursor)


@consent_router.post("", status_code=201)
@action("privacy_consent.answer")
async def answer_notice(
    body: AnswerBody, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> PrivacyConsentView:
    """Answer a notice that was shown, as the customer or as who answers for him (PRI-03)."""
    owner, guardian_id = await queries.answering(session, body.customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    answer = await commands.answer_notice(
        session,
        clock,
        customer_id=body.customer_id,
        notice_id=body.notice_id,
        notice_version=body.notice_version,
        given=body.given,
        guardian_id=guardian_id,
        by=caller.subject,
    )
    respond(response, version=answer.version, location=f"/v1/privacy_consents/{answer.id}")
    return PrivacyConsentView.model_validate(answer)


@consent_router.get("/{privacy_consent_id}")
@action("privacy_consent.read")
async def read_privacy_consent(
    privacy_consent_id: UUID, session: ReadSession, guard: Guard, caller: Caller, response: Response
) -> PrivacyConsentView:
    """Read an answer to a notice."""
    consent = await queries.consent(session, privacy_consent_id)
    owner, _ = await queries.answering(session, consent.customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    respond(response, version=consent.version)
    return PrivacyConsentView.model_validate(consent)


@consent_router.post("/{privacy_consent_id}/withdrawal")
@action("privacy_consent.answer")
async def withdraw_privacy_consent(
    privacy_consent_id: UUID,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> PrivacyConsentView:
    """Take a consent back; no reason is asked for, and what rests on it stops (PRI-03)."""
    consent = await queries.consent(session, privacy_consent_id)
    owner, _ = await queries.answering(session, consent.customer_id, caller.subject)
    guard(outlet_id=None, owner=owner)
    await commands.withdraw_answer(session, clock, consent, if_match, by=caller.subject)
    respond(response, version=consent.version)
    return PrivacyConsentView.model_validate(consent)


@check_router.post("", status_code=201, response_model=PermissionCheckView)
@action("permission.check")
async def check_permission(
    body: QuestionBody,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    response: Response,
) -> PermissionCheckView | Response:
    """Ask, before acting, whether this may be done: yes (201) or no (422), on record either way."""
    await customer_of(session, body.customer_id)
    guard(outlet_id=None)
    check = await commands.check_permission(
        session,
        clock,
        keyring(edge_of(request).settings),
        body.customer_id,
        body.question(),
        by=caller.subject,
    )
    location, view = f"/v1/permission_checks/{check.id}", PermissionCheckView.of(check)
    if not check.allowed:
        kind = REFUSALS[check.violations[0].code]
        return refused(kind, check.violations, body=view, location=location)
    respond(response, location=location)
    return view


@check_router.get("")
@action("permission.audit")
async def list_permission_checks(
    session: ReadSession, page: PageQuery, customer_id: CustomerId = None
) -> Page[PermissionCheckView]:
    """List what was asked and answered, oldest first."""
    rows, cursor = await paginate(session, queries.checks(customer_id), page, order=queries.CHECK_ORDER)
    return Page(items=[PermissionCheckView.of(row) for row in rows], next_cursor=cursor)


@check_router.get("/{check_id}")
@action("permission.audit")
async def read_permission_check(check_id: UUID, session: ReadSession, guard: Guard) -> PermissionCheckView:
    """Read a question and its answer."""
    guard(outlet_id=None)
    return PermissionCheckView.of(await queries.check(session, check_id))
