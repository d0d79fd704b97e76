"""Use cases of privacy. Answers, withdrawals and guardians bump the head; clocks are read behind locks."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import ObjectNotFound, check_version
from chassis.ids import new_id
from compliance.customers.commands import lock_customer
from compliance.customers.queries import customer as customer_of
from compliance.periods.domain import legal_date
from compliance.personal_data.queries import age
from compliance.personal_data.sealing import Keyring
from compliance.privacy import queries
from compliance.privacy.domain import (
    Guardian,
    GuardianInvalid,
    ImpactAssessment,
    Language,
    Notice,
    NoticeCodeTaken,
    NoticeContent,
    NoticeCoupled,
    NoticeNotGiven,
    NoticeVersion,
    PermissionCheck,
    PrivacyConsent,
    Question,
    Showing,
)
from compliance.privacy.tables import privacy_notices
from compliance.products.queries import product as product_of
from compliance.rulebook.facts import ProductOrigin
from compliance.rulebook.privacy import (
    AnswerFacts,
    ConditionedProduct,
    ConsentPurpose,
    DataKind,
    NoticeFacts,
    PermissionFacts,
)
from compliance.rulebook.registers import answer_finding, notice_finding, permission_violations


async def record_assessment(
    session: AsyncSession, clock: Clock, *, kinds: tuple[DataKind, ...], aim: str, reference: str, by: str
) -> ImpactAssessment:
    """PRI-05: puts an impact assessment on record, for the notices that come after it."""
    made = ImpactAssessment(
        id=new_id(), kinds=kinds, aim=aim, reference=reference, assessed_by=by, assessed_at=clock.now()
    )
    session.add(made)
    return made


async def publish_notice(
    session: AsyncSession,
    clock: Clock,
    *,
    code: str,
    purpose: ConsentPurpose,
    recipient: str | None,
    aim: str,
    content: NoticeContent,
    by: str,
) -> tuple[Notice, NoticeVersion]:
    """A new notice with its first version.

    Raises ``NoticeCodeTaken``, ``RecipientMismatch``, ``KindsMismatch``, ``NecessityMissing`` (PRI-05),
    ``NoticeCoupled`` (PRI-04), ``ObjectNotFound`` for a product that is none.
    """
    taken = select(privacy_notices.c.id).where(privacy_notices.c.code == code)
    if await session.scalar(taken) is not None:
        raise NoticeCodeTaken(taken=code, pointer="/code")
    notice = Notice.open(
        new_id(), code=code, purpose=purpose, recipient=recipient, aim=aim, by=by, at=clock.now()
    )
    version = await _published(session, clock, notice, content, by=by)
    session.add(notice)
    await session.flush()
    session.add(version)
    return notice, version


async def publish_version(
    session: AsyncSession,
    clock: Clock,
    notice_id: UUID,
    expected_version: int,
    content: NoticeContent,
    *,
    by: str,
) -> tuple[Notice, NoticeVersion]:
    """The next version of a notice; the ones before stay as they are.

    Raises ``ObjectNotFound``, ``StaleVersion`` and what :func:`publish_notice` raises of the content.
    """
    notice = await lock(session, Notice, notice_id)
    check_version(notice.version, expected_version)
    version = await _published(session, clock, notice, content, by=by)
    session.add(version)
    return notice, version


async def show_notice(
    session: AsyncSession,
    clock: Clock,
    notice_id: UUID,
    *,
    customer_id: UUID,
    language: Language,
    by: str,
) -> Showing:
    """PRI-03: the present version was put before the customer. Raises ``ObjectNotFound``."""
    await lock_customer(session, customer_id, share=True)
    notice = await lock(session, Notice, notice_id, share=True)
    showing = Showing(
        id=new_id(),
        notice_id=notice.id,
        notice_version=notice.version,
        customer_id=customer_id,
        language=language,
        shown_by=by,
        shown_at=clock.now(),
    )
    session.add(showing)
    return showing


async def add_guardian(
    session: AsyncSession,
    clock: Clock,
    customer_id: UUID,
    expected_version: int,
    guardian_id: UUID,
    *,
    by: str,
) -> tuple[int, Guardian]:
    """PRI-05: somebody answers for the customer; answers the customer's new version.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``GuardianInvalid``.
    """
    if guardian_id == customer_id:
        raise GuardianInvalid(pointer="/guardian_id")
    customer = await lock_customer(session, customer_id)
    check_version(customer.version, expected_version)
    await customer_of(session, guardian_id)
    guardian = Guardian(
        id=new_id(),
        customer_id=customer_id,
        customer_version=customer.touch(),
        guardian_id=guardian_id,
        recorded_by=by,
        recorded_at=clock.now(),
    )
    session.add(guardian)
    return customer.version, guardian


async def answer_notice(
    session: AsyncSession,
    clock: Clock,
    *,
    customer_id: UUID,
    notice_id: UUID,
    notice_version: int,
    given: bool,
    guardian_id: UUID | None,
    by: str,
) -> PrivacyConsent:
    """Records the customer's answer to a version of a notice; a refusal takes back what stood of it.

    Raises ``ObjectNotFound``, ``NoticeNotGiven`` (PRI-03).
    """
    customer = await lock_customer(session, customer_id)
    notice = await lock(session, Notice, notice_id, share=True)
    at = clock.now()
    facts = AnswerFacts(
        shown=await queries.was_shown(session, customer_id, notice_id, notice_version),
        current=notice_version == notice.version,
    )
    if answer_finding(facts, legal_date(at)) is not None:
        raise NoticeNotGiven(pointer="/notice_version")
    content = (await queries.notice_version(session, notice_id, notice_version)).content
    if not given:
        for held in await queries.standing(session, customer_id, notice.purpose):
            if (held.recipient, held.aim) == (notice.recipient, notice.aim):
                held.withdraw(new_id(), customer_version=customer.touch(), by=by, at=at)
    answer = PrivacyConsent(
        id=new_id(),
        customer_id=customer_id,
        customer_version=customer.touch(),
        notice_id=notice_id,
        notice_version=notice_version,
        purpose=notice.purpose,
        recipient=notice.recipient,
        aim=notice.aim,
        kinds=content.kinds,
        retention_months=content.retention_months,
        given=given,
        guardian_id=guardian_id,
        answered_by=by,
        answered_at=at,
    )
    session.add(answer)
    return answer


async def withdraw_answer(
    session: AsyncSession, clock: Clock, consent: PrivacyConsent, expected_version: int, *, by: str
) -> PrivacyConsent:
    """Takes a consent back; what rests on it stops. Raises ``StaleVersion``, ``AnswerNotGiven``,
    ``AnswerWithdrawn``.
    """
    customer = await lock_customer(session, consent.customer_id)
    await session.refresh(consent)
    check_version(consent.version, expected_version)
    consent.withdraw(new_id(), customer_version=customer.touch(), by=by, at=clock.now())
    return consent


async def check_permission(
    session: AsyncSession, clock: Clock, keys: Keyring, customer_id: UUID, question: Question, *, by: str
) -> PermissionCheck:
    """Answers whether somebody may do this with the customer's data now (PRI-01, PRI-02, PRI-05), on record.

    Raises ``ObjectNotFound``, ``SealUnreadable``.
    """
    customer = await lock_customer(session, customer_id, share=True)
    at = clock.now()
    facts = PermissionFacts(
        use=question.use,
        recipient=question.recipient,
        aim=question.aim,
        kinds=question.kinds,
        automated=question.automated,
        profiled=question.profiled,
        option=question.option,
        consents=tuple(one.standing() for one in await queries.standing(session, customer_id)),
        age=await age(session, keys, customer_id, legal_date(at)),
    )
    violations = permission_violations(facts, legal_date(at))
    check = PermissionCheck(
        id=new_id(),
        customer_id=customer_id,
        customer_version=customer.version,
        question=question,
        allowed=not violations,
        violations=violations,
        asked_by=by,
        asked_at=at,
    )
    session.add(check)
    return check


async def _published(
    session: AsyncSession, clock: Clock, notice: Notice, content: NoticeContent, *, by: str
) -> NoticeVersion:
    at = clock.now()
    products = [await product_of(session, product_id) for product_id in content.condition_of]
    facts = NoticeFacts(
        purpose=notice.purpose,
        recipient=notice.recipient,
        condition_of=tuple(
            ConditionedProduct(
                code=product.code,
                provider=product.issuer if product.origin is ProductOrigin.AGENCY else None,
            )
            for product in products
        ),
    )
    if (finding := notice_finding(facts, legal_date(at))) is not None:
        codes = finding.details["products"]
        raise NoticeCoupled(
            zh_products="、".join(codes), en_products=", ".join(codes), pointer="/content/condition_of"
        )
    assessed = None
    if content.assessment_id is not None:
        made = await queries.assessment(session, content.assessment_id)
        if made is None:
            raise ObjectNotFound(pointer="/content/assessment_id")
        assessed = made.kinds if made.aim == notice.aim else None
    return notice.publish(content, assessed=assessed, by=by, at=at)
