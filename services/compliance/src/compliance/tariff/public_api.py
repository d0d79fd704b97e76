"""Routes of the published tariff: no token is needed to know what the bank charges (FEE-04)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import Path
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.auth import action
from chassis.http.routing import Now, Output, Page, PageQuery, ReadSession, paginate, routes
from compliance.periods.domain import legal_date
from compliance.tariff import queries
from compliance.tariff.domain import ChargeableService
from compliance.tariff.views import CODE_PATTERN, TariffEntry

router = routes("/v1/public/tariff", "public tariff")
contact_router = routes("/v1/public/fee-contact", "public tariff")

CodePath = Annotated[str, Path(min_length=1, max_length=32, pattern=CODE_PATTERN)]


class FeeContact(Output):
    """Where fees are complained about, as the website shows it; null while it shows no phone (FEE-04)."""

    complaint_phone: str | None
    shown_since: datetime | None


@router.get("")
@action("tariff.query", public=True)
async def query_tariff(
    session: ReadSession, clock: Now, page: PageQuery, on: date | None = None
) -> Page[TariffEntry]:
    """The price list of a day (today where none is given), with what is announced for later."""
    rows, cursor = await paginate(session, queries.listed(), page, order=queries.ORDER)
    return Page(items=await _entries(session, rows, on or legal_date(clock.now())), next_cursor=cursor)


@router.get("/{service_code}")
@action("tariff.query", public=True)
async def query_service(
    service_code: CodePath, session: ReadSession, clock: Now, on: date | None = None
) -> TariffEntry:
    """What a service costs on a day (today where none is given)."""
    service = await queries.service_by_code(session, service_code)
    (entry,) = await _entries(session, [service], on or legal_date(clock.now()))
    return entry


@contact_router.get("")
@action("tariff.query", public=True)
async def query_fee_contact(session: ReadSession) -> FeeContact:
    """The fee complaint phone."""
    shown = (await queries.publications(session, [None]))[None]
    phone = None if shown.notice is None else shown.notice.complaint_phone
    return FeeContact(complaint_phone=phone, shown_since=shown.complaint_phone_at)


async def _entries(
    session: AsyncSession, services: Sequence[ChargeableService], on: date
) -> list[TariffEntry]:
    ids = [service.id for service in services]
    prices, waivers = await queries.prices(session, ids), await queries.waivers(session, ids)
    return [
        TariffEntry.of(
            service,
            [price for price in prices if price.service_id == service.id],
            [waiver for waiver in waivers if waiver.service_id == service.id],
            on,
        )
        for service in services
    ]
