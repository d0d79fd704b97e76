"""What the routes of retention answer: the explanation of a recording's keeping, holds, attempts, reports."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from chassis.http.routing import Output, Page
from compliance.periods.domain import legal_date
from compliance.retention.domain import Ending, RetentionCase, RetentionState
from compliance.retention.periods import (
    Anchor,
    AnchorKind,
    Contest,
    HoldSource,
    RowResult,
    SoldProduct,
)
from compliance.retention.release import shipped_release
from compliance.retention.reports import ReportKind
from compliance.retention.unsold import UnsoldResult, Visit
from compliance.rulebook.decisions import Result
from compliance.rulebook.domain import Subject
from compliance.rulebook.facts import ProductForm, ProductKind


class AnchorView(Output):
    """A reported pay-out or contract end; ``contest`` says why it does not count, null when it does."""

    kind: AnchorKind
    claimed_on: date
    reported_at: datetime
    contest: Contest | None


class SaleView(Output):
    """A sale that the recording proves, and what was reported about it."""

    sale_id: UUID
    kind: ProductKind
    form: ProductForm
    term_months: int | None
    sold_on: date
    anchors: list[AnchorView]


class RowView(Output):
    """What one row of one rule says about one sale: keep through ``until``, null = without end for now.

    ``anchors`` are those that count, ``missing`` the facts that are not known. ``confirmed`` false: nobody
    answers for the reading of the law yet, so the row keeps.
    """

    rule: str
    citation: str
    requirement_zh: str
    requirement_en: str
    effective_from: date
    sale_id: UUID
    after_dispute: bool
    confirmed: bool
    anchors: list[AnchorView]
    missing: list[str]
    until: date | None


class HoldView(Output):
    """A hold, at version 1 while it holds and 2 once it is released."""

    id: UUID
    version: int
    recording_id: UUID
    source: HoldSource
    matter_id: str
    placed_at: datetime
    placed_by: str
    released_at: datetime | None
    released_by: str | None
    resolved_on: date | None

    @classmethod
    def of(cls, row: Row[Any]) -> "HoldView":
        """The view of a hold's row."""
        return cls(
            id=row.id,
            version=1 if row.released_at is None else 2,
            recording_id=row.recording_id,
            source=row.source,
            matter_id=row.matter_id,
            placed_at=row.placed_at,
            placed_by=row.placed_by,
            released_at=row.released_at,
            released_by=row.released_by,
            resolved_on=row.resolved_on,
        )


class UnsoldView(Output):
    """What one entry says about a recording that proves no sale: keep through ``until``, null = no end.

    ``ended_on``: the legal day on which the last case of its visit ended; ``reasons`` says why it is kept.
    """

    rule: str
    citation: str
    requirement_zh: str
    requirement_en: str
    effective_from: date
    confirmed: bool
    open_cases: int
    ended_on: date | None
    until: date | None
    reasons: list[str]
    missing: list[str]


class RetentionView(Output):
    """Why a recording is kept. ``retain_until`` is the last day, null = without end for now.

    ``floor`` is the latest last day ever computed; ``version`` that of the recording. ``unsold``: what keeps
    it while it proves no sale (ABN-01).
    """

    recording_id: UUID
    version: int
    state: RetentionState
    retain_until: date | None
    floor: date | None
    open_holds: int
    sales: list[SaleView]
    rows: list[RowView]
    unsold: list[UnsoldView]


class DisposalView(Output):
    """One attempt to dispose of a recording, and what became of it.

    ``decision`` and ``certificate`` are SHA-256 digests; a certificate without ``ending`` is under way.
    """

    id: UUID
    recording_id: UUID
    result: Result
    requested_by: str
    decided_at: datetime
    decision: str
    certificate: str | None
    retain_until: date | None
    ending: Ending | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Row[Any]) -> "DisposalView":
        """The view of an attempt's row."""
        return cls(
            id=row.id,
            recording_id=row.recording_id,
            result=row.result,
            requested_by=row.requested_by,
            decided_at=row.decided_at,
            decision=row.digest,
            certificate=row.certificate_digest,
            retain_until=row.retain_until,
            ending=row.ending,
            ended_at=row.ended_at,
        )


class ReportView(Output):
    """A report about a sale that is not logged (yet); it counts as soon as the sale is."""

    id: UUID
    source: str
    fact_id: str
    sale_id: UUID
    kind: ReportKind
    claimed_on: date | None
    matter_id: str | None
    reported_at: datetime


class UnmatchedPage(Page[ReportView]):
    """A page of them, and how many there are."""

    total: int


def retention_view(case: RetentionCase, version: int, now: datetime) -> RetentionView:
    """The explanation of a case as it is seen at ``now``."""
    rows = case.rows(shipped_release(), legal_date(now))
    until = case.last_day(shipped_release(), legal_date(now))
    return RetentionView(
        recording_id=case.recording_id,
        version=version,
        state=case.state,
        retain_until=until,
        floor=case.floor,
        open_holds=len(case.open_holds),
        sales=[sale_view(sale) for sale in case.sales],
        rows=[row_view(row, case.sales) for row in rows],
        unsold=[
            unsold_view(result, case.visit)
            for result in case.unsold(shipped_release(), legal_date(now))
            if case.visit is not None
        ],
    )


def unsold_view(result: UnsoldResult, visit: Visit) -> UnsoldView:
    """The view of what an entry says about a visit, with its rule's words."""
    rule = shipped_release().find(result.rule, result.effective_from, Subject.RETENTION)
    return UnsoldView(
        rule=result.rule,
        citation=rule.citation,
        requirement_zh=rule.requirement.zh,
        requirement_en=rule.requirement.en,
        effective_from=result.effective_from,
        confirmed=rule.confirmed,
        open_cases=sum(not case.ended for case in visit.cases),
        ended_on=visit.ended_on,
        until=result.until,
        reasons=[finding.reason for finding in result.findings if finding.reason is not None],
        missing=[path for finding in result.findings for path in finding.missing],
    )


def sale_view(sale: SoldProduct) -> SaleView:
    """The view of a proven sale."""
    return SaleView(
        sale_id=sale.sale_id,
        kind=sale.kind,
        form=sale.form,
        term_months=sale.term_months,
        sold_on=sale.sold_on,
        anchors=[anchor_view(anchor, sale) for anchor in sale.anchors],
    )


def anchor_view(anchor: Anchor, sale: SoldProduct) -> AnchorView:
    """The view of an anchor, with the reason why it does not count."""
    return AnchorView(
        kind=anchor.kind,
        claimed_on=anchor.claimed_on,
        reported_at=anchor.reported_at,
        contest=anchor.contest(sale.sold_on),
    )


def row_view(row: RowResult, sales: Sequence[SoldProduct]) -> RowView:
    """The view of a row, with its rule's words."""
    rule = shipped_release().find(row.rule, row.effective_from, Subject.RETENTION)
    sale = next(sale for sale in sales if sale.sale_id == row.sale_id)
    return RowView(
        rule=row.rule,
        citation=rule.citation,
        requirement_zh=rule.requirement.zh,
        requirement_en=rule.requirement.en,
        effective_from=row.effective_from,
        sale_id=row.sale_id,
        after_dispute=row.after_dispute,
        confirmed=rule.confirmed,
        anchors=[anchor_view(anchor, sale) for anchor in sale.counted()],
        missing=list(row.missing),
        until=row.until,
    )
