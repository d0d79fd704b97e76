"""Migrations are left out when nothing can have changed, and only then."""

from pathlib import Path

import pytest

from deploy.devstack import schemas
from deploy.devstack.postgres import PostgresServer, provision


def test_the_database_remembers_what_it_was_migrated_with(postgres_server: PostgresServer) -> None:
    assert schemas.migrated_with(postgres_server, "remembering") is None
    provision(postgres_server, ["remembering"])
    assert schemas.migrated_with(postgres_server, "remembering") is None
    schemas.note_migrated(postgres_server, "remembering", "first'; --")
    assert schemas.migrated_with(postgres_server, "remembering") == "first'; --"


def test_every_change_of_the_code_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "REPOSITORY", tmp_path)
    tables = tmp_path / "services/staffing/src/staffing/outlets/tables.py"
    migration = tmp_path / "services/staffing/migrations/versions/0001_outlets.py"
    chassis = tmp_path / "libs/chassis/src/chassis/schema.sql"
    seen = [schemas.code_of("staffing")]
    for path in (tables, migration, chassis):
        path.parent.mkdir(parents=True)
        path.write_text("a")
        seen.append(schemas.code_of("staffing"))
        path.write_text("b")
        seen.append(schemas.code_of("staffing"))
    assert len(set(seen)) == len(seen)
    (tmp_path / "services/staffing/README.md").write_text("words")
    assert schemas.code_of("staffing") == seen[-1]
