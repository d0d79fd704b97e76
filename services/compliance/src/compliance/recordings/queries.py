"""Reads of recordings."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, Select, exists, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import load, written
from chassis.ids import CLOCKS_APART, first_id
from chassis.reads import Found, Read, among, every, heads
from compliance.evidence.domain import Manifest
from compliance.recordings.domain import (
    RECORDING_LIFETIME,
    UNSEALED,
    Recording,
    RecordingNotSealed,
    RecordingStanding,
    RecordingState,
)
from compliance.recordings.parts import (
    DeclaredSegment,
    InspectedUpload,
    ReceivedChunk,
    RecordingUpload,
    Seal,
)
from compliance.recordings.tables import (
    recording_chunks,
    recording_inspections,
    recording_seals,
    recording_segments,
    recording_uploads,
    recordings,
)
from compliance.rulebook.footage_facts import RecordingFacts

ORDER = (recordings.c.id,)

_part = among(recordings.c.main_id, "recording_ids") & (recordings.c.state == RecordingState.SEALED)

#: Of the recordings ``recording_ids``: their heads to lock, by themselves to log a sale on them (KEPT_HEADS:
#: two sales that first shared one would stop each other), then those of what belongs to them and is sealed.
SHARED_HEADS = heads(recordings.c.id, "recording_ids")
KEPT_HEADS = heads(recordings.c.id, "recording_ids", share=False)
PART_HEADS = (
    select(recordings.c.id)
    .where(_part)
    .order_by(recordings.c.started_at, recordings.c.id)
    .with_for_update(read=True)
)
#: What the heads hold behind the locks (G1).
RECORDINGS = every(dict[str, Any], recordings.c.id, "recording_ids")
#: The parts ``part_ids``, by the recording that each belongs to.
PARTS = Read(
    Recording,
    select(recordings)
    .where(among(recordings.c.id, "part_ids"))
    .order_by(recordings.c.started_at, recordings.c.id),
    by="main_id",
)


def _theirs(column: ColumnElement[UUID]) -> ColumnElement[bool]:
    return among(column, "recording_ids") | among(column, "part_ids")


#: What shows what these recordings and parts are. To decide on it, lock them (G1).
INSPECTIONS = Read(
    InspectedUpload,
    select(recording_inspections).where(_theirs(recording_inspections.c.recording_id)),
    by="recording_id",
)
SEGMENTS = Read(
    DeclaredSegment,
    select(recording_segments)
    .where(_theirs(recording_segments.c.recording_id))
    .order_by(recording_segments.c.recording_version),
    by="recording_id",
)
SEALS = Read(Seal, select(recording_seals).where(_theirs(recording_seals.c.recording_id)), by="recording_id")
SHOWN = (PARTS, INSPECTIONS, SEGMENTS, SEALS)


def shown(found: Found, head: Recording) -> RecordingFacts:
    """What the gate may rest on, of what :data:`SHOWN` found of a recording whose head is locked.

    Raises ``SealBroken`` for a manifest that is not what its seal says.
    """
    inspected = found.one(INSPECTIONS, head.id)
    media = None if inspected is None else inspected.media
    return head.facts(media, found.of(SEGMENTS, head.id), found.one(SEALS, head.id))


def listed(
    outlet_ids: Collection[UUID] | None,
    *,
    case_id: UUID | None = None,
    session_id: UUID | None = None,
    customer_id: UUID | None = None,
    seller_id: UUID | None = None,
    state: RecordingState | None = None,
) -> Select[Any]:
    """The recordings of these outlets, or all (None), narrowed by what is given (REC-12)."""
    statement = select(Recording)
    if outlet_ids is not None:
        statement = statement.where(recordings.c.outlet_id.in_(outlet_ids))
    wanted = {
        "case_id": case_id,
        "session_id": session_id,
        "customer_id": customer_id,
        "seller_id": seller_id,
    }
    for name, value in wanted.items():
        if value is not None:
            statement = statement.where(recordings.c[name] == value)
    if state is not None:
        statement = statement.where(recordings.c.state == state)
    return statement


def standing_at(statement: Select[Any], standing: RecordingStanding, at: datetime) -> Select[Any]:
    """The recordings of ``statement`` that stand so at ``at``, as :meth:`Recording.standing` says."""
    late = recordings.c.state.in_(list(UNSEALED)) & (recordings.c.started_at <= at - RECORDING_LIFETIME)
    late |= (recordings.c.state == RecordingState.SEALED) & exists().where(
        recording_seals.c.recording_id == recordings.c.id, _late()
    )
    if standing is RecordingStanding.ABANDONED:
        return statement.where(late)
    return statement.where(recordings.c.state == RecordingState(standing.value), ~late)


def _late() -> ColumnElement[bool]:
    """Whether the seal came when its recording was abandoned already."""
    ends_at = recordings.c.started_at + literal(RECORDING_LIFETIME, Interval())
    return recording_seals.c.sealed_at >= ends_at


async def recording(session: AsyncSession, recording_id: UUID) -> Recording:
    """One recording. Raises ``ObjectNotFound``."""
    return await load(session, Recording, recording_id)


async def known(session: AsyncSession, ids: Collection[UUID]) -> frozenset[UUID]:
    """Which of the ids are those of recordings that were made here."""
    return frozenset(await session.scalars(select(recordings.c.id).where(recordings.c.id.in_(ids))))


async def upload(session: AsyncSession, upload_id: UUID) -> RecordingUpload:
    """One upload, replaced or not. Raises ``ObjectNotFound``."""
    return await load(session, RecordingUpload, upload_id)


async def current_upload(session: AsyncSession, recording_id: UUID) -> RecordingUpload | None:
    """The upload that counts, None where there is none."""
    statement = select(RecordingUpload).where(
        recording_uploads.c.recording_id == recording_id, recording_uploads.c.replaced_at.is_(None)
    )
    return await session.scalar(statement)


async def chunks(session: AsyncSession, upload_id: UUID) -> Sequence[ReceivedChunk]:
    """What arrived of an upload, in the order of the file."""
    statement = (
        select(ReceivedChunk)
        .where(recording_chunks.c.upload_id == upload_id)
        .order_by(recording_chunks.c.position)
    )
    return (await session.scalars(statement)).all()


async def segments(session: AsyncSession, recording_id: UUID) -> Sequence[DeclaredSegment]:
    """The declared segments, in the order of their declaration."""
    statement = (
        select(DeclaredSegment)
        .where(recording_segments.c.recording_id == recording_id)
        .order_by(recording_segments.c.recording_version)
    )
    return (await session.scalars(statement)).all()


async def inspection(session: AsyncSession, recording_id: UUID) -> InspectedUpload | None:
    """What was decoded, None before."""
    statement = select(InspectedUpload).where(recording_inspections.c.recording_id == recording_id)
    return await session.scalar(statement)


async def seals(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Seal]:
    """The seals of these recordings, by their ids."""
    found = await session.scalars(select(Seal).where(recording_seals.c.recording_id.in_(ids)))
    return {one.recording_id: one for one in found}


async def sealed_at(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When these recordings were sealed, by their ids."""
    seal = recording_seals.c
    rows = await session.execute(select(seal.recording_id, seal.sealed_at).where(seal.recording_id.in_(ids)))
    return {row.recording_id: row.sealed_at for row in rows}


