"""``decisions replay``: every stored decision made again, and the altered ones named."""

import json
import random
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from chassis.db import async_url
from chassis.ids import new_id
from chassis.migrate import sync_url
from chassis.testing import ServiceKit
from compliance.evidence.domain import sha256_of
from compliance.retention.release import shipped_release
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.commands import keep_release
from compliance.rulebook.decisions import decide
from compliance.rulebook.facts import SaleFacts
from compliance.sales.replaying import Flaw, Span, replayed
from services.compliance.tests.attacking import run
from services.compliance.tests.keeping import Keeper
from services.compliance.tests.registers import Json
from services.compliance.tests.selling import Deal, make_ready
from services.compliance.tests.service.test_gate_attacks import DECISION, Forger, parameters
from services.compliance.tests.unit import rewriting
from services.compliance.tests.unit.builders import SALE
from services.compliance.tests.unit.rewriting import LATER, REWRITTEN

COUNT, MANY, ALTERED = 400, 600, 20
#: The owner of the tables can do what the service cannot.
UPDATE = """
UPDATE decisions SET decision = CAST(:decision AS jsonb), digest = :digest, result = :result,
    release = :release WHERE id = :id
"""


async def decided(deal: Deal, count: int) -> list[Json]:
    """The rows of so many decisions about one case, every third a refusal, put where the gate puts them."""
    release, forger = shipped_release(), Forger(deal, {})
    rows = []
    async with deal.kit.session() as session:
        await keep_release(session, deal.kit.clock.now(), release)
        for number in range(count):
            given: SaleFacts = replace(SALE, attempt_id=new_id(), staffing_fresh=number % 3 > 0)
            row = parameters(deal, decide(release, SALE_CHECKS, given))
            await forger.within(session, DECISION, **row)
            rows.append(row)
    return rows


def altered(row: Json, how: int) -> Json:
    """One of five things that somebody might do to a stored decision, some of them with a new digest."""
    content = json.loads(row["decision"])
    fresh = not content["inputs"]["staffing_fresh"]
    changed: dict[str, Any] = {"id": row["decision_id"], "result": row["result"], "digest": row["digest"]}
    match how:
        case 0:
            content["inputs"]["staffing_fresh"] = fresh
        case 1:
            content["inputs"]["staffing_fresh"] = fresh
            changed["digest"] = sha256_of(content)
        case 2:
            content["outcomes"][0]["state"] = "undecided"
            changed["digest"] = sha256_of(content)
        case 3:
            content["result"] = changed["result"] = "refused" if content["result"] == "passed" else "passed"
            changed["digest"] = sha256_of(content)
        case 4:
            changed["digest"] = "0" * 60 + f"{random.Random(str(row['decision_id'])).getrandbits(16):04x}"
    return {**changed, "release": row["release"], "decision": json.dumps(content)}


def as_owner(kit: ServiceKit, *statements: tuple[str, Sequence[Json]]) -> None:
    """What only the owner of the tables can do."""
    engine = create_engine(sync_url(kit.database.owner_url))
    with engine.begin() as connection:
        for statement, values in statements:
            connection.execute(text(statement), list(values) or None)
    engine.dispose()


READER = "replay_reader"
#: What a replay reads; everything else is out of its reach.
READS = "decisions, rule_releases"


def reader_url(kit: ServiceKit) -> str:
    """The database as a role sees it that reads decisions and releases, and not one register."""
    password = secrets.token_urlsafe(16)
    engine = create_engine(sync_url(kit.database.super_url))
    with engine.begin() as connection:
        known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": READER})
        verb = "ALTER" if known else "CREATE"
        connection.execute(text(f"{verb} ROLE {READER} LOGIN PASSWORD '{password}'"))
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"GRANT CONNECT ON DATABASE {name} TO {READER}"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {READER}"))
        connection.execute(text(f"GRANT SELECT ON {READS} TO {READER}"))
    engine.dispose()
    return make_url(kit.database.app_url).set(username=READER, password=password).render_as_string(False)


