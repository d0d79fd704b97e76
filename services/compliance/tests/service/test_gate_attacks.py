"""Sales written in SQL as the service's own role: the database refuses them, or the audit names them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.evidence.domain import to_plain
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.commands import keep_release
from compliance.rulebook.decisions import Decision, decide
from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.transaction_facts import HoldingFacts, TransactionFacts, TransactionKind
from compliance.sales.audit import suspicions
from compliance.sales.domain import log_sale
from compliance.sales.gate import judge
from services.compliance.tests.attacking import run
from services.compliance.tests.keeping import Keeper
from services.compliance.tests.registers import Json, ok
from services.compliance.tests.selling import SECOND, Deal, make_ready

DECISION = """
INSERT INTO decisions (id, case_id, result, digest, release, decision, decided_at)
VALUES (:decision_id, :case_id, :result, :digest, :release, CAST(:decision AS jsonb), :decided_at)
"""
KEPT = """
INSERT INTO retention_sales (sale_id, recording_id, kind, form, term_months, sold_on, begun_at)
VALUES (:sale_id, :recording_id, 'WEALTH', 'CLOSED_END', 6, '2026-03-02', :decided_at)
"""
SALE = """
INSERT INTO sales (id, case_id, decision_id, outlet_id, seller_id, product_id, customer_id, zone_id,
    recording_id, amount_minor, currency, business_date, logged_at)
SELECT :sale_id, id, :decision_id, outlet_id, seller_id, product_id, customer_id, zone_id,
    :recording_id, amount_minor, currency, '2026-03-02', :decided_at FROM cases WHERE id = :case_id
"""
UNPROVEN = "not what was decided on, or its recording is not that of its case"
LOGGED = "UPDATE cases SET state = 'LOGGED', sale_id = :sale_id, version = version + 1 WHERE id = :case_id"


@dataclass
class Forger:
    """Writes what the gate would write, about a deal, with whatever is wanted changed."""

    deal: Deal
    values: dict[str, Any]

    async def run(self, *statements: str, **given: Any) -> None:
        """The statements in one transaction of the service's own role."""
        async with self.deal.kit.session() as session:
            await self.within(session, *statements, **given)

    async def within(self, session: AsyncSession, *statements: str, **given: Any) -> None:
        values = self.values | given
        for statement in statements:
            clause = text(statement)
            await session.execute(clause, {name: values[name] for name in clause.compile().params})


def parameters(deal: Deal, decision: Decision) -> dict[str, Any]:
    """The rows of a sale on this decision."""
    assert deal.case is not None
    assert deal.recording is not None
    return {
        "sale_id": new_id(),
        "decision_id": new_id(),
        "case_id": UUID(deal.case["id"]),
        "recording_id": UUID(deal.recording["id"]),
        "result": decision.result.value,
        "digest": decision.digest,
        "release": decision.release,
        "decision": json.dumps(to_plain(decision)),
        "decided_at": decision.decided_at,
    }


async def forger(deal: Deal, change: Callable[[SaleFacts], SaleFacts] = lambda facts: facts) -> Forger:
    """What the gate would decide now on the facts as ``change`` leaves them, its release kept."""
    assert deal.case is not None
    assert deal.recording is not None
    kit = deal.kit
    async with kit.session() as session:
        await keep_release(session, kit.clock.now(), shipped_release())
        judged = await judge(
            session, kit.clock, kit.settings, UUID(deal.case["id"]), UUID(deal.recording["id"]), share=True
        )
    return Forger(deal, parameters(deal, decide(shipped_release(), SALE_CHECKS, change(judged.facts))))


def levelled(facts: SaleFacts) -> SaleFacts:
    """The customer may suddenly take every risk."""
    assert facts.assessment is not None
    assert facts.opinion is not None
    return replace(
        facts,
        assessment=replace(facts.assessment, level=5),
        opinion=replace(facts.opinion, customer_level=5),
    )


def without(release: RuleRelease, rule_id: str) -> RuleRelease:
    """The release without a rule, and without its row in the matrix."""
    matrices = tuple(
        replace(one, cells={name: row for name, row in one.cells.items() if name != rule_id})
        for one in release.matrices or ()
    )
    rules = tuple(rule for rule in release.rules if rule.id != rule_id)
    return replace(release, rules=rules, matrices=matrices)


