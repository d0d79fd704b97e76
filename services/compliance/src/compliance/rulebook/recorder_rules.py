"""Rule of the gate about the zone's recorder (ZON-06), and the state of a recorder by the same limits."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from compliance.rulebook.domain import PASS, Check, PureCheck, Verdict, codes_of, fail, unknown
from compliance.rulebook.facts import RecorderFacts, SaleFacts


class RecorderState(StrEnum):
    """How a recorder stands: heard of in time, not heard of, heard with a wrong clock, taken out of use."""

    WORKING = "WORKING"
    SILENT = "SILENT"
    OFFSET = "OFFSET"
    RETIRED = "RETIRED"


@dataclass(frozen=True, kw_only=True)
class RecorderLimits:
    """ZON-06: how old a heartbeat and how wrong a clock may be; after which silence a zone is suspended."""

    heartbeat_max_age_seconds: int
    clock_offset_max_ms: int
    suspend_after_seconds: int

    @property
    def heartbeat_max_age(self) -> timedelta:
        """A heartbeat of exactly this age still counts."""
        return timedelta(seconds=self.heartbeat_max_age_seconds)

    def keeps_time(self, offset_ms: int) -> bool:
        """Whether a clock that is off by so much may stamp a recording."""
        return abs(offset_ms) <= self.clock_offset_max_ms


def state_at(recorder: RecorderFacts, at: datetime, limits: RecorderLimits) -> RecorderState:
    """How the recorder stood at ``at``, by the run of heartbeats that began last before it."""
    if recorder.began_at is None or recorder.heard_at is None or recorder.offset_ms is None:
        return RecorderState.SILENT
    if not recorder.began_at <= at <= recorder.heard_at + limits.heartbeat_max_age:
        return RecorderState.SILENT
    return RecorderState.WORKING if limits.keeps_time(recorder.offset_ms) else RecorderState.OFFSET


def recorder_working(facts: SaleFacts, parameters: RecorderLimits) -> Verdict:
    """ZON-06: when the recording began, the zone of the sale had a working recorder."""
    code = "RECORDER_UNAVAILABLE"
    named = {"zone": facts.zone is not None, "recording": bool(facts.recordings)}
    if missing := [name for name, known in named.items() if not known]:
        return unknown(code, *missing)
    assert facts.zone is not None
    if facts.zone.recorders is None:
        return unknown(code, "zone.recorders")
    if not facts.zone.recorders:
        return fail(code, "none")
    for recording in facts.recordings:
        states = {state_at(one, recording.started_at, parameters) for one in facts.zone.recorders}
        if RecorderState.WORKING not in states:
            return fail(code, "offset" if RecorderState.OFFSET in states else "silent")
    return PASS


CHECKS: tuple[Check[SaleFacts], ...] = (
    PureCheck(
        "sale.recorder_working.v1",
        codes_of("RECORDER_UNAVAILABLE", "none", "silent", "offset"),
        RecorderLimits,
        recorder_working,
    ),
)
