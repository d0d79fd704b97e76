"""Facts about evaluations. No visitor and no word of the visitor's is in them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.events import Fact


@dataclass(frozen=True, kw_only=True)
class EvaluationSubmitted(
    Fact, type="feedback.evaluation.submitted.v1", topic="feedback.evaluations.v1", key="evaluation_id"
):
    """A visitor rated the service of one ticket: ``score`` 1 (worst) to 5, ``dimensions`` what it is about.

    ``employee_id`` and ``counter_id`` are who served and where, as the ticket's completion said.
    """

    evaluation_id: UUID
    ticket_id: UUID
    outlet_id: UUID
    business_date: date
    service_code: str
    employee_id: UUID
    counter_id: UUID
    score: int
    dimensions: tuple[str, ...]
