"""The dated file of regimes, read once; a file that makes no sense stops the service at its start."""

from collections.abc import Sequence
from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from chassis.errors import Invalid
from feedback.complaints.deadlines import Period, Regime


class NoRegimeInForce(Invalid):
    """No regime holds on the day of receipt."""

    code = "NO_REGIME_IN_FORCE"
    zh = "{day} 没有适用的投诉处理时限规定;请核对收到日期。"
    en = "No regime for complaints is in force on {day}; check the day of receipt."


class PeriodEntry(BaseModel):
    """A period as the file has it."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1)]
    first_day_counts: bool
    rolls_over: frozenset[date]


class RegimeEntry(BaseModel):
    """A regime as the file has it."""

    model_config = ConfigDict(extra="forbid")

    id: str
    rule: str
    effective_from: date
    effective_to: date | None
    decide_within: PeriodEntry
    warn_days: Annotated[int, Field(ge=1)]
    citation: str
    confirmed_by: str | None

    def regime(self) -> Regime:
        """The regime as the domain has it; raises ``ValueError`` when it makes no sense."""
        return Regime(
            id=self.id,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            decide_within=Period(**self.decide_within.model_dump()),
            warn_days=self.warn_days,
            citation=self.citation,
            confirmed_by=self.confirmed_by,
        )


def read(text: str) -> tuple[Regime, ...]:
    """The regimes of a file, oldest first; raises ``ValueError`` unless each ends where the next begins."""
    entries = TypeAdapter(list[RegimeEntry]).validate_python(yaml.safe_load(text))
    regimes = sorted((entry.regime() for entry in entries), key=lambda regime: regime.effective_from)
    if len({regime.id for regime in regimes}) != len(regimes):
        raise ValueError("a regime's id stands twice")
    for earlier, later in pairwise(regimes):
        if earlier.effective_to != later.effective_from - timedelta(days=1):
            raise ValueError(f"{earlier.id} does not end on the day before {later.id} begins")
    return tuple(regimes)


REGIMES = read(files(__package__).joinpath("regimes.yaml").read_text(encoding="utf-8"))


def in_force(day: date, regimes: Sequence[Regime] = REGIMES) -> Regime:
    """The regime for complaints received on the legal day; raises :class:`NoRegimeInForce`."""
    for regime in regimes:
        if regime.effective_from <= day and (regime.effective_to is None or day <= regime.effective_to):
            return regime
    raise NoRegimeInForce(day=day, pointer="/received_at")


def by_id(regime_id: str, regimes: Sequence[Regime] = REGIMES) -> Regime:
    """The regime with this id; raises ``LookupError`` where the file holds none."""
    for regime in regimes:
        if regime.id == regime_id:
            return regime
    raise LookupError(regime_id)
