"""Use cases of the register of sellers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.rulebook.facts import SellerFacts
from compliance.sellers.domain import Heard, Seller
from compliance.sellers.tables import sellers


async def take_fact(session: AsyncSession, seller_id: UUID, heard: Heard) -> None:
    """Takes one of staffing's facts about an employee, in the order of its versions (N4)."""
    statement = select(Seller).where(sellers.c.id == seller_id).with_for_update()
    seller = await session.scalar(statement, execution_options={"populate_existing": True})
    if seller is None:
        seller = Seller.first_heard(seller_id)
        session.add(seller)
    seller.take(heard)


async def share_seller(session: AsyncSession, seller_id: UUID) -> Seller | None:
    """G1: the head row, locked for reading until the transaction ends; None for one we never heard of."""
    statement = select(Seller).where(sellers.c.id == seller_id).with_for_update(read=True)
    return await session.scalar(statement, execution_options={"populate_existing": True})


async def seller_facts(
    session: AsyncSession, seller_id: UUID, at: datetime, opened_by: str
) -> SellerFacts | None:
    """G1: what the gate may rest on at ``at``, the head row locked for reading until the transaction ends.

    ``opened_by`` is the token subject that opened the case. None for a seller we never heard of, of whom
    a fact is missing, or in whose name somebody else acts.
    """
    seller = await share_seller(session, seller_id)
    return None if seller is None else seller.facts(at, opened_by)
