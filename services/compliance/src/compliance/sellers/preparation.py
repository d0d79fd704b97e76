"""How a seller is prepared (SAL-10): what he has learnt and since when he sells, as staffing tells it; what
incidents about him were confirmed, as our own inquiries found. On record for good (D1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias
from uuid import UUID

from compliance.periods.domain import add_months
from compliance.rulebook.seller_facts import TRAINING_MONTHS_MAX, PreparationFacts, TrainingFacts


@dataclass(frozen=True, kw_only=True)
class Trained:
    """He completed a training; ``kind`` as staffing names it."""

    change: Literal["trained"] = "trained"
    training_id: UUID
    kind: str
    minutes: int
    completed_on: date


@dataclass(frozen=True, kw_only=True)
class TrainingAnnulled:
    """A training counts no more."""

    change: Literal["training_annulled"] = "training_annulled"
    training_id: UUID


@dataclass(frozen=True, kw_only=True)
class Experienced:
    """Since when he sells; it replaces what was told before."""

    change: Literal["experienced"] = "experienced"
    selling_since: date


Lesson: TypeAlias = Trained | TrainingAnnulled | Experienced


@dataclass(kw_only=True)
class Learnt:
    """One of staffing's facts; ``sequence`` is staffing's version of the employee that it made."""

    seller_id: UUID
    sequence: int
    told_at: datetime
    change: Lesson


@dataclass(kw_only=True)
class BadRecord:
    """An incident about him was confirmed."""

    incident_id: UUID
    seller_id: UUID
    seller_version: int
    confirmed_at: datetime


def counting(learnt: Iterable[Learnt]) -> list[Trained]:
    """The trainings that nobody annulled, in staffing's order."""
    changes = [one.change for one in learnt]
    annulled = {change.training_id for change in changes if isinstance(change, TrainingAnnulled)}
    return [
        change for change in changes if isinstance(change, Trained) and change.training_id not in annulled
    ]


def selling_since(learnt: Iterable[Learnt]) -> date | None:
    """The first day in a selling post as it was told last; None: nobody has told it."""
    told = [one.change.selling_since for one in learnt if isinstance(one.change, Experienced)]
    return told[-1] if told else None


def prepared(learnt: Iterable[Learnt], bad_records: Iterable[BadRecord], on: date) -> PreparationFacts:
    """What the gate may rest on, on the legal day ``on``."""
    known = list(learnt)
    return PreparationFacts(
        trainings=tuple(
            TrainingFacts(
                training_id=one.training_id,
                kind=one.kind.upper(),
                minutes=one.minutes,
                completed_on=one.completed_on,
            )
            for one in counting(known)
            if on <= add_months(one.completed_on, TRAINING_MONTHS_MAX)
        ),
        selling_since=selling_since(known),
        bad_records=tuple(one.incident_id for one in bad_records),
    )
