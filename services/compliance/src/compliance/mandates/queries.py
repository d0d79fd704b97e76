"""Reads of standing mandates."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from chassis.db import load
from chassis.reads import Read, among, heads
from compliance.mandates.domain import AccountTerms, JointAccount, Resolution
from compliance.mandates.tables import joint_accounts, joint_holders, joint_terms, resolutions

ACCOUNT_ORDER = (joint_accounts.c.id,)
RESOLUTION_ORDER = (resolutions.c.customer_version,)
TERMS_ORDER = (joint_terms.c.account_version,)

_later = aliased(joint_terms)

#: The heads of the joint accounts ``account_ids``, to be locked (G1).
HEADS = heads(joint_accounts.c.id, "account_ids")
#: What the customers ``customer_ids`` hold jointly and is not closed: customer and account.
HELD_JOINTLY = Read[dict[str, UUID]](
    dict,
    select(joint_holders.c.customer_id, joint_holders.c.account_id)
    .join(joint_terms, joint_terms.c.account_id == joint_holders.c.account_id)
    .where(
        among(joint_holders.c.customer_id, "customer_ids"),
        joint_terms.c.closed.is_(False),
        ~exists().where(
            _later.c.account_id == joint_terms.c.account_id,
            _later.c.account_version > joint_terms.c.account_version,
        ),
    ),
    by="customer_id",
)


def accounts_of(customer_id: UUID) -> Select[Any]:
    """The joint accounts that a customer holds, closed ones too."""
    held = select(joint_holders.c.account_id).where(joint_holders.c.customer_id == customer_id)
    return select(JointAccount).where(joint_accounts.c.id.in_(held))


def resolutions_of(customer_id: UUID) -> Select[Any]:
    """What was stated about a company's resolutions."""
    return select(Resolution).where(resolutions.c.customer_id == customer_id)


def terms_of(account_id: UUID) -> Select[Any]:
    """The terms that an account has had."""
    return select(AccountTerms).where(joint_terms.c.account_id == account_id)


async def account(session: AsyncSession, account_id: UUID) -> JointAccount:
    """One account. Raises ``ObjectNotFound``."""
    return await load(session, JointAccount, account_id)


async def holders_of(session: AsyncSession, account_id: UUID) -> Sequence[UUID]:
    """Who holds an account, by id; the holders never change."""
    statement = (
        select(joint_holders.c.customer_id)
        .where(joint_holders.c.account_id == account_id)
        .order_by(joint_holders.c.customer_id)
    )
    return (await session.scalars(statement)).all()


async def terms_now(session: AsyncSession, account_id: UUID) -> AccountTerms:
    """The terms that count. To decide on them, lock the account's head first (G1)."""
    last = terms_of(account_id).order_by(joint_terms.c.account_version.desc()).limit(1)
    found: AccountTerms = (await session.scalars(last)).one()
    return found


async def named_resolutions(
    session: AsyncSession, customer_id: UUID, documents: Collection[UUID]
) -> list[Resolution]:
    """What counts of these resolutions of a company: of each the last statement. Lock its head first (G1)."""
    statement = (
        resolutions_of(customer_id)
        .where(resolutions.c.document_id.in_(documents))
        .order_by(*RESOLUTION_ORDER)
    )
    last = {one.document_id: one for one in await session.scalars(statement)}
    return [last[document] for document in sorted(last)]
