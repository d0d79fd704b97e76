"""Migrations that a bank with data in its tables runs: none keeps writers out for longer than a moment."""

import importlib
import shutil
from pathlib import Path

import psycopg
import pytest

from chassis.service import Service
from chassis.testing import Database, create_database
from deploy import SERVICES
from libs.chassis.tests import sample
from tests.upgrade.long_locks import revisions, step

#: The last step of what an empty database begins with: nobody's data stand in the tables until then.
BEGINNING = {"ticketing": "0005", "feedback": "0004", "staffing": "0004", "compliance": "0006"}

PLANTED = '''"""A planted step."""

from contextlib import nullcontext

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """What somebody might write."""
    with op.get_context().autocommit_block() if {alone} else nullcontext():
        op.execute("{statement}")
'''


def emptied(postgres_url: str, service: Service) -> Database:
    """A database of the service without a table."""
    database = create_database(postgres_url, service)
    with psycopg.connect(database.owner_url) as owner:
        owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return database


@pytest.mark.parametrize("name", SERVICES)
def test_no_step_after_the_beginning_keeps_writers_out(postgres_url: str, name: str) -> None:
    service: Service = importlib.import_module(f"{name}.service").service
    database = emptied(postgres_url, service)
    steps = revisions(service.migrations)
    assert BEGINNING[name] in steps
    found = {revision: step(database, service.migrations, revision) for revision in steps}
    later = steps[steps.index(BEGINNING[name]) + 1 :]
    assert {revision: found[revision] for revision in later if found[revision]} == {}


@pytest.mark.parametrize(
    ("statement", "objection"),
    [
        ("CREATE INDEX ix_planted ON counters (version)", "an index is built"),
        ("ALTER TABLE counters ALTER version TYPE numeric", "is rewritten"),
        ("ALTER TABLE counters ADD planted uuid DEFAULT gen_random_uuid()", "is rewritten"),
        ("ALTER TABLE counters ADD CONSTRAINT ck_planted CHECK (version > 0)", "ck_planted reads every row"),
        ("ALTER TABLE counters ADD CONSTRAINT uq_planted UNIQUE (version)", "an index is built"),
        ("ALTER TABLE counters ADD planted integer NOT NULL DEFAULT 0", None),
        ("ALTER TABLE counters ADD CONSTRAINT ck_planted CHECK (version > 0) NOT VALID", None),
        ("CREATE TABLE planted (id uuid PRIMARY KEY REFERENCES counters)", None),
        ("CREATE INDEX CONCURRENTLY ix_planted ON counters (version)", None),
    ],
)
def test_what_is_objected_to(
    postgres_url: str, tmp_path: Path, statement: str, objection: str | None
) -> None:
    planted = tmp_path / "migrations"
    shutil.copytree(sample.service.migrations, planted)
    code = PLANTED.format(statement=statement, alone="CONCURRENTLY" in statement)
    (planted / "versions" / "0002_planted.py").write_text(code, encoding="utf-8")
    database = emptied(postgres_url, sample.service)
    assert revisions(planted) == ["0001", "0002"]
    step(database, planted, "0001")
    found = step(database, planted, "0002")
    assert len(found) == (objection is not None), found
    assert objection is None or objection in found[0]
