"""Exports for inspections: one look at the database, a folder that is whole or not there, a record of it."""

import asyncio
import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.clock import Clock
from chassis.errors import Conflict, Invalid
from chassis.ids import new_id
from compliance.sales import export_rows
from compliance.sales.domain import InspectionExport
from compliance.sales.export_files import SALES, ExportWriter, public_text
from compliance.sales.export_rows import Scope

#: Longer than any request may take: what was decided on the last day is committed by then.
SETTLED = timedelta(minutes=1)

Step = Callable[[int, int], None]


class ExportPeriodInvalid(Invalid):
    """Only what is over comes out the same again."""

    code = "EXPORT_PERIOD_INVALID"
    zh = "导出期间须先后有序且已全部结束;请把截止日改为 {latest} 或更早。"
    en = "The period must be in order and over, so that it comes out the same again; end it by {latest}."


class ExportFolderTaken(Conflict):
    """What was exported is not written over."""

    code = "EXPORT_FOLDER_TAKEN"
    zh = "目标文件夹已存在;请指定新的文件夹。"
    en = "The folder is there already; name a new one."


def check_period(scope: Scope, now: datetime) -> None:
    """Raises :class:`ExportPeriodInvalid`."""
    latest = export_rows.last_day_over(now - SETTLED)
    if scope.first_day > scope.last_day or scope.last_day > latest:
        raise ExportPeriodInvalid(latest=latest.isoformat())


async def export(
    sessions: async_sessionmaker[AsyncSession],
    clock: Clock,
    scope: Scope,
    out: Path,
    key: Ed25519PrivateKey,
    *,
    by: str,
    step: Step,
) -> InspectionExport:
    """Writes the folder ``out`` and answers the record of it, which is committed before the folder is there.

    ``step`` is told how many sales are written, and of how many. Raises :class:`ExportPeriodInvalid`,
    :class:`ExportFolderTaken`.
    """
    check_period(scope, clock.now())
    part = await asyncio.to_thread(_begin, out)
    try:
        manifest, written = await _write(sessions, scope, part, key, step)
        done = InspectionExport(
            id=new_id(),
            first_day=scope.first_day,
            last_day=scope.last_day,
            outlet_id=scope.outlet_id,
            product=scope.product,
            sales=written,
            manifest=manifest,
            public_key=public_text(key.public_key()),
            exported_by=by,
            exported_at=clock.now(),
        )
        async with sessions.begin() as session:
            session.add(done)
        await asyncio.to_thread(os.rename, part, out)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)
        raise
    return done


def _begin(out: Path) -> Path:
    part = out.with_name(f".{out.name}.part")
    try:
        part.mkdir(mode=0o700)
    except FileExistsError as taken:
        raise ExportFolderTaken from taken
    if out.exists():
        part.rmdir()
        raise ExportFolderTaken
    return part


async def _write(
    sessions: async_sessionmaker[AsyncSession], scope: Scope, part: Path, key: Ed25519PrivateKey, step: Step
) -> tuple[str, int]:
    with ExportWriter(part) as writer:
        async with sessions() as session:
            # One look: what is imported meanwhile is in the next export.
            _ = await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            total = await export_rows.count(session, scope)
            async for name, row in export_rows.rows(session, scope):
                writer.add(name, row)
                if name == SALES:
                    step(writer.rows[SALES], total)
        manifest = await asyncio.to_thread(writer.finish, scope.asked(), key)
    return manifest, writer.rows[SALES]
