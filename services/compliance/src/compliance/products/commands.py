"""Use cases of the product registry."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Conflict, Fault, Invalid, ManyFaults, ServiceError, check_version
from chassis.ids import new_id
from chassis.outbox import record
from chassis.reads import InOrder, Reads
from compliance.partners.commands import partner_facts
from compliance.periods.domain import legal_date
from compliance.products.admissions import Opinion, decide, examine
from compliance.products.domain import (
    Listing,
    Product,
    ProductTerms,
    RiskLevels,
    check_supply,
    unfit_name,
)
from compliance.products.queries import HEADS, OFFERED, offered, present_round
from compliance.products.tables import products
from compliance.products.windows import OfferingWindow, set_window
from compliance.reviews.commands import must_be_in_time
from compliance.risk_notices.commands import open_risk_notice
from compliance.rulebook.facts import PartnerFacts, ProductFacts
from compliance.rulebook.names import NameFacts
from compliance.rulebook.registers import admission_chain, name_finding
from compliance.rulebook.reviews import Waiting


class ProductCodeTaken(Conflict):
    """Codes of products are unique, ended ones included."""

    code = "PRODUCT_CODE_TAKEN"
    zh = "产品代码 {taken} 已登记;请核对代码,变更请修改已有产品。"
    en = "The product code {taken} is listed already; check it, or change the product that has it."


class ProductCodeRepeated(Invalid):
    """A list names each product once."""

    code = "PRODUCT_CODE_REPEATED"
    zh = "产品代码 {repeated} 在清单中重复;每个产品只列一行。"
    en = "The product code {repeated} stands in the list twice; list each product once."


class ImportRefused(ManyFaults):
    """All of a list is entered, or nothing."""

    code = "IMPORT_REFUSED"
    zh = "清单有 {count} 处不符,未导入任何产品;请按逐条说明更正后重新提交全部清单。"
    en = "The list has {count} errors, nothing was entered; correct what is named and send all of it again."


def judge_name(name: str, at: datetime) -> None:
    """PRD-04 by the lists in force at ``at``; raises ``ProductNameBannedTerm``."""
    if (finding := name_finding(NameFacts(name=name), legal_date(at))) is not None:
        raise unfit_name(finding)


async def enter_product(session: AsyncSession, clock: Clock, listing: Listing) -> Product:
    """Lists a product as on sale (PRD-01, PRD-04), an agency product with its partner (AGY-04).

    Raises :class:`ProductCodeTaken`, ``ProductNameBannedTerm``, ``PartnerUnknown``, ``PartnerNotListed``,
    ``PartnerSuppliesOther``.
    """
    at = clock.now()
    judge_name(listing.terms.name, at)
    if await taken(session, [listing.code]):
        raise ProductCodeTaken(taken=listing.code, pointer="/code")
    if listing.partner_id is not None:
        check_supply(listing.kind, await partner_facts(session, listing.partner_id))
    (product,) = await _entered(session, [listing], at)
    return product


async def import_products(
    session: AsyncSession,
    clock: Clock,
    listings: Mapping[int, Listing],
    names: Mapping[int, str],
    faults: Sequence[Fault],
) -> list[Product]:
    """Lists all of them, by their rows (from 0), or none.

    ``faults`` are those of the rows that gave no listing, ``names`` those of all that could be read. Raises
    :class:`ImportRefused` with everything that is wrong with any row.
    """
    at = clock.now()
    known = await taken(session, [listing.code for listing in listings.values()])
    wanted = {listing.partner_id for listing in listings.values() if listing.partner_id is not None}
    suppliers = {one: await partner_facts(session, one) for one in sorted(wanted)}
    found, seen = list(faults), set[str]()
    for number, name in names.items():
        if (finding := name_finding(NameFacts(name=name), legal_date(at))) is not None:
            found.append(at_row(number, unfit_name(finding)))
    for number, listing in listings.items():
        found += [at_row(number, wrong) for wrong in _wrong(listing, known, seen, suppliers)]
        seen.add(listing.code)
    if found:
        raise ImportRefused(sorted(found, key=lambda fault: int(fault.pointer.split("/")[2])))
    return await _entered(session, listings.values(), at)


def at_row(number: int, wrong: ServiceError) -> Fault:
    """What is wrong with a field of a row (from 0), said with its row (from 1)."""
    return told_at_row(number, Fault(wrong.pointer or "", wrong.code, wrong.messages))


def told_at_row(number: int, fault: Fault) -> Fault:
    """The fault of a row (from 0) by itself, said with its row (from 1) and field."""
    field = fault.pointer.removeprefix("/")
    place = {"zh-CN": f"第 {number + 1} 行 {field}:", "en": f"Row {number + 1}, {field}: "}
    if not field:
        place = {"zh-CN": f"第 {number + 1} 行:", "en": f"Row {number + 1}: "}
    messages = {language: f"{place[language]}{text}" for language, text in fault.messages.items()}
    return Fault(f"/products/{number}{fault.pointer}", fault.code, messages)


async def taken(session: AsyncSession, codes: Collection[str]) -> set[str]:
    """Which of the codes are listed already, ended products included."""
    return set((await session.scalars(select(products.c.code).where(products.c.code.in_(codes)))).all())


def _wrong(
    listing: Listing,
    known: Collection[str],
    seen: Collection[str],
    suppliers: Mapping[UUID, PartnerFacts | None],
) -> Iterator[ServiceError]:
    if listing.code in known:
        yield ProductCodeTaken(taken=listing.code, pointer="/code")
    if listing.code in seen:
        yield ProductCodeRepeated(repeated=listing.code, pointer="/code")
    if listing.partner_id is not None:
        try:
            check_supply(listing.kind, suppliers[listing.partner_id])
        except ServiceError as wrong:
            yield wrong


async def _entered(session: AsyncSession, listings: Iterable[Listing], at: datetime) -> list[Product]:
    entered = [Product.enter(new_id(), listing, at=at) for listing in listings]
    session.add_all([product for product, _ in entered])
    await record(session, *(fact for _, fact in entered))
    return [product for product, _ in entered]


async def name_partner(
    session: AsyncSession, clock: Clock, product_id: UUID, expected_version: int, partner_id: UUID
) -> Product:
    """Names the partner that supplies an agency product from now on (AGY-04): it is to be admitted anew.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProductIsEnded``, ``PartnerOfOwnProduct``,
    ``PartnerUnknown``, ``PartnerNotListed``, ``PartnerSuppliesOther``.
    """
    product = await lock(session, Product, product_id)
    check_version(product.version, expected_version)
    supplier = await partner_facts(session, partner_id)
    fact = product.be_supplied(supplier, at=clock.now())
    await record(session, fact)
    return product


async def examine_product(
    session: AsyncSession, clock: Clock, product_id: UUID, expected_version: int, *, summary: str, by: str
) -> Product:
    """Records due diligence about an agency product and its partner (AGY-05).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProductIsEnded``, ``AdmissionNotNeeded``,
    ``ProductWithoutPartner``.
    """
    product = await lock(session, Product, product_id)
    check_version(product.version, expected_version)
    step, fact = examine(product, new_id(), summary=summary, by=by, at=clock.now())
    session.add(step)
    await record(session, fact)
    return product


async def decide_admission(
    session: AsyncSession, clock: Clock, product_id: UUID, expected_version: int, said: Opinion, *, by: str
) -> Product:
    """Records an approval or a rejection of an agency product (AGY-05).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProductIsEnded``, ``AdmissionNotNeeded``,
    ``AdmissionNotExamined``, ``AdmissionDecided``, ``AdmissionSamePerson``, ``ReviewLapsed``.
    """
    product = await lock(session, Product, product_id)
    check_version(product.version, expected_version)
    at = clock.now()
    steps = await present_round(session, product_id)
    chain = admission_chain(legal_date(at))
    step, fact = decide(product, steps, new_id(), said, chain=chain, by=by, at=at)
    if said.approved:
        must_be_in_time(steps[0].taken_at, at, Waiting.ADMISSION)
    session.add(step)
    await record(session, fact)
    return product


async def change_product(
    session: AsyncSession, clock: Clock, product_id: UUID, expected_version: int, terms: ProductTerms
) -> Product:
    """Corrects what describes a product (PRD-04).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProductIsEnded``, ``ProductNameBannedTerm``.
    """
    product = await lock(session, Product, product_id)
    check_version(product.version, expected_version)
    at = clock.now()
    fact = product.change(terms, at=at)
    judge_name(terms.name, at)
    await record(session, fact)
    return product


async def grade_product(
    session: AsyncSession,
    clock: Clock,
    product_id: UUID,
    expected_version: int,
    levels: RiskLevels,
    *,
    reason: str,
) -> Product:
    """Grades a product anew (PRD-08); what changes for its holders they are to be told (PRD-03).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProductIsEnded``, ``RiskLevelUnchanged``.
    """
    product = await lock(session, Product, product_id)
    check_version(product.version, expected_version)
    fact = product.grade(levels, reason=reason, at=clock.now())
    await record(session, fact)
    open_risk_notice(
        session,
        product_id=product.id,
        product_code=product.code,
        product_version=fact.version,
        previous_level=fact.previous_risk_level,
        level=fact.effective_risk_level,
        changed_at=fact.occurred_at,
    )
    return product


async def withdraw_product(
    session: AsyncSession,
    clock: Clock,
    product_id: UUID,
    expected_version: int,
    *,
    ended: bool,
    reason: str,
) -> Product:
    """Ends the sale of a product (PRD-01).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProductIsEnded``, ``ProductNotOnSale``.
    """
    product = await lock(session, Product, product_id)
    check_version(product.version, expected_version)
    await record(session, product.withdraw(ended=ended, reason=reason, at=clock.now()))
    return product


async def schedule_product(
    session: AsyncSession,
    clock: Clock,
    product_id: UUID,
    expected_version: int,
    offered_from: datetime | None,
    offered_until: datetime | None,
    *,
    by: str,
) -> OfferingWindow:
    """Sets when the product is offered (PRD-01).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProductIsEnded``, ``OfferingWindowInvalid``.
    """
    product = await lock(session, Product, product_id)
    check_version(product.version, expected_version)
    window, fact = set_window(product, offered_from, offered_until, by=by, at=clock.now())
    session.add(window)
    await record(session, fact)
    return window


async def lock_product(session: AsyncSession, product_id: UUID) -> Product:
    """G1: the product's head row, locked. Raises ``ObjectNotFound``."""
    return await lock(session, Product, product_id)


async def share_product(session: AsyncSession, product_id: UUID) -> Product | None:
    """The product with its head row locked for reading; None: not in the registry."""
    statement = select(Product).where(products.c.id == product_id).with_for_update(read=True)
    product: Product | None = await session.scalar(statement, execution_options={"populate_existing": True})
    return product


_HEAD, _OFFERED = InOrder(product_ids=HEADS), Reads(*OFFERED)


async def product_facts(session: AsyncSession, product_id: UUID) -> ProductFacts | None:
    """G1: what the gate may rest on, the head row locked for reading; None: not in the registry.

    Every step of an admission bumps the head, so that the lock holds them too.
    """
    return offered(
        await _OFFERED.read(session, **await _HEAD.hold(session, product_ids=[product_id])), product_id
    )
