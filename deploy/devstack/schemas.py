"""Which schemas are up to date: a migration that would change nothing takes seconds, and is left out.

The database itself remembers the code that it was last migrated with: the note cannot outlive the data.
A service checks its schema again when it starts.
"""

import hashlib

import psycopg
from psycopg import sql

from deploy.devstack import REPOSITORY
from deploy.devstack.postgres import Postgres

_DEFINING = ("libs/chassis/src", "services/{name}/src", "services/{name}/migrations")


def code_of(name: str) -> str:
    """A digest of all the code that can define the schema and the grants of a service."""
    digest = hashlib.sha256()
    for folder in _DEFINING:
        root = REPOSITORY / folder.format(name=name)
        for path in sorted(path for path in root.rglob("*") if path.suffix in {".py", ".sql"}):
            digest.update(f"{path.relative_to(REPOSITORY)} {path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def migrated_with(server: Postgres, name: str) -> str | None:
    """The code that the service's database was last migrated with, if that is known."""
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (name,)
        ).fetchone()
    return None if row is None else row[0]


def note_migrated(server: Postgres, name: str, code: str) -> None:
    """Has the database remember the code that it was migrated with."""
    note = sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(code))
    with psycopg.connect(server.dsn()) as connection:
        connection.execute(note)
