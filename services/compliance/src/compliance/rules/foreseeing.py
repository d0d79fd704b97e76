"""What the rules that are to come would have made of the sales of the last days: counted, nothing kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from compliance.evidence.domain import NotReadable, Plain, from_plain
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.domain import Rule
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.shadow import foresee
from compliance.sales.queries import inputs_of_sales

#: How many sales are looked at at most, the newest first.
SALES_MAX = 10_000


@dataclass
class Tally:
    """One rule over many sales: those of kinds that it concerns, those that would fail, those unknown."""

    concerned: int = 0
    failing: int = 0
    unknown: int = 0
    codes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class Foresight:
    """How many sales were looked at, whether they are all since then, and each rule's tally."""

    sales: int
    complete: bool
    tallies: Sequence[tuple[Rule, Tally]]


async def foresight(session: AsyncSession, rules: Sequence[Rule], since: datetime) -> Foresight:
    """Judges the stored inputs of every sale logged since then by these rules; bounded by ``SALES_MAX``."""
    tallies = [(rule, Tally()) for rule in rules]
    seen = 0
    async for inputs in inputs_of_sales(session, since):
        if seen == SALES_MAX:
            return Foresight(sales=seen, complete=False, tallies=tallies)
        seen += 1
        take(tallies, inputs)
    return Foresight(sales=seen, complete=True, tallies=tallies)


def take(tallies: Sequence[tuple[Rule, Tally]], inputs: Mapping[str, Plain]) -> None:
    """Counts one sale for every rule; inputs that can no longer be read are unknown to all."""
    try:
        facts = from_plain(SaleFacts, inputs)
    except NotReadable:
        for _, tally in tallies:
            tally.concerned += 1
            tally.unknown += 1
        return
    for rule, tally in tallies:
        for foreseen in foresee(shipped_release(), [rule], SALE_CHECKS, facts, inputs=inputs):
            tally.concerned += 1
            if foreseen.unknown:
                tally.unknown += 1
            elif not foreseen.verdict.passed:
                tally.failing += 1
                tally.codes.update({finding.code for finding in foreseen.verdict.findings})
