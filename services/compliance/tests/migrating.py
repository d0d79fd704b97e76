"""Old sales as a migration brings them: rows, files, the command line."""

import asyncio
import hashlib
import os
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from chassis.cli import command_line
from chassis.ids import new_id
from chassis.testing import Caller, ServiceKit
from compliance.service import service
from services.compliance.tests.registers import Json, ok

OLD = b"an old recording, in a format of its time"
SOLD_AT = "2024-05-06T10:00:00+08:00"


def old_sale(outlet_id: str, **given: Any) -> Json:
    """A closed-end wealth product of six months, sold in 2024, of which nothing else is known."""
    body = {
        "sale_id": str(new_id()),
        "outlet_id": outlet_id,
        "customer_id": str(new_id()),
        "product_code": "OLD-1",
        "kind": "WEALTH",
        "form": "CLOSED_END",
        "term_months": 6,
        "amount_minor": 5_000_000,
        "currency": "CNY",
        "sold_at": SOLD_AT,
    }
    return body | given


def recorded(content: bytes = OLD, **given: Any) -> Json:
    """What a row says of its recording."""
    return {
        "recording_id": str(new_id()),
        "recording_sha256": hashlib.sha256(content).hexdigest(),
        "recorded_at": SOLD_AT,
    } | given


def csv_of(*rows: Json) -> bytes:
    """The rows as CSV, a column for each field that any of them has."""
    names = sorted({name for row in rows for name in row})
    lines = [",".join(names)]
    lines += [",".join("" if row.get(name) is None else str(row[name]) for name in names) for row in rows]
    return "\n".join(lines).encode()


async def command(kit: ServiceKit, *arguments: str | Path, **further: str) -> Result:
    """The command line of the service, in a thread, on the data of the test."""
    settings = kit.settings
    given = {
        "WANGDIAN_DATABASE_URL": settings.database_url,
        "WANGDIAN_KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "WANGDIAN_ISSUER": settings.issuer,
        "WANGDIAN_JWKS_URL": settings.jwks_url,
        "WANGDIAN_DATA_DIR": str(settings.data_dir),
    }
    words = [str(word) for word in arguments]
    return await asyncio.to_thread(
        lambda: CliRunner().invoke(command_line(service), words, env=dict(os.environ) | given | further)
    )


async def gaps(officer: Caller, batch: Json) -> list[tuple[int, str]]:
    """Row and kind of everything that is missing of a batch."""
    listed = ok(await officer.get(f"/v1/legacy_batches/{batch['id']}/gaps"))["items"]
    return [(one["row"], one["kind"]) for one in listed]


async def kept(kit: ServiceKit, recording_id: str) -> Json:
    """The keeping of an old recording, as an auditor reads it."""
    return ok(await kit.client("auditor").get(f"/v1/recordings/{recording_id}/retention"))