async def seal(session: AsyncSession, recording_id: UUID) -> Seal | None:
    """The seal, None before."""
    return await session.scalar(select(Seal).where(recording_seals.c.recording_id == recording_id))


async def sealed_manifest(session: AsyncSession, recording_id: UUID) -> Manifest:
    """The manifest of a sealed recording, also after its disposal.

    Raises ``RecordingNotSealed``, ``SealBroken``.
    """
    found = await seal(session, recording_id)
    if found is None:
        raise RecordingNotSealed
    return found.manifest


def awaited(upload_ids: Collection[UUID], now: datetime) -> Select[Any]:
    """Ids of those uploads whose bytes are still needed: their recording is not sealed, and they count."""
    inspected = recordings.c.state == RecordingState.INSPECTED
    going_on = (recordings.c.state == RecordingState.OPEN) & (recording_uploads.c.expires_at > now)
    return (
        select(recording_uploads.c.id)
        .join(recordings, recordings.c.id == recording_uploads.c.recording_id)
        .where(recording_uploads.c.id.in_(upload_ids), recording_uploads.c.replaced_at.is_(None))
        .where(inspected | going_on)
    )


def left_inspected(since: datetime, after: tuple[datetime, UUID] | None) -> Select[Any]:
    """Id and beginning of recordings that were inspected, not sealed, and began at ``since`` or before.

    Oldest first, behind ``after``.
    """
    place = recordings.c.started_at, recordings.c.id
    statement = select(recordings.c.id, recordings.c.started_at).where(
        written(recordings.c.state, RecordingState.INSPECTED), recordings.c.started_at <= since
    )
    if after is not None:
        statement = statement.where(tuple_(*place) > tuple_(*after))
    return statement.order_by(*place).limit(1)


def disposing() -> Select[Any]:
    """Ids of recordings whose disposal is under way."""
    return select(recordings.c.id).where(written(recordings.c.state, RecordingState.DISPOSING))


def sealed_after(recording_id: UUID | None, limit: int) -> Select[Any]:
    """Ids of recordings whose objects must be in the store, a page of them, by id."""
    statement = select(recordings.c.id).where(recordings.c.state == RecordingState.SEALED)
    if recording_id is not None:
        statement = statement.where(recordings.c.id > recording_id)
    return statement.order_by(recordings.c.id).limit(limit)


def sealed_since(
    start: datetime, after: UUID, *, proves: Callable[[ColumnElement[UUID]], ColumnElement[bool]]
) -> Select[Any]:
    """Recordings on which no sale rests, sealed in time from ``start`` on, and when; by id behind ``after``.

    ``proves``: whether a sale rests on that one. What belongs to a recording that is sold is sold with it.
    Older ids need no look: a recording that lives longer is not sealed in time.
    """
    before = first_id(start - RECORDING_LIFETIME - CLOCKS_APART)
    return (
        select(Recording, recording_seals.c.sealed_at)
        .join(recording_seals, recording_seals.c.recording_id == recordings.c.id)
        .where(recordings.c.state == RecordingState.SEALED, recording_seals.c.sealed_at >= start, ~_late())
        .where(recordings.c.id > max(after, before), ~proves(recordings.c.id))
        .where(recordings.c.main_id.is_(None) | ~proves(recordings.c.main_id))
        .order_by(recordings.c.id)
    )


async def session_of(session: AsyncSession, recording_id: UUID) -> UUID | None:
    """The visit that the recording shows; None for one that was not made here."""
    found: UUID | None = await session.scalar(
        select(recordings.c.session_id).where(recordings.c.id == recording_id)
    )
    return found


async def main_of(session: AsyncSession, recording_id: UUID) -> UUID:
    """The recording with which this one is kept: that which it belongs to, or itself."""
    found: UUID | None = await session.scalar(
        select(recordings.c.main_id).where(recordings.c.id == recording_id)
    )
    return found or recording_id
