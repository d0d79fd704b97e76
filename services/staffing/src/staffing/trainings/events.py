"""Facts about training and sales experience, on the employees' register: key and version are the employee's.

They stand in one order with his qualifications, so that whoever decides on a seller knows the whole of him.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.events import Fact

TOPIC = "staffing.employees.v1"


@dataclass(frozen=True, kw_only=True)
class TrainingRecorded(Fact, type="staffing.training.recorded.v1", topic=TOPIC, key="employee_id"):
    """An employee completed ``minutes`` of a training of this kind on a day of ``Asia/Shanghai``."""

    employee_id: UUID
    training_id: UUID
    kind: str
    minutes: int
    completed_on: date


@dataclass(frozen=True, kw_only=True)
class TrainingAnnulled(Fact, type="staffing.training.annulled.v1", topic=TOPIC, key="employee_id"):
    """A recorded training counts no more, and never should have."""

    employee_id: UUID
    training_id: UUID
    kind: str


@dataclass(frozen=True, kw_only=True)
class ExperienceRecorded(Fact, type="staffing.experience.recorded.v1", topic=TOPIC, key="employee_id"):
    """``selling_since`` is the employee's first day in a selling post; it replaces what was told before."""

    employee_id: UUID
    selling_since: date
