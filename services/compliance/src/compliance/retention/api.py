"""Routes of retention: why a recording is kept and until when, its holds, its disposal.

There is no route that deletes, replaces or edits: a disposal is asked for, decided by the rules, and on
record whatever comes out.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field
from sqlalchemy import Row

from chassis.auth import action
from chassis.http.edge import edge_of
from chassis.http.routing import (
    Caller,
    Guard,
    IfMatch,
    Input,
    Now,
    Output,
    Page,
    PageQuery,
    ReadSession,
    Session,
    paginate,
    refused,
    respond,
    routes,
)
from compliance.periods.domain import legal_date
from compliance.recordings.queries import recording as recording_of
from compliance.retention import commands, disposals, queries
from compliance.retention.domain import Ending, RetentionCase, RetentionState
from compliance.retention.periods import (
    Anchor,
    AnchorKind,
    Contest,
    HoldSource,
    RowResult,
    SoldProduct,
    retain_until,
)
from compliance.retention.release import shipped_release
from compliance.retention.reports import ReportKind
from compliance.rulebook.decisions import Result
from compliance.rulebook.facts import ProductForm, ProductKind

router = routes("/v1/recordings", "retention")
hold_router = routes("/v1/holds", "retention")
disposal_router = routes("/v1/disposals", "retention")
unmatched_router = routes("/v1/retention/unmatched", "retention")

REFUSED = {
    "code": "DISPOSAL_REFUSED",
    "zh": "不得销毁该录音录像；原因见所列规则，本次申请已记录。",
    "en": "The recording must not be disposed of; the rules say why, and the attempt is on record.",
}


class NewHold(Input):
    """A matter that is no complaint and needs the recording: of a court, a regulator, an audit, conduct."""

    recording_id: UUID
    source: HoldSource
    matter_id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:/-]+$")]


class HoldRelease(Input):
    """The legal day on which the matter ended."""

    resolved_on: date


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


class RetentionView(Output):
    """Why a recording is kept. ``retain_until`` is the last day, null = without end for now.

    ``floor`` is the latest last day ever computed; ``version`` that of the recording.
    """

    recording_id: UUID
    version: int
    state: RetentionState
    retain_until: date | None
    floor: date | None
    open_holds: int
    sales: list[SaleView]
    rows: list[RowView]


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


@router.get("/{recording_id}/retention")
@action("retention.read")
async def read_retention(
    recording_id: UUID, session: ReadSession, clock: Now, guard: Guard, response: Response
) -> RetentionView:
    """Explain why a recording is kept, and until when."""
    head = await recording_of(session, recording_id)
    guard(outlet_id=head.outlet_id)
    case = await queries.case(session, recording_id)
    respond(response, version=head.version)
    return retention_view(case, head.version, clock.now())


@router.get("/{recording_id}/holds")
@action("hold.read")
async def list_recording_holds(
    recording_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[HoldView]:
    """List the holds of a recording, open and released, oldest first."""
    guard(outlet_id=(await recording_of(session, recording_id)).outlet_id)
    rows, cursor = await paginate(session, queries.holds_of(recording_id), page, order=queries.HOLD_ORDER)
    return Page(items=[HoldView.of(row) for row in rows], next_cursor=cursor)


@router.post("/{recording_id}/disposal", status_code=202, response_model=DisposalView)
@action("disposal.request")
async def request_disposal(
    recording_id: UUID,
    request: Request,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> DisposalView | Response:
    """Dispose of a recording. Refused on record (422), or authorised (202): its bytes go within seconds."""
    guard(outlet_id=(await recording_of(session, recording_id)).outlet_id)
    attempt_id, decision, head = await disposals.request_disposal(
        session,
        clock.now(),
        recording_id,
        if_match,
        by=caller.subject,
        settings=edge_of(request).settings,
    )
    view = DisposalView.of(await queries.disposal(session, attempt_id))
    location = f"/v1/disposals/{attempt_id}"
    if not decision.passed:
        violations = decision.violations(shipped_release())
        return refused(violations, **REFUSED, body=view, version=head.version, location=location)
    respond(response, version=head.version, location=location)
    return view


@router.get("/{recording_id}/disposals")
@action("disposal.read")
async def list_recording_disposals(
    recording_id: UUID, session: ReadSession, guard: Guard, page: PageQuery
) -> Page[DisposalView]:
    """List the attempts to dispose of a recording, refused ones too, oldest first."""
    guard(outlet_id=(await recording_of(session, recording_id)).outlet_id)
    statement = queries.disposals_of(recording_id)
    rows, cursor = await paginate(session, statement, page, order=queries.DISPOSAL_ORDER)
    return Page(items=[DisposalView.of(row) for row in rows], next_cursor=cursor)


@disposal_router.get("/{disposal_id}")
@action("disposal.read")
async def read_disposal(disposal_id: UUID, session: ReadSession, guard: Guard) -> DisposalView:
    """Read one attempt."""
    row = await queries.disposal(session, disposal_id)
    guard(outlet_id=(await recording_of(session, row.recording_id)).outlet_id)
    return DisposalView.of(row)


@hold_router.post("", status_code=201)
@action("hold.place")
async def place_hold(
    body: NewHold, session: Session, clock: Now, guard: Guard, caller: Caller, response: Response
) -> HoldView:
    """Hold a recording, whatever its period says, until the matter has ended (REC-08)."""
    guard(outlet_id=(await recording_of(session, body.recording_id)).outlet_id)
    hold_id = await commands.place_hold(
        session, clock.now(), body.recording_id, body.source, body.matter_id, by=caller.subject
    )
    respond(response, version=1, location=f"/v1/holds/{hold_id}")
    return HoldView.of(await queries.hold(session, hold_id))


@hold_router.get("/{hold_id}")
@action("hold.read")
async def read_hold(hold_id: UUID, session: ReadSession, guard: Guard, response: Response) -> HoldView:
    """Read a hold."""
    row = await queries.hold(session, hold_id)
    guard(outlet_id=(await recording_of(session, row.recording_id)).outlet_id)
    view = HoldView.of(row)
    respond(response, version=view.version)
    return view


@hold_router.post("/{hold_id}/release")
@action("hold.release")
async def release_hold(
    hold_id: UUID,
    body: HoldRelease,
    session: Session,
    clock: Now,
    guard: Guard,
    caller: Caller,
    if_match: IfMatch,
    response: Response,
) -> HoldView:
    """Release a hold whose matter has ended; that of a complaint goes with the complaint alone."""
    row = await queries.hold(session, hold_id)
    guard(outlet_id=(await recording_of(session, row.recording_id)).outlet_id)
    await commands.release_hold(session, clock.now(), hold_id, if_match, body.resolved_on, by=caller.subject)
    view = HoldView.of(await queries.hold(session, hold_id))
    respond(response, version=view.version)
    return view


@unmatched_router.get("")
@action("retention.unmatched")
async def list_unmatched_reports(session: ReadSession, page: PageQuery) -> UnmatchedPage:
    """List reports about sales that are not logged (yet), oldest first (N4)."""
    rows, cursor = await paginate(session, queries.unmatched(), page, order=queries.REPORT_ORDER)
    items = [ReportView.model_validate(row) for row in rows]
    return UnmatchedPage(items=items, next_cursor=cursor, total=await queries.count_unmatched(session))


def retention_view(case: RetentionCase, version: int, now: datetime) -> RetentionView:
    """The explanation of a case as it is seen at ``now``."""
    rows = case.rows(shipped_release(), legal_date(now))
    until = retain_until(rows, case.sales)
    if until is not None and case.floor is not None:
        until = max(until, case.floor)
    return RetentionView(
        recording_id=case.recording_id,
        version=version,
        state=case.state,
        retain_until=until,
        floor=case.floor,
        open_holds=len(case.open_holds),
        sales=[sale_view(sale) for sale in case.sales],
        rows=[row_view(row, case.sales) for row in rows],
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
    rule = shipped_release().find(row.rule, row.effective_from)
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
