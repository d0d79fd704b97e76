"""A data incident (PRI-07): a head with steps that are on record for good, and a clock that nobody stops.

Where harm is possible the report to the central bank's local branch is due so many hours after the discovery.
Once it is late the incident is flagged for good: by a late report as by the job that looks every minute.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict, Invalid, Violation
from compliance.rulebook.privacy import DataKind, IncidentFacts


class StepKind(StrEnum):
    """What was done about an incident, or found out."""

    REMEDIED = "REMEDIED"
    HARM_FOUND = "HARM_FOUND"
    AUTHORITY_TOLD = "AUTHORITY_TOLD"
    PEOPLE_TOLD = "PEOPLE_TOLD"
    CLOSED = "CLOSED"


#: What has to be done before an incident is closed; the second where harm is possible.
DUTIES = frozenset({StepKind.REMEDIED})
DUTIES_OF_HARM = frozenset({StepKind.AUTHORITY_TOLD, StepKind.PEOPLE_TOLD})


class IncidentInFuture(Invalid):
    """What has not happened yet cannot have been discovered."""

    code = "DATA_INCIDENT_IN_FUTURE"
    zh = "发现时间不能晚于当前时间;请核对 discovered_at。"
    en = "An incident cannot have been discovered in the future; check discovered_at."


class IncidentClosed(Conflict):
    """A closed incident does not change."""

    code = "DATA_INCIDENT_CLOSED"
    zh = "该事件已关闭;如有新情况,请登记新的事件。"
    en = "This incident is closed; open another one for what came after."


class StepTaken(Conflict):
    """Each step is taken once."""

    code = "DATA_INCIDENT_STEP_TAKEN"
    zh = "步骤 {step} 已登记;无需重复。"
    en = "The step {step} is on record already; there is no need to repeat it."


class DutiesOpen(Conflict):
    """An incident is closed when everything was done."""

    code = "DATA_INCIDENT_DUTIES_OPEN"
    zh = "尚有未完成的步骤:{steps};请完成后再关闭。"
    en = "These steps are not done yet: {steps}; close the incident after them."


@dataclass(kw_only=True)
class IncidentStep:
    """One step, which made the incident's version ``incident_version``."""

    id: UUID
    incident_id: UUID
    incident_version: int
    kind: StepKind
    reference: str | None
    recorded_by: str
    recorded_at: datetime


@dataclass(kw_only=True)
class IncidentFlag:
    """The report is late: flagged once, on record for good, with the rules that say so."""

    incident_id: UUID
    violations: tuple[Violation, ...]
    flagged_at: datetime


@dataclass
class DataIncident:
    """The head. ``reference`` names its file; ``report_due_at`` None: no harm is possible, nothing is due."""

    id: UUID
    version: int
    reference: str
    kinds: tuple[DataKind, ...]
    discovered_at: datetime
    report_due_at: datetime | None
    reported_at: datetime | None
    closed_at: datetime | None
    opened_by: str
    opened_at: datetime

    @classmethod
    def open(
        cls,
        incident_id: UUID,
        *,
        reference: str,
        kinds: Collection[DataKind],
        discovered_at: datetime,
        report_due_at: datetime | None,
        by: str,
        at: datetime,
    ) -> "DataIncident":
        """A new incident at version 1. Raises :class:`IncidentInFuture`."""
        if discovered_at > at:
            raise IncidentInFuture(pointer="/discovered_at")
        named = tuple(sorted(set(kinds)))
        return cls(incident_id, 1, reference, named, discovered_at, report_due_at, None, None, by, at)

    def take(
        self,
        step_id: UUID,
        kind: StepKind,
        taken: Collection[StepKind],
        *,
        due_at: datetime,
        reference: str | None,
        by: str,
        at: datetime,
    ) -> IncidentStep:
        """One more step; ``taken`` are those on record, ``due_at`` when a report would be due.

        Raises :class:`IncidentClosed`, :class:`StepTaken`, :class:`DutiesOpen`.
        """
        if self.closed_at is not None:
            raise IncidentClosed
        if kind in taken or (kind is StepKind.HARM_FOUND and self.report_due_at is not None):
            raise StepTaken(step=kind.value)
        if kind is StepKind.CLOSED:
            duties = DUTIES | (DUTIES_OF_HARM if self.report_due_at is not None else frozenset())
            if left := duties - set(taken):
                raise DutiesOpen(steps=", ".join(sorted(left)))
            self.closed_at = at
        elif kind is StepKind.HARM_FOUND:
            self.report_due_at = due_at
        elif kind is StepKind.AUTHORITY_TOLD:
            self.reported_at = at
        self.version += 1
        return IncidentStep(
            id=step_id,
            incident_id=self.id,
            incident_version=self.version,
            kind=kind,
            reference=reference,
            recorded_by=by,
            recorded_at=at,
        )

    def facts(self, at: datetime) -> IncidentFacts | None:
        """What the rule judges at ``at``; None where nothing is due."""
        if self.report_due_at is None:
            return None
        return IncidentFacts(discovered_at=self.discovered_at, reported_at=self.reported_at, at=at)
