"""Use cases of the tariff. The clock is read behind the lock: what waited is dated after it."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Conflict, check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.outlets.queries import open_outlet
from compliance.periods.domain import legal_date
from compliance.products.commands import lock_product
from compliance.rulebook.registers import price_finding
from compliance.tariff import queries
from compliance.tariff.charges import Standard, Step
from compliance.tariff.domain import ChargeableService, Pricing, ProductLink, Publicity
from compliance.tariff.notices import Notice
from compliance.tariff.prices import Price, too_short
from compliance.tariff.tables import fee_services
from compliance.tariff.terms import Terms, Waiver


class ServiceCodeTaken(Conflict):
    """Codes of chargeable services are unique."""

    code = "FEE_SERVICE_CODE_TAKEN"
    zh = "收费项目代码 {taken} 已存在;请核对代码,价格变更请在该项目下公布。"
    en = "There is a chargeable service with the code {taken}; check it, or announce a price for that one."


async def introduce_service(
    session: AsyncSession,
    clock: Clock,
    *,
    code: str,
    names: tuple[str, str],
    pricing: Pricing,
    currency: str,
    steps: tuple[Step, ...],
    by: str,
) -> ChargeableService:
    """Enters a chargeable service; ``names`` in Chinese and English.

    Raises :class:`ServiceCodeTaken`, ``CurrencyInvalid``, ``StepsInvalid``.
    """
    if await session.scalar(select(fee_services.c.id).where(fee_services.c.code == code)) is not None:
        raise ServiceCodeTaken(taken=code, pointer="/code")
    service, fact = ChargeableService.introduce(
        new_id(), code=code, names=names, pricing=pricing, currency=currency, steps=steps, by=by,
        at=clock.now(),
    )  # fmt: skip
    session.add(service)
    await record(session, fact)
    return service


async def announce_price(
    session: AsyncSession,
    clock: Clock,
    service_id: UUID,
    expected_version: int,
    *,
    standards: tuple[Standard, ...],
    applies_from: date,
    by: str,
) -> tuple[ChargeableService, Price]:
    """Announces a price from a day on (FEE-03).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``StepsInvalid``, ``DatesInvalid``, ``FeeNoticeTooShort``.
    """
    service = await _to_change(session, service_id, expected_version)
    at = clock.now()
    price, facts, fact = service.announce(
        new_id(),
        standards=standards,
        applies_from=applies_from,
        known=await queries.prices(session, [service_id]),
        by=by,
        at=at,
    )
    if (finding := price_finding(facts, legal_date(at))) is not None:
        raise too_short(finding)
    session.add(price)
    await record(session, fact)
    return service, price


async def grant_waiver(
    session: AsyncSession, clock: Clock, service_id: UUID, expected_version: int, terms: Terms, *, by: str
) -> tuple[ChargeableService, Waiver]:
    """Grants a reduction (M130, M159).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``StepsInvalid``, ``DatesInvalid``.
    """
    service = await _to_change(session, service_id, expected_version)
    waiver, fact = service.grant(new_id(), terms, by=by, at=clock.now())
    session.add(waiver)
    await record(session, fact)
    return service, waiver


async def check_publicity(
    session: AsyncSession,
    clock: Clock,
    service_id: UUID,
    expected_version: int,
    *,
    medium: str,
    terms: Terms,
    by: str,
) -> tuple[ChargeableService, Publicity]:
    """Records publicity about a reduction that the tariff grants as it is promised (M159).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``StepsInvalid``, ``PublicityMismatch``.
    """
    service = await _to_change(session, service_id, expected_version)
    publicity = service.publicise(
        new_id(),
        medium=medium,
        terms=terms,
        waivers=await queries.waivers(session, [service_id]),
        by=by,
        at=clock.now(),
    )
    session.add(publicity)
    return service, publicity


async def link_product(
    session: AsyncSession,
    clock: Clock,
    service_id: UUID,
    expected_version: int,
    *,
    product_id: UUID,
    charged: bool,
    by: str,
) -> tuple[ChargeableService, ProductLink]:
    """Says that the sale of a product is charged for by the service, or no longer is.

    G1: the product's head is held, so that no decision about it overlooks the link. Raises
    ``ObjectNotFound``, ``StaleVersion``, ``ProductLinkUnchanged``.
    """
    await lock_product(session, product_id)
    service = await _to_change(session, service_id, expected_version)
    present = await queries.is_charged(session, service_id, product_id)
    link = service.link(
        new_id(), product_id=product_id, charged=charged, present=present, by=by, at=clock.now()
    )
    session.add(link)
    return service, link


async def put_up_notice(
    session: AsyncSession,
    clock: Clock,
    *,
    outlet_id: UUID | None,
    price_list: bool,
    complaint_phone: str | None,
    by: str,
) -> Notice:
    """Records what an outlet (None: the website) shows from now on (FEE-04).

    Raises ``OutletUnknown``, ``OutletIsClosed``.
    """
    if outlet_id is not None:
        await open_outlet(session, outlet_id)
    notice = Notice(
        id=new_id(),
        outlet_id=outlet_id,
        price_list=price_list,
        complaint_phone=complaint_phone,
        recorded_by=by,
        shown_at=clock.now(),
    )
    session.add(notice)
    return notice


async def share_service(session: AsyncSession, service_id: UUID) -> ChargeableService:
    """G1: the service's head, locked for reading: what it costs stays as it is. Raises ``ObjectNotFound``."""
    return await lock(session, ChargeableService, service_id, share=True)


async def _to_change(session: AsyncSession, service_id: UUID, expected_version: int) -> ChargeableService:
    service = await lock(session, ChargeableService, service_id)
    check_version(service.version, expected_version)
    return service
