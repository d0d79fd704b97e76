"""Several recordings of one sale: one goes on after its recorder failed, or key points are recorded again.

All of them are kept. Each belongs to the one that began first (``main_id``), which the sale names; each has
its own bytes, inspection and manifest, and begins when we say so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.evidence.domain import Segment
from compliance.recordings.domain import Recording, RecordingNotElapsed
from compliance.rulebook.footage_facts import PresentedFacts, RecordingFacts, TakeFacts, TakeKind
from compliance.rulebook.footage_rules import ResumeLimits, cut_off


class RecordingOfOtherSession(Invalid):
    """What is added to a recording is of the same customer, visit and seller."""

    code = "RECORDING_OF_OTHER_SESSION"
    zh = "所续录或补录的录音录像不属于本次销售过程的同一客户和销售人员;请另建录音录像。"
    en = "That recording is of another customer, visit or seller; begin a recording of its own."


class RecordingFollowsTwo(Invalid):
    """Going on is not recording again."""

    code = "RECORDING_FOLLOWS_TWO"
    zh = "续录和补录只能选择其一;请只填 resumes 或 supplements。"
    en = "A recording either goes on or records again; give resumes or supplements, not both."


class ResumedByOthers(Conflict):
    """Only the device that failed goes on."""

    code = "RESUMED_BY_OTHER_DEVICE"
    zh = "续录须使用同一台设备;请用原设备续录,或重新录制。"
    en = "A recording goes on with the device that began it; use that device, or begin again."


class ResumedTooLate(Conflict):
    """After a while it is another talk."""

    code = "RESUMED_TOO_LATE"
    zh = "中断已超过 {minutes} 分钟,不得续录;请重新录制。"
    en = "The recording broke off more than {minutes} minutes ago and cannot go on; begin again."


class ResumedInsideKeyPoint(Conflict):
    """A key point is recorded in one piece."""

    code = "RESUMED_INSIDE_KEY_POINT"
    zh = "录音录像在环节 {kinds} 中中断,不得续录;请重新录制。"
    en = "The recording broke off inside a key point ({kinds}) and cannot go on; begin again."


@dataclass(frozen=True, kw_only=True)
class Resumption:
    """Which recording goes on, and how much of it its device had recorded when it failed."""

    recording_id: UUID
    recorded_ms: int


@dataclass(frozen=True, kw_only=True)
class Footage:
    """The recordings of a sale as one (``recording``), and one by one in the order of their beginnings."""

    recording: RecordingFacts
    takes: tuple[TakeFacts, ...]


def supplement(recording: Recording, known: Recording) -> None:
    """What begins now records key points of ``known`` again. Raises :class:`RecordingOfOtherSession`."""
    _join(recording, known, TakeKind.SUPPLEMENT, pointer="/supplements")


def resume(
    recording: Recording,
    broken: Recording,
    recorded_ms: int,
    segments: Iterable[Segment],
    limits: ResumeLimits,
) -> None:
    """What begins now goes on where ``broken`` broke off, ``recorded_ms`` after its start.

    That is what the device says; the gate judges again by what was inspected. Raises
    :class:`RecordingOfOtherSession`, :class:`ResumedByOthers`, ``RecordingNotElapsed``,
    :class:`ResumedTooLate`, :class:`ResumedInsideKeyPoint`.
    """
    _join(recording, broken, TakeKind.RESUMED, pointer="/resumes/recording_id")
    if recording.device_id is None or recording.device_id != broken.device_id:
        raise ResumedByOthers
    broke_at = broken.started_at + timedelta(milliseconds=recorded_ms)
    if broke_at > recording.started_at:
        raise RecordingNotElapsed(duration_ms=recorded_ms, pointer="/resumes/recorded_ms")
    if not limits.allows(broke_at, recording.started_at):
        raise ResumedTooLate(minutes=limits.resume_within_minutes)
    if cut := cut_off(tuple(segments), recorded_ms):
        raise ResumedInsideKeyPoint(kinds=", ".join(cut))


def _join(recording: Recording, known: Recording, take: TakeKind, *, pointer: str) -> None:
    same = ("customer_id", "session_id", "seller_id", "outlet_id", "opened_by")
    if any(getattr(recording, name) != getattr(known, name) for name in same):
        raise RecordingOfOtherSession(pointer=pointer)
    recording.main_id, recording.take = known.main_id or known.id, take


def take_facts(
    head: Recording, facts: RecordingFacts, presented: PresentedFacts | None, *, remote_enabled: bool
) -> TakeFacts:
    """One recording among those of a sale; ``facts`` are its own."""
    return TakeFacts(
        recording_id=head.id,
        kind=head.take,
        customer_id=facts.customer_id,
        session_id=facts.session_id,
        seller_id=head.seller_id,
        device_id=head.device_id,
        manifest=facts.manifest,
        started_at=facts.started_at,
        duration_ms=facts.duration_ms,
        segments=facts.segments,
        presented=presented,
        channel=head.channel,
        remote_enabled=remote_enabled,
    )


def presented_to(
    head: Recording, case_id: UUID, kept: Mapping[UUID, PresentedFacts], *, opened_later: bool
) -> PresentedFacts | None:
    """What was presented for a case when the recording began, or when the case opened during it."""
    return kept.get(head.id) or (kept.get(case_id) if opened_later else None)


def joined(recordings: Sequence[RecordingFacts]) -> RecordingFacts:
    """The recordings of a sale, the main one first, as one: its time runs on through the gaps."""
    main = recordings[0]
    if len(recordings) == 1:
        return main
    segments: list[Segment] = []
    duration_ms = 0
    for one in recordings:
        offset = (one.started_at - main.started_at) // timedelta(milliseconds=1)
        segments += [
            replace(part, starts_ms=part.starts_ms + offset, ends_ms=part.ends_ms + offset)
            for part in one.segments
        ]
        duration_ms = max(duration_ms, offset + one.duration_ms)
    sealed = [one.sealed_at for one in recordings if one.sealed_at is not None]
    return replace(
        main,
        sealed_at=None if main.sealed_at is None else max(sealed),
        duration_ms=duration_ms,
        has_picture=all(one.has_picture for one in recordings),
        has_sound=all(one.has_sound for one in recordings),
        segments=tuple(segments),
    )
