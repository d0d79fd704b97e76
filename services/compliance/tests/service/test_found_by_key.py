"""What is asked for every sale and in every round finds rows by key: it costs the same in ten years."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from chassis.ids import first_id
from chassis.reads import SETTINGS
from chassis.runtime import run_job
from chassis.testing import Asked, ServiceKit, create_database
from compliance.conduct.screening import Screening
from compliance.retention.disposals import completion
from compliance.sales.gate import judge
from compliance.service import service
from services.compliance.tests.selling import make_ready


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The plan and all that it is made of."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def reads_all_of(node: dict[str, Any]) -> bool:
    """Whether the node goes through a whole table, or a whole index, whatever is asked for."""
    kind = node["Node Type"]
    return kind == "Seq Scan" or ("Index" in kind and "Index Cond" not in node)


@pytest.fixture(scope="module")
def untouched(postgres_url: str) -> str:
    """The URL of a database whose tables nobody ever counted: how many rows there are is left to guess."""
    return create_database(postgres_url, service).app_url


def scans(url: str, statements: Sequence[Asked], settings: Mapping[str, str]) -> list[dict[str, Any]]:
    """How the statements would find their rows, planned with these settings."""
    found: list[dict[str, Any]] = []
    with psycopg.connect(url) as connection:
        for name, value in settings.items():
            connection.execute("SELECT set_config(%s, %s, true)", (name, value))
        for one in statements:
            cursor = psycopg.RawCursor(connection)
            (row,) = cursor.execute(
                f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {one.statement}".encode()
            ).fetchall()
            found += [node for node in nodes(row[0][0]["Plan"]) if "Scan" in node["Node Type"]]
    return found


def read_whole(url: str, statements: Sequence[Asked], settings: Mapping[str, str]) -> set[str]:
    """Tables and indexes that the statements go through from end to end."""
    whole = filter(reads_all_of, scans(url, statements, settings))
    return {node.get("Relation Name") or node["Index Name"] for node in whole}


async def test_the_gate_finds_rows_by_their_keys_however_its_connection_planned(
    kit: ServiceKit, untouched: str
) -> None:
    deal = await make_ready(kit)
    assert deal.case is not None
    assert deal.recording is not None
    about = UUID(deal.case["id"]), UUID(deal.recording["id"])

    with kit.asked() as asked:
        async with kit.session() as session:
            await judge(session, kit.clock, kit.settings, *about, share=False)
    first, *behind = (one for one in asked if "set_config" in one.statement)
    # Who takes part is asked before the settings take effect, and planned by what the tables hold.
    assert "case_parties" in first.statement
    assert len(behind) == 2
    assert read_whole(untouched, behind, SETTINGS) == set()
    assert read_whole(untouched, behind, {}), "the planner reads small tables whole: this test can tell"


async def test_the_screening_of_conduct_looks_at_the_last_weeks_alone(
    kit: ServiceKit, untouched: str
) -> None:
    screening = Screening()

    with kit.asked() as asked:
        for _ in range(3):
            async with kit.session() as session:
                await screening.run(session, kit.clock, kit.settings)
    recordings, reports, customers = (one for one in asked if "LIMIT" in one.statement)
    assert read_whole(untouched, [recordings, reports, customers], SETTINGS) == set()
    # Ids of half a year ago are not looked at, however far a round has come.
    long_ago = first_id(kit.clock.now() - timedelta(days=180))
    for page in (recordings, reports):
        assert min(value for value in page.values if isinstance(value, UUID)) > long_ago


async def test_the_job_that_ends_disposals_looks_at_those_under_way_alone(
    kit: ServiceKit, untouched: str
) -> None:
    with kit.asked() as asked:
        await run_job(kit.sessions, kit.clock, kit.settings, completion)
    statements = [one for one in asked if "LIMIT" in one.statement]
    assert len(statements) == 1
    found = {node["Index Name"] for node in scans(untouched, statements, SETTINGS) if "Index Name" in node}
    assert found == {"ix_recordings_disposing", "ix_imported_recordings_disposing"}