def redeemed(facts: SaleFacts) -> SaleFacts:
    """The same as a redemption of a holding that is on record."""
    assert facts.product is not None
    holding = HoldingFacts(
        product_id=facts.product.product_id, level=3, sale_id=None, own=None, logged_here=True
    )
    kind = TransactionKind.REDEMPTION
    transaction = TransactionFacts(kind=kind, holding=holding, rollover_consent=None, heir=None)
    return replace(facts, transaction=transaction)


async def named(kit: ServiceKit) -> set[str]:
    """What the audit of the gate names."""
    async with kit.session() as session:
        return {found.forgery.value for found in await suspicions(session)}


# --- What the database refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["rule_releases", "decisions", "sales", "refused_attempts"])
async def test_what_was_decided_is_neither_changed_nor_deleted(kit: ServiceKit, table: str) -> None:
    column = "stored_at" if table == "rule_releases" else "id"
    for statement in (
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP FUNCTION sale_rests_on_evidence() CASCADE",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            async with kit.session() as session:
                await session.execute(text(statement))


async def test_no_sale_stands_on_a_refusal(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    forged = await forger(deal)
    assert forged.values["result"] == "refused"
    with pytest.raises(IntegrityError, match="fk_sales_decision_id_decisions"):
        await forged.run(DECISION, KEPT, SALE)
    # Nor may the column say what the content does not.
    with pytest.raises(IntegrityError, match="ck_decisions_decision"):
        await forged.run(DECISION, KEPT, SALE, result="passed")
    insert = SALE.replace("zone_id,\n    recording_id", "zone_id, decision_result,\n    recording_id", 1)
    insert = insert.replace("zone_id,\n    :recording", "zone_id, 'refused',\n    :recording", 1)
    with pytest.raises(IntegrityError, match="ck_sales_decision_result"):
        await forged.run(DECISION, KEPT, insert)


async def test_no_sale_stands_on_no_decision_or_on_anothers(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    sale = ok(await deal.sell())
    forged = await forger(deal)
    decided_at = kit.clock.now()
    with pytest.raises(IntegrityError, match=UNPROVEN):
        await forged.run(KEPT, SALE)
    # The decision of the logged sale, for the same case and for another one.
    used = {"decision_id": UUID(sale["decision_id"]), "decided_at": decided_at}
    with pytest.raises(IntegrityError, match=r"uq_sales_(case_id|decision_id)"):
        await forged.run(KEPT, SALE, **used)
    assert deal.case is not None
    other = await deal.open_case(session_id=deal.case["session_id"])
    with pytest.raises(IntegrityError, match=r"uq_sales_decision_id|fk_sales_decision_id_decisions"):
        await forged.run(KEPT, SALE, case_id=UUID(other["id"]), **used)
    with pytest.raises(IntegrityError, match=UNPROVEN):
        await forged.run(KEPT, SALE, case_id=UUID(other["id"]), decision_id=new_id())


async def test_no_sale_stands_on_the_recording_of_another_customer(kit: ServiceKit) -> None:
    other = await make_ready(kit, subject="seller-2", code="SH-0002")
    deal = await make_ready(kit)
    assert other.recording is not None
    forged = await forger(deal)
    with pytest.raises(IntegrityError, match=UNPROVEN):
        await forged.run(DECISION, KEPT, SALE, recording_id=UUID(other.recording["id"]))


async def test_no_sale_stands_on_a_recording_that_is_not_sealed(kit: ServiceKit) -> None:
    sealed = await make_ready(kit)
    forged = await forger(sealed)
    await sealed.record(sealed=False)
    assert sealed.recording is not None
    with pytest.raises(IntegrityError, match=UNPROVEN):
        await forged.run(DECISION, KEPT, SALE, recording_id=UUID(sealed.recording["id"]))


async def test_no_sale_is_other_than_what_was_decided(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    forged = await forger(deal, lambda facts: replace(facts, amount_minor=1))
    with pytest.raises(IntegrityError, match=UNPROVEN):
        await forged.run(DECISION, KEPT, SALE)
    forged = await forger(deal)
    with pytest.raises(IntegrityError, match=UNPROVEN):
        await forged.run(DECISION, KEPT, SALE, decided_at=kit.clock.now() - timedelta(hours=1))


async def test_no_sale_stands_on_the_decision_of_a_redemption(kit: ServiceKit) -> None:
    """The matrix asks nearly nothing of a redemption; what passes as one is no sale."""
    deal = await make_ready(kit, bank_risk_level=3)
    forged = await forger(deal, redeemed)
    assert forged.values["result"] == "passed"
    with pytest.raises(IntegrityError, match=UNPROVEN):
        await forged.run(DECISION, KEPT, SALE)


async def test_no_sale_stands_without_its_keeping(kit: ServiceKit) -> None:
    forged = await forger(await make_ready(kit))
    with pytest.raises(IntegrityError, match="fk_sales_id_retention_sales"):
        await forged.run(DECISION, SALE)


# --- What that role could invent, and what names it --------------------------------------------------------


async def test_a_sale_forged_whole_is_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    forged = await forger(deal, levelled)
    assert forged.values["result"] == "passed"
    await forged.run(DECISION, KEPT, SALE, LOGGED)
    assert await named(kit) == {
        "sale_without_fact",
        "decision_on_invented_assessment",
        "decision_on_invented_opinion",
    }


async def test_the_command_line_names_it_and_fails(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    assert deal.recording is not None
    keeper = Keeper(kit, deal.recording["id"])
    sound = await run(keeper, "sales", "audit")
    assert (sound.exit_code, sound.output) == (0, "suspicions: 0\n")
    forged = await forger(deal, levelled)
    await forged.run(DECISION, KEPT, SALE, LOGGED)
    found = await run(keeper, "sales", "audit")
    assert found.exit_code == 1
    assert f"sale_without_fact: {forged.values['sale_id']}" in found.output
    assert f"decision_on_invented_assessment: {forged.values['decision_id']}" in found.output


async def test_a_decision_with_a_made_up_result_is_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    forged = await forger(deal)
    made_up: Json = json.loads(forged.values["decision"]) | {"result": "passed"}
    await forged.run(DECISION, KEPT, SALE, LOGGED, result="passed", decision=json.dumps(made_up))
    assert await named(kit) == {"sale_without_fact", "decision_altered"}


async def test_a_decision_under_rules_of_ones_own_is_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    shipped = shipped_release()
    lenient = without(shipped, "SUI-03")
    honest = await forger(deal)
    async with kit.session() as session:
        await keep_release(session, kit.clock.now(), lenient)
    facts = json.loads(honest.values["decision"])["inputs"]
    assert facts["product"]["bank_level"] == 3
    async with kit.session() as session:
        assert deal.case is not None
        assert deal.recording is not None
        judged = await judge(
            session, kit.clock, kit.settings, UUID(deal.case["id"]), UUID(deal.recording["id"]), share=True
        )
    decision = decide(lenient, SALE_CHECKS, judged.facts)
    assert decision.passed
    forged = Forger(deal, parameters(deal, decision))
    await forged.run(DECISION, KEPT, SALE, LOGGED)
    assert await named(kit) == {"sale_without_fact", "decision_under_foreign_release"}


async def test_a_refusal_that_nobody_told_is_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    forged = await forger(deal)
    await forged.run(
        DECISION,
        """INSERT INTO refused_attempts (id, case_id, decision_id, outlet_id, refused_at)
        SELECT :sale_id, id, :decision_id, outlet_id, :decided_at FROM cases WHERE id = :case_id""",
    )
    assert await named(kit) == {"attempt_without_fact"}
    kit.clock.advance(SECOND)
    await (await forger(deal)).run(DECISION)
    assert await named(kit) == {"attempt_without_fact", "decision_without_outcome"}


async def test_a_case_that_says_logged_without_a_sale_is_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    await (await forger(deal)).run(LOGGED)
    assert await named(kit) == {"case_without_sale"}


async def test_a_decision_that_does_not_pass_makes_no_sale_in_code_either(kit: ServiceKit) -> None:
    deal = await make_ready(kit, bank_risk_level=3)
    assert deal.case is not None
    assert deal.recording is not None
    case_id, recording_id = UUID(deal.case["id"]), UUID(deal.recording["id"])
    async with kit.session() as session:
        judged = await judge(session, kit.clock, kit.settings, case_id, recording_id, share=True)
    with pytest.raises(ValueError, match="allows no sale"):
        log_sale(
            judged.case,
            judged.decision,
            sale_id=new_id(),
            decision_id=new_id(),
            recording_id=recording_id,
            business_date=None,
        )
