"""Use cases of conduct: incident, alert, fact and the seller's head row change in one transaction (T1, G1).

An incident is locked before the head of its seller; the gate locks the head alone.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.conduct.domain import (
    AlertNotOpen,
    Incident,
    IncidentKind,
    ProductIsListed,
    Reporter,
    StepKind,
    Suspicion,
)
from compliance.conduct.queries import authority_knows
from compliance.products.queries import stands_in_registry
from compliance.sellers import commands as sellers
from compliance.sellers.queries import find_seller


async def report(session: AsyncSession, clock: Clock, suspicion: Suspicion, *, by: str) -> Incident:
    """SAL-02, SAL-04, M136: opens an incident on somebody's report, and keeps apart who it was.

    Raises ``OffBookProductMissing``, :class:`ProductIsListed`.
    """
    named = suspicion.product_named
    off_book = suspicion.kind is IncidentKind.OFF_BOOK_SALE_SUSPECTED
    if off_book and named and await stands_in_registry(session, named):
        raise ProductIsListed(pointer="/product_named")
    incident = await open_incident(session, clock, suspicion)
    session.add(Reporter(incident_id=incident.id, subject=by))
    return incident


async def open_incident(session: AsyncSession, clock: Clock, suspicion: Suspicion) -> Incident:
    """Opens an incident, at the seller's home outlet where no other is named; some kinds stop him with it.

    Such an alert is dated after the decisions that it waited for. Raises ``OffBookProductMissing``.
    """
    if suspicion.outlet_id is None and suspicion.seller_id is not None:
        seller = await find_seller(session, suspicion.seller_id)
        suspicion = replace(suspicion, outlet_id=None if seller is None else seller.outlet_id)
    if suspicion.stops_seller and suspicion.seller_id is not None:
        await sellers.hold_seller(session, suspicion.seller_id)
    incident = Incident.open(new_id(), suspicion, at=clock.now())
    session.add(incident)
    await session.flush()
    if incident.alert_kind is not None and incident.seller_id is not None:
        seller_id, at = incident.seller_id, incident.opened_at
        await sellers.raise_alert(session, incident.id, seller_id, incident.alert_kind, at)
        await record(session, incident.alert_raised(seller_id))
    return incident


async def take_step(
    session: AsyncSession,
    clock: Clock,
    incident_id: UUID,
    expected_version: int,
    kind: StepKind,
    *,
    reason: str,
    by: str,
) -> Incident:
    """One step of an officer; a dismissal clears the alert, and so does the order to clear it (SAL-02).

    A confirmation stands against the seller for good (SAL-10).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``IncidentStepImpossible``, ``IncidentNotReported``,
    :class:`AlertNotOpen`.
    """
    incident = await lock(session, Incident, incident_id)
    check_version(incident.version, expected_version)
    if kind is StepKind.CLOSED:
        incident.must_be_reported(await authority_knows(session, incident_id))
    if kind in {StepKind.CONFIRMED, StepKind.DISMISSED, StepKind.ALERT_CLEARED} and incident.seller_id:
        await sellers.hold_seller(session, incident.seller_id)
    at = clock.now()
    session.add(incident.take(new_id(), kind, reason=reason, by=by, at=at))
    if kind is StepKind.CONFIRMED and incident.seller_id is not None:
        await sellers.note_bad_record(session, incident_id, incident.seller_id, at)
    if kind in {StepKind.DISMISSED, StepKind.ALERT_CLEARED}:
        cleared = incident.seller_id is not None and await sellers.clear_alert(
            session, incident_id, incident.seller_id, at
        )
        if cleared and incident.seller_id is not None:
            await record(session, incident.alert_cleared(incident.seller_id, at=at))
        elif kind is StepKind.ALERT_CLEARED:
            raise AlertNotOpen
    return incident
