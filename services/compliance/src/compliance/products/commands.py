"""Use cases of the product registry."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import Conflict, check_version
from chassis.ids import new_id
from chassis.outbox import record
from compliance.partners.commands import partner_facts
from compliance.periods.domain import legal_date
from compliance.products.admissions import Opinion, admission_facts, decide, examine
from compliance.products.domain import Product, ProductTerms, RiskLevels, check_supply, unfit_name
from compliance.products.queries import present_round
from compliance.products.tables import products
from compliance.rulebook.facts import ProductFacts, ProductForm, ProductKind, ProductOrigin
from compliance.rulebook.names import NameFacts
from compliance.rulebook.registers import admission_chain, name_finding


class ProductCodeTaken(Conflict):
    """Codes of products are unique, ended ones included."""

    code = "PRODUCT_CODE_TAKEN"
    zh = "产品代码 {taken} 已登记;请核对代码,变更请修改已有产品。"
    en = "The product code {taken} is listed already; check it, or change the product that has it."


def judge_name(name: str, at: datetime) -> None:
    """PRD-04 by the lists in force at ``at``; raises ``ProductNameBannedTerm``."""
    if (finding := name_finding(NameFacts(name=name), legal_date(at))) is not None:
        raise unfit_name(finding)


async def enter_product(
    session: AsyncSession,
    clock: Clock,
    *,
    code: str,
    origin: ProductOrigin,
    kind: ProductKind,
    form: ProductForm,
    terms: ProductTerms,
    levels: RiskLevels,
    partner_id: UUID | None,
) -> Product:
    """Lists a product as on sale (PRD-01, PRD-04), an agency product with its partner (AGY-04).

    Raises :class:`ProductCodeTaken`, ``ProductNameBannedTerm``, ``PartnerOfOwnProduct``, ``PartnerUnknown``,
    ``PartnerNotListed``, ``PartnerSuppliesOther``.
    """
    at = clock.now()
    judge_name(terms.name, at)
    if await session.scalar(select(products.c.id).where(products.c.code == code)) is not None:
        raise ProductCodeTaken(taken=code, pointer="/code")
    product, fact = Product.enter(
        new_id(),
        code=code,
        origin=origin,
        kind=kind,
        form=form,
        terms=terms,
        levels=levels,
        partner_id=partner_id,
        at=at,
    )
    if partner_id is not None:
        check_supply(kind, await partner_facts(session, partner_id))
    session.add(product)
    await record(session, fact)
    return product


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
    ``AdmissionNotExamined``, ``AdmissionDecided``, ``AdmissionSamePerson``.
    """
    product = await lock(session, Product, product_id)
    check_version(product.version, expected_version)
    at = clock.now()
    steps = await present_round(session, product_id)
    chain = admission_chain(legal_date(at))
    step, fact = decide(product, steps, new_id(), said, chain=chain, by=by, at=at)
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
    """Grades a product anew (PRD-08).

    Raises ``ObjectNotFound``, ``StaleVersion``, ``ProductIsEnded``, ``RiskLevelUnchanged``.
    """
    product = await lock(session, Product, product_id)
    check_version(product.version, expected_version)
    await record(session, product.grade(levels, reason=reason, at=clock.now()))
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


async def lock_product(session: AsyncSession, product_id: UUID) -> Product:
    """G1: the product's head row, locked. Raises ``ObjectNotFound``."""
    return await lock(session, Product, product_id)


async def product_facts(session: AsyncSession, product_id: UUID) -> ProductFacts | None:
    """G1: what the gate may rest on, the head row locked for reading; None: not in the registry.

    Every step of an admission bumps the head, so that the lock holds them too.
    """
    statement = select(Product).where(products.c.id == product_id).with_for_update(read=True)
    product = await session.scalar(statement, execution_options={"populate_existing": True})
    if product is None:
        return None
    steps = [] if product.partner_id is None else await present_round(session, product_id)
    return product.facts(admission_facts(steps))
