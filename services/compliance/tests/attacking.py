"""What attacks on evidence aim at, and how one sees that nothing was lost."""

import asyncio
import os
from datetime import timedelta

from typer.testing import CliRunner, Result

from chassis.cli import command_line
from chassis.ids import new_id
from chassis.testing import ServiceKit
from compliance.retention.audit import suspicions
from compliance.service import service
from services.compliance.tests.filming import folder_of
from services.compliance.tests.keeping import LAST_DAY, Keeper, noon
from services.compliance.tests.registers import Json, ok

#: The matter of the court that holds the recording.
MATTER = "00000000-0000-0000-0000-000000000077"


async def aim(keeper: Keeper) -> Keeper:
    """A recording on its last day but one, held by a complaint and a court."""
    await keeper.sell()
    await keeper.pay_out()
    await keeper.take(keeper.complained(str(new_id())))
    ok(await keeper.hold(matter_id=MATTER))
    await keeper.go_to(noon(LAST_DAY) - timedelta(days=1))
    return keeper


def files(keeper: Keeper) -> list[str]:
    return sorted(path.name for path in folder_of(keeper.kit, keeper.recording_id).iterdir())


async def intact(keeper: Keeper) -> Json:
    """The keeping, once the store has shown that everything is there."""
    auditor = keeper.kit.client("auditor")
    assert ok(await auditor.get(f"/v1/recordings/{keeper.recording_id}/verification"))["intact"] is True
    return await keeper.read()


async def named(kit: ServiceKit) -> set[str]:
    """What the audit names."""
    async with kit.session() as session:
        return {found.forgery.value for found in await suspicions(session, kit.clock.now())}


async def run(target: Keeper, *arguments: str, database_url: str | None = None) -> Result:
    """The command line of the service, in a thread, on the data of the test; as another role if so told."""
    settings = target.kit.settings
    given = {
        "WANGDIAN_DATABASE_URL": database_url or settings.database_url,
        "WANGDIAN_KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "WANGDIAN_ISSUER": settings.issuer,
        "WANGDIAN_JWKS_URL": settings.jwks_url,
        "WANGDIAN_DATA_DIR": str(settings.data_dir),
        "WANGDIAN_PERMIT_KEYS_FILE": str(target.kit.further["permit_keys_file"]),
    }
    runner = CliRunner()
    return await asyncio.to_thread(
        lambda: runner.invoke(command_line(service), list(arguments), env=dict(os.environ) | given)
    )
