"""Reads of notices, consents and permission checks."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load
from compliance.customers.queries import customer as customer_of
from compliance.customers.queries import find_customer
from compliance.privacy.domain import (
    Guardian,
    ImpactAssessment,
    Notice,
    NoticeVersion,
    PermissionCheck,
    PrivacyConsent,
    Showing,
)
from compliance.privacy.tables import (
    customer_guardians,
    impact_assessments,
    notice_showings,
    permission_checks,
    privacy_consents,
    privacy_notice_versions,
    privacy_notices,
    privacy_withdrawals,
)
from compliance.rulebook.privacy import ConsentPurpose

NOTICE_ORDER = (privacy_notices.c.id,)
VERSION_ORDER = (privacy_notice_versions.c.notice_version,)
ASSESSMENT_ORDER = (impact_assessments.c.id,)
CONSENT_ORDER = (privacy_consents.c.customer_version,)
GUARDIAN_ORDER = (customer_guardians.c.customer_version,)
CHECK_ORDER = (permission_checks.c.id,)


def notices() -> Select[Any]:
    """All notices."""
    return select(Notice)


def versions(notice_id: UUID) -> Select[Any]:
    """The versions of a notice."""
    return select(NoticeVersion).where(privacy_notice_versions.c.notice_id == notice_id)


def assessments() -> Select[Any]:
    """All impact assessments."""
    return select(ImpactAssessment)


def consents_of(customer_id: UUID) -> Select[Any]:
    """The answers of a customer."""
    return select(PrivacyConsent).where(privacy_consents.c.customer_id == customer_id)


def guardians_of(customer_id: UUID) -> Select[Any]:
    """Who answers for a customer."""
    return select(Guardian).where(customer_guardians.c.customer_id == customer_id)


def checks(customer_id: UUID | None) -> Select[Any]:
    """The permission checks, all or about one customer."""
    statement = select(PermissionCheck)
    return (
        statement if customer_id is None else statement.where(permission_checks.c.customer_id == customer_id)
    )


async def notice(session: AsyncSession, notice_id: UUID) -> Notice:
    """One notice. Raises ``ObjectNotFound``."""
    return await load(session, Notice, notice_id)


async def notice_version(session: AsyncSession, notice_id: UUID, version: int) -> NoticeVersion:
    """One version of a notice. Raises ``ObjectNotFound``."""
    return await load(session, NoticeVersion, (notice_id, version))


async def assessment(session: AsyncSession, assessment_id: UUID) -> ImpactAssessment | None:
    """One impact assessment, None where there is none."""
    return await session.get(ImpactAssessment, assessment_id)


async def consent(session: AsyncSession, consent_id: UUID) -> PrivacyConsent:
    """One consent. Raises ``ObjectNotFound``."""
    return await load(session, PrivacyConsent, consent_id)


async def check(session: AsyncSession, check_id: UUID) -> PermissionCheck:
    """One permission check. Raises ``ObjectNotFound``."""
    return await load(session, PermissionCheck, check_id)


async def was_shown(session: AsyncSession, customer_id: UUID, notice_id: UUID, version: int) -> bool:
    """PRI-03: whether this version was put before the customer."""
    shown = notice_showings.c
    statement = select(
        exists().where(
            shown.customer_id == customer_id, shown.notice_id == notice_id, shown.notice_version == version
        )
    )
    return bool(await session.scalar(statement))


async def standing(
    session: AsyncSession, customer_id: UUID, purpose: ConsentPurpose | None = None
) -> Sequence[PrivacyConsent]:
    """What the customer agreed to and has not taken back, of all purposes or of one; oldest first.

    Lock the customer's head first (G1): every answer and every withdrawal bumps it.
    """
    statement = consents_of(customer_id).where(privacy_consents.c.given)
    if purpose is not None:
        statement = statement.where(privacy_consents.c.purpose == purpose)
    rows = await session.scalars(
        statement.order_by(privacy_consents.c.customer_version).execution_options(populate_existing=True)
    )
    return [row for row in rows.all() if row.stands]


def withdrawn(consent_id: ColumnElement[UUID]) -> Select[Any]:
    """The withdrawal of a consent, for a statement that names one."""
    return select(privacy_withdrawals.c.id).where(privacy_withdrawals.c.consent_id == consent_id)


async def answering(session: AsyncSession, customer_id: UUID, subject: str) -> tuple[str | None, UUID | None]:
    """Who may answer for the customer: (owner for the guard, guardian's id where the caller is one).

    Raises ``ObjectNotFound``.
    """
    customer = await customer_of(session, customer_id)
    if customer.subject == subject:
        return subject, None
    for guardian in await session.scalars(guardians_of(customer_id)):
        somebody = await find_customer(session, guardian.guardian_id)
        if somebody is not None and somebody.subject == subject:
            return subject, somebody.id
    return customer.subject, None


async def showings(session: AsyncSession, customer_id: UUID) -> Sequence[Showing]:
    """What the customer was shown, oldest first."""
    statement = select(Showing).where(notice_showings.c.customer_id == customer_id)
    return (await session.scalars(statement.order_by(notice_showings.c.id))).all()
