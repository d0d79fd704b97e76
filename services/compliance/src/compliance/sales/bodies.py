"""What the routes of the gate take, and how they count refusals."""

from collections.abc import Iterable

from prometheus_client import Counter

from chassis.errors import Violation
from chassis.http.models import Input
from compliance.cases.domain import Money

REFUSALS = Counter("wangdian_gate_refusals_total", "Sales that the gate refused, per rule.", ["rule"])


class Confirmed(Input):
    """The amount as the seller confirms it, in minor units: that of the case."""

    amount_minor: int
    currency: str

    def money(self) -> Money:
        """The amount as the domain has it."""
        return Money(amount_minor=self.amount_minor, currency=self.currency)


def count_refusal(violations: Iterable[Violation]) -> None:
    """Counts each broken rule of a refusal once."""
    for rule in {violation.rule for violation in violations}:
        REFUSALS.labels(rule).inc()
