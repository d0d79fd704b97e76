"""Detectors of abnormal behaviour (SAL-03, M121): what was noticed becomes an incident, once.

Each has its own name for what it found; an incident of that name is there already when it looks again.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from compliance.conduct.commands import open_incident
from compliance.conduct.domain import IncidentKind, Pointer, SubjectKind, Suspicion
from compliance.conduct.queries import has_finding
from compliance.rulebook.behaviour import BehaviourFacts
from compliance.rulebook.registers import behaviour_finding


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """Something to be judged: what it is about, and who it may be about. ``subject`` names the finding."""

    facts: BehaviourFacts
    subject: UUID
    seller_id: UUID | None
    outlet_id: UUID | None
    about: tuple[Pointer, ...]

    @property
    def finding(self) -> str:
        """The name under which this opens one incident."""
        return f"{self.facts.signal.value}:{self.subject}"


async def judge(session: AsyncSession, clock: Clock, noticed: Noticed) -> bool:
    """SAL-03: opens an incident where the thresholds of the day are passed; says whether it did."""
    if behaviour_finding(noticed.facts) is None or await has_finding(session, noticed.finding):
        return False
    suspicion = Suspicion(
        kind=IncidentKind.STAFF_ABNORMAL_BEHAVIOUR,
        seller_id=noticed.seller_id,
        outlet_id=noticed.outlet_id,
        product_named=None,
        about=noticed.about,
        account=None,
        finding=noticed.finding,
    )
    await open_incident(session, clock, suspicion)
    return True


def pointers(**ids: UUID) -> tuple[Pointer, ...]:
    """What an incident is about, by kind: ``sale=…, customer=…``."""
    return tuple(Pointer(kind=SubjectKind(name.upper()), id=id_) for name, id_ in ids.items())
