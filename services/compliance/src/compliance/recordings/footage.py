"""G1: the recordings that a sale rests on, locked and read as the gate needs them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.errors import Invalid
from compliance.cases.domain import SaleCase
from compliance.presentations.queries import kept_for
from compliance.recordings import queries
from compliance.recordings.commands import recording_facts
from compliance.recordings.domain import Recording, RecordingState
from compliance.recordings.tables import recordings
from compliance.recordings.takes import Footage, joined, presented_to, take_facts
from compliance.remote_recordings.queries import remote_enabled


class RecordingIsPart(Invalid):
    """A sale names the recording that began first; what belongs to it comes along."""

    code = "RECORDING_IS_PART"
    zh = "该录音录像是另一段的续录或补录;请填写最先开始的录音录像 {main}。"
    en = "That recording belongs to another one; name the one that began first, {main}."


async def footage_of(
    session: AsyncSession, case: SaleCase, recording_id: UUID, *, share: bool
) -> Footage | None:
    """The recording and the sealed ones that belong to it; None for one that does not exist.

    The main one is locked first, in the mode that is asked for; nobody but the sale bumps it. What is sealed
    meanwhile, or was when it was abandoned already, does not count. Raises :class:`RecordingIsPart`,
    ``SealBroken``.
    """
    main = await recording_facts(session, recording_id, share=share)
    if main is None:
        return None
    head = await queries.recording(session, recording_id)
    if head.main_id is not None:
        raise RecordingIsPart(main=head.main_id, pointer="/recording_id")
    found = [(head, main)]
    for part in await _parts(session, recording_id):
        facts = await recording_facts(session, part.id)
        if facts is not None and facts.sealed_at is not None:
            found.append((part, facts))
    kept = await kept_for(session, case.id)
    takes = []
    for one, facts in found:
        shown = presented_to(one, case.id, kept, opened_later=case.opened_at >= one.started_at)
        enabled = await remote_enabled(session, case.product_id, case.outlet_id, one.started_at)
        takes.append(take_facts(one, facts, shown, remote_enabled=enabled))
    return Footage(recording=joined([facts for _, facts in found]), takes=tuple(takes))


async def _parts(session: AsyncSession, main_id: UUID) -> list[Recording]:
    statement = (
        select(Recording)
        .where(recordings.c.main_id == main_id, recordings.c.state == RecordingState.SEALED)
        .order_by(recordings.c.started_at, recordings.c.id)
        .with_for_update(read=True)
    )
    return list(await session.scalars(statement, execution_options={"populate_existing": True}))
