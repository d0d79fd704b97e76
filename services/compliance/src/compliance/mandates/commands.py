"""Use cases of standing mandates. The clock is read behind the locks: what waited is dated after it."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import ObjectNotFound, check_version
from chassis.ids import new_id
from compliance.customers.commands import lock_customer
from compliance.customers.domain import Customer
from compliance.mandates.domain import (
    AccountTerms,
    JointAccount,
    JointHolder,
    Mandate,
    Resolution,
    check_holders,
    check_mandate,
    check_resolution,
    no_holders,
)
from compliance.mandates.queries import holders_of


async def open_joint_account(
    session: AsyncSession,
    clock: Clock,
    *,
    holders: Collection[UUID],
    mandate: Mandate,
    required: int | None,
    by: str,
) -> JointAccount:
    """Registers an account that several customers hold; each of them is bumped (G1).

    Raises ``HoldersInvalid``, ``MandateInvalid``.
    """
    check_holders(holders)
    check_mandate(mandate, required, len(holders))
    await _bump(session, holders)
    account = JointAccount(new_id(), 1)
    session.add(account)
    await session.flush()
    session.add_all(JointHolder(account_id=account.id, customer_id=holder) for holder in holders)
    terms = AccountTerms(
        account_id=account.id,
        account_version=account.version,
        mandate=mandate,
        required=required,
        closed=False,
        stated_by=by,
        stated_at=clock.now(),
    )
    session.add(terms)
    return account


async def state_terms(
    session: AsyncSession,
    clock: Clock,
    account_id: UUID,
    expected_version: int,
    *,
    mandate: Mandate,
    required: int | None,
    closed: bool,
    by: str,
) -> JointAccount:
    """Records who decides about an account from now on, or that it is closed.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``MandateInvalid``.
    """
    holders = await holders_of(session, account_id)
    await _bump(session, holders)
    account = await lock_account(session, account_id)
    check_version(account.version, expected_version)
    check_mandate(mandate, required, len(holders))
    terms = AccountTerms(
        account_id=account.id,
        account_version=account.touch(),
        mandate=mandate,
        required=required,
        closed=closed,
        stated_by=by,
        stated_at=clock.now(),
    )
    session.add(terms)
    return account


async def _bump(session: AsyncSession, holders: Collection[UUID]) -> None:
    """The holders' heads, locked in the order of their ids. Raises ``HoldersInvalid``."""
    for holder in sorted(holders):
        try:
            (await lock_customer(session, holder)).touch()
        except ObjectNotFound:
            raise no_holders() from None


async def state_resolution(
    session: AsyncSession,
    clock: Clock,
    customer_id: UUID,
    expected_version: int,
    *,
    document_id: UUID,
    signatory_id: UUID,
    resolved_on: date,
    valid_until: date,
    limit_minor: int,
    currency: str,
    by: str,
) -> tuple[Customer, Resolution]:
    """Records what a company's board has resolved; of one document the last statement counts.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ResolutionInvalid``, ``AmountInvalid``.
    """
    customer = await lock_customer(session, customer_id)
    check_version(customer.version, expected_version)
    at = clock.now()
    check_resolution(resolved_on, valid_until, limit_minor, currency, at)
    resolution = Resolution(
        id=new_id(),
        customer_id=customer.id,
        customer_version=customer.touch(),
        document_id=document_id,
        signatory_id=signatory_id,
        resolved_on=resolved_on,
        valid_until=valid_until,
        limit_minor=limit_minor,
        currency=currency,
        stated_by=by,
        stated_at=at,
    )
    session.add(resolution)
    return customer, resolution


async def lock_account(session: AsyncSession, account_id: UUID, *, share: bool = False) -> JointAccount:
    """G1: the account's head row, locked (FOR UPDATE, or FOR SHARE). Raises ``ObjectNotFound``."""
    return await lock(session, JointAccount, account_id, share=share)
