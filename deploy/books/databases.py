"""The databases, each read in one snapshot by plain SQL as its owner."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.string import TextLoader

from deploy.books.model import Database, Fact

#: The tables that the checks compare, beside the chassis' own.
TABLES: Mapping[str, Sequence[str]] = {
    "ticketing": ("outlets", "number_series", "tickets", "counter_sessions"),
    "feedback": (
        "outlets",
        "sales",
        "evaluations",
        "evaluation_answers",
        "complaints",
        "complaint_steps",
        "complaint_series",
    ),
    "staffing": (
        "outlets",
        "employees",
        "qualifications",
        "trainings",
        "training_annulments",
        "selling_experiences",
        "served_tickets",
    ),
    "compliance": (
        "outlets",
        "sellers",
        "seller_lessons",
        "partners",
        "products",
        "zones",
        "customers",
        "stated_circumstances",
        "joint_accounts",
        "joint_holders",
        "joint_terms",
        "cases",
        "case_accounts",
        "case_parties",
        "consents",
        "rule_releases",
        "decisions",
        "sales",
        "transactions",
        "plan_debits",
        "refused_attempts",
        "permits",
        "permit_endings",
        "order_reports",
        "reversal_requests",
        "sale_reversals",
        "reconciliations",
        "reconciliation_differences",
        "recordings",
        "recording_segments",
        "recording_uploads",
        "recording_chunks",
        "recording_seals",
        "imported_sales",
        "retention_sales",
        "retention_reports",
        "retention_dates",
        "holds",
        "hold_releases",
        "disposal_attempts",
        "disposal_certificates",
        "disposal_endings",
    ),
}

ARCHIVE: LiteralString = (
    "SELECT id, type, topic, key, sequence, occurred_at, seq, data FROM fact ORDER BY seq"
)
PARKED: LiteralString = "SELECT topic, key, reason FROM parked ORDER BY position"
INBOX: LiteralString = "SELECT source, id FROM inbox WHERE consumer = %s"
LAST: LiteralString = "SELECT (SELECT max(seq) FROM fact), (SELECT count(*) FROM outbox)"
POSITIONS: LiteralString = "SELECT topic, partition, next_offset FROM consumer_position WHERE consumer = %s"


def read(service: str, dsn: str) -> Database:
    """One database, as it was at one instant."""
    with _connect(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        archive = tuple(_fact(service, row) for row in connection.execute(ARCHIVE))
        return Database(
            archive=archive,
            outbox=_count(connection, "outbox"),
            parked=tuple(connection.execute(PARKED)),
            inbox=frozenset((row["source"], row["id"]) for row in connection.execute(INBOX, [service])),
            tables={
                table: _table(connection, table) for table in TABLES[service] if _exists(connection, table)
            },
        )


def progress(service: str, dsn: str) -> tuple[int, int, dict[tuple[str, int], int]]:
    """The archive's last ``seq``, the number of rows in the outbox, and where the consumer stands."""
    with _connect(dsn) as connection:
        row = connection.execute(LAST).fetchone()
        assert row is not None
        positions = connection.execute(POSITIONS, [service]).fetchall()
    last, waiting = row.values()
    return last or 0, waiting, {(at["topic"], at["partition"]): at["next_offset"] for at in positions}


def _connect(dsn: str) -> psycopg.Connection[dict[str, Any]]:
    connection = psycopg.connect(dsn, row_factory=dict_row, connect_timeout=10, options="-c timezone=UTC")
    # Ids are text on every side of the books.
    connection.adapters.register_loader("uuid", TextLoader)
    return connection


def _exists(connection: psycopg.Connection[dict[str, Any]], table: str) -> bool:
    # The checks that need a table which is not there say so: nothing of it can be compared.
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL AS there", [table]).fetchone()
    return row is not None and bool(row["there"])


def _table(connection: psycopg.Connection[dict[str, Any]], table: str) -> tuple[dict[str, Any], ...]:
    return tuple(connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))))


def _count(connection: psycopg.Connection[dict[str, Any]], table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) AS n FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row["n"])


def _fact(service: str, row: Mapping[str, Any]) -> Fact:
    return Fact(
        id=row["id"],
        source=f"/{service}",
        type=row["type"],
        topic=row["topic"],
        key=row["key"],
        sequence=row["sequence"],
        occurred_at=row["occurred_at"],
        seq=row["seq"],
        data=json.loads(row["data"]),
    )