async def by_the_later_program(url: str) -> dict[UUID, Flaw]:
    """What is wrong with any decision, by the functions of a later program."""
    engine = create_async_engine(async_url(url))
    async with AsyncSession(engine) as session:
        with pytest.raises(ProgrammingError, match="permission denied"):
            await session.execute(text("SELECT FROM products"))
        await session.rollback()
        found = {row.id: flaw async for row, flaw in replayed(session, Span(), LATER) if flaw is not None}
    await engine.dispose()
    return found


async def test_under_many_releases_and_rewritten_rules_without_any_register(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    forger, rows, refused = Forger(deal, {}), [], 0
    made = rewriting.decided(MANY)
    async with kit.session() as session:
        for release in {release.digest: release for _, release in made}.values():
            await keep_release(session, kit.clock.now(), release)
        for decision, _ in made:
            row = parameters(deal, decision)
            await forger.within(session, DECISION, **row)
            rows.append(row)
            refused += not decision.passed
    async with kit.sessions() as session:
        kept = await session.scalar(text("SELECT count(DISTINCT release) FROM decisions"))
    assert kept == 15
    assert len(REWRITTEN) == 3
    assert refused >= 0.3 * MANY
    url = reader_url(kit)
    assert await by_the_later_program(url) == {}
    chosen = random.Random(11).sample(rows, ALTERED)
    as_owner(kit, (UPDATE, [altered(row, number % 5) for number, row in enumerate(chosen)]))
    assert (await by_the_later_program(url)).keys() == {row["decision_id"] for row in chosen}


def named(output: str) -> dict[str, str]:
    """Each line of a difference: id and flaw."""
    lines = [line.split(": ") for line in output.splitlines() if not line.startswith("replayed")]
    return {line[0]: line[1] for line in lines}


async def test_twenty_altered_decisions_of_many_are_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    rows = await decided(deal, COUNT)
    keeper = Keeper(kit, str(new_id()))
    url = reader_url(kit)
    sound = await run(keeper, "decisions", "replay", "--all", database_url=url)
    assert sound.exit_code == 0
    assert sound.output.startswith(f"replayed: {COUNT}, differences: 0, ")
    chosen = random.Random(7).sample(rows, ALTERED)
    as_owner(kit, (UPDATE, [altered(row, number % 5) for number, row in enumerate(chosen)]))
    for processes in ("1", "2"):
        found = await run(keeper, "decisions", "replay", "--all", "--processes", processes, database_url=url)
        assert found.exit_code == 1
        assert named(found.output).keys() == {str(row["decision_id"]) for row in chosen}
        assert f"replayed: {COUNT}, differences: {ALTERED}, " in found.output
    alone = await run(keeper, "decisions", "replay", str(chosen[2]["decision_id"]))
    assert (alone.exit_code, named(alone.output)) == (
        1,
        {str(chosen[2]["decision_id"]): "comes_out_otherwise"},
    )


async def test_columns_and_a_release_that_were_altered_are_named(kit: ServiceKit) -> None:
    deal = await make_ready(kit)
    one, two, *others = await decided(deal, 6)
    keeper = Keeper(kit, str(new_id()))
    later = "UPDATE decisions SET decided_at = decided_at + interval '1 second' WHERE id = :id"
    as_owner(kit, (later, [{"id": two["decision_id"]}]))
    found = named((await run(keeper, "decisions", "replay", "--all")).output)
    assert found == {str(two["decision_id"]): "columns_are_not_what_the_content_says"}
    lenient = "UPDATE rule_releases SET content = jsonb_set(content, '{rules,0,confirmed_by}', '\"nobody\"')"
    as_owner(kit, (lenient, []))
    found = named((await run(keeper, "decisions", "replay", "--all")).output)
    assert found.pop(str(two["decision_id"])) == "columns_are_not_what_the_content_says"
    assert found == dict.fromkeys(
        (str(row["decision_id"]) for row in (one, *others)), "release_missing_or_altered"
    )


async def test_one_or_all(kit: ServiceKit) -> None:
    keeper = Keeper(kit, str(new_id()))
    assert (await run(keeper, "decisions", "replay")).exit_code == 2
    assert (await run(keeper, "decisions", "replay", str(UUID(int=7)))).exit_code == 2
