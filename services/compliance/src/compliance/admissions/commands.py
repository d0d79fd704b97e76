"""Use cases of outlets' capabilities."""

from datetime import date
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.ids import new_id
from chassis.outbox import record
from compliance.admissions.domain import CapabilityCheck, OutletAdmission
from compliance.admissions.tables import outlet_admissions
from compliance.devices.queries import recorded_of_outlet
from compliance.outlets.queries import open_outlet
from compliance.periods.domain import legal_date
from compliance.retention.release import shipped_release
from compliance.rulebook.admissions import AdmissionFacts, OutletCapability, PolicyProfile, decide_admission
from compliance.rulebook.commands import keep_release
from compliance.rulebook.decisions import Decision
from compliance.rulebook.recorders import recorder_limits


async def check_capability(
    session: AsyncSession,
    clock: Clock,
    outlet_id: UUID,
    *,
    capability: OutletCapability,
    profile: PolicyProfile,
    profile_until: date | None,
    by: str,
) -> tuple[CapabilityCheck, Decision]:
    """Checks the outlet and grants or refuses the capability; either is on record (T1, ZON-10, M126).

    Raises ``OutletUnknown``, ``OutletIsClosed``.
    """
    await open_outlet(session, outlet_id)
    first = insert(outlet_admissions).values(outlet_id=outlet_id, version=0, capabilities=())
    await session.execute(first.on_conflict_do_nothing())
    admission = await lock(session, OutletAdmission, outlet_id)
    at = clock.now()
    active, recorded = await recorded_of_outlet(session, outlet_id, at, recorder_limits(legal_date(at)))
    facts = AdmissionFacts(
        outlet_id=outlet_id,
        capability=capability,
        at=at,
        active_zones=active,
        recorded_zones=recorded,
        profile=profile,
        profile_until=profile_until,
    )
    decision = decide_admission(shipped_release(), facts)
    await keep_release(session, at, shipped_release())
    check, fact = admission.conclude(new_id(), facts, decision, by=by)
    session.add(check)
    if fact is not None:
        await record(session, fact)
    return check, decision
