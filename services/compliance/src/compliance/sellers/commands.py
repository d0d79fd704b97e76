"""Use cases of the register of sellers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from compliance.rulebook.seller_facts import AlertKind
from compliance.sellers.domain import Alert, AlertClearance, Heard, Seller
from compliance.sellers.queries import open_alerts
from compliance.sellers.tables import sellers


async def take_fact(session: AsyncSession, seller_id: UUID, heard: Heard) -> None:
    """Takes one of staffing's facts about an employee, in the order of its versions (N4)."""
    (await _head(session, seller_id)).take(heard)


async def raise_alert(
    session: AsyncSession, alert_id: UUID, seller_id: UUID, kind: AlertKind, at: datetime
) -> Alert:
    """SAL-02: the seller may not sell until the alert is cleared, whether staffing has told of him or not."""
    alert = (await _head(session, seller_id)).raise_alert(alert_id, kind, at=at)
    session.add(alert)
    return alert


async def clear_alert(
    session: AsyncSession, alert_id: UUID, seller_id: UUID, at: datetime
) -> AlertClearance | None:
    """Clears the alert; None where it is not open."""
    seller = await _head(session, seller_id)
    alert = next((held for held in await open_alerts(session, seller_id) if held.id == alert_id), None)
    if alert is None:
        return None
    clearance = seller.clear_alert(alert, at=at)
    session.add(clearance)
    return clearance


async def hold_seller(session: AsyncSession, seller_id: UUID) -> None:
    """G1: waits until no decision rests on the head row; read the clock behind it."""
    await _head(session, seller_id)


async def note_bad_record(session: AsyncSession, incident_id: UUID, seller_id: UUID, at: datetime) -> None:
    """SAL-10: an incident about the seller was confirmed; it stands against him for good."""
    (await _head(session, seller_id)).note_bad_record(incident_id, at=at)


async def _head(session: AsyncSession, seller_id: UUID) -> Seller:
    """The head row, locked to be changed; made where there is none, by whoever comes first."""
    statement = select(Seller).where(sellers.c.id == seller_id).with_for_update()
    fresh = {"populate_existing": True}
    seller: Seller | None = await session.scalar(statement, execution_options=fresh)
    if seller is None:
        new = Seller.first_heard(seller_id)
        values = {column.name: getattr(new, column.name) for column in sellers.columns}
        await session.execute(insert(sellers).values(values).on_conflict_do_nothing())
        seller = (await session.scalars(statement, execution_options=fresh)).one()
    return seller
