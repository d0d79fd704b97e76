"""Use cases of recorders."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.clock import Clock
from chassis.db import lock
from chassis.errors import check_version
from chassis.ids import new_id
from compliance.devices.domain import (
    Heartbeat,
    HeartbeatSignatureInvalid,
    Recorder,
    RecorderRun,
    RecorderSerialTaken,
)
from compliance.devices.queries import last_run
from compliance.devices.signatures import read_key, signed_by
from compliance.devices.tables import recorders
from compliance.periods.domain import legal_date
from compliance.rulebook.recorders import recorder_limits
from compliance.zones.queries import zone as zone_of


async def register_recorder(
    session: AsyncSession,
    clock: Clock,
    zone_id: UUID,
    *,
    serial: str,
    public_key: str,
    certificate: str | None,
    by: str,
) -> Recorder:
    """Registers a recorder to a zone.

    Raises ``ObjectNotFound``, ``ZoneIsClosed``, ``DeviceKeyInvalid``, ``DeviceCertificateInvalid``,
    :class:`RecorderSerialTaken`.
    """
    zone = await zone_of(session, zone_id)
    zone.must_stand()
    key = read_key(public_key, certificate)
    if await session.scalar(select(recorders.c.id).where(recorders.c.serial == serial)) is not None:
        raise RecorderSerialTaken(serial=serial, pointer="/serial")
    recorder = Recorder(
        id=new_id(),
        version=1,
        outlet_id=zone.outlet_id,
        zone_id=zone.id,
        serial=serial,
        public_key=key,
        certificate=certificate,
        sequence=0,
        registered_by=by,
        registered_at=clock.now(),
        retired_by=None,
        retired_at=None,
        retirement_reason=None,
    )
    session.add(recorder)
    return recorder


async def take_heartbeat(
    session: AsyncSession, clock: Clock, recorder_id: UUID, heartbeat: Heartbeat, signature: str
) -> tuple[Recorder, RecorderRun]:
    """Takes a heartbeat signed by the device; the instant that counts is ours.

    Raises ``ObjectNotFound``, ``HeartbeatSignatureInvalid``, ``RecorderIsRetired``, ``HeartbeatReplayed``.
    """
    recorder = await lock(session, Recorder, recorder_id)
    if not signed_by(recorder.public_key, signature, heartbeat.signed(recorder.id)):
        raise HeartbeatSignatureInvalid(serial=recorder.serial)
    now = clock.now()
    last = await last_run(session, recorder_id)
    run = recorder.hear(new_id(), heartbeat, last, recorder_limits(legal_date(now)), at=now)
    session.add(run)
    return recorder, run


async def retire_recorder(
    session: AsyncSession, clock: Clock, recorder_id: UUID, expected_version: int, *, reason: str, by: str
) -> Recorder:
    """Takes a recorder out of use for good.

    Raises ``ObjectNotFound``, ``StaleVersion``, ``RecorderIsRetired``.
    """
    recorder = await lock(session, Recorder, recorder_id)
    check_version(recorder.version, expected_version)
    recorder.retire(reason=reason, by=by, at=clock.now())
    return recorder
