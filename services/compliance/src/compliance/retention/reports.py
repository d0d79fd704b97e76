"""What other systems tell us about a sale: pay-outs, ends of contracts, complaints and their ends.

A report is kept as it came, whether its sale is known or not (N4). It is joined by its sale: when the sale
is logged later, everything that was reported about it before counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from compliance.retention.periods import Anchor, AnchorKind


class ReportKind(StrEnum):
    """What was reported."""

    PARTIAL_PAYOUT = "PARTIAL_PAYOUT"
    FINAL_PAYOUT = "FINAL_PAYOUT"
    CONTRACT_END = "CONTRACT_END"
    COMPLAINT_OPENED = "COMPLAINT_OPENED"
    COMPLAINT_ENDED = "COMPLAINT_ENDED"


#: Reports from which a period may count.
ANCHORS = {
    ReportKind.PARTIAL_PAYOUT: AnchorKind.PARTIAL_PAYOUT,
    ReportKind.FINAL_PAYOUT: AnchorKind.FINAL_PAYOUT,
    ReportKind.CONTRACT_END: AnchorKind.CONTRACT_END,
}


@dataclass(kw_only=True)
class Report:
    """One fact about a sale, as it was told; ``source`` and ``fact_id`` are those of the fact (N1).

    ``claimed_on`` is the day that it names (None for a complaint that was opened), ``reported_at`` when we
    were told, whatever the fact says. ``matter_id`` is the complaint, None for what is no complaint.
    """

    id: UUID
    source: str
    fact_id: str
    sale_id: UUID
    kind: ReportKind
    claimed_on: date | None
    matter_id: str | None
    reported_at: datetime

    @property
    def anchor(self) -> Anchor | None:
        """The report as something that a period may count from; None for a complaint."""
        if self.kind not in ANCHORS or self.claimed_on is None:
            return None
        return Anchor(
            report_id=f"{self.source} {self.fact_id}",
            kind=ANCHORS[self.kind],
            claimed_on=self.claimed_on,
            reported_at=self.reported_at,
        )


def anchors(reports: Iterable[Report]) -> tuple[Anchor, ...]:
    """The anchors among the reports, in their order."""
    return tuple(report.anchor for report in reports if report.anchor is not None)


def claimed_anchors(
    sale_id: UUID, contract_end_on: date | None, final_payout_on: date | None, told_at: datetime
) -> tuple[Anchor, ...]:
    """What an old system claimed of a sale's contract when it was imported: told then, not before."""
    claimed = {AnchorKind.CONTRACT_END: contract_end_on, AnchorKind.FINAL_PAYOUT: final_payout_on}
    return tuple(
        Anchor(report_id=f"import {sale_id} {kind}", kind=kind, claimed_on=day, reported_at=told_at)
        for kind, day in claimed.items()
        if day is not None
    )
