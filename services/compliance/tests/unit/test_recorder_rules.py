"""ZON-06: which recorder counts as working at an instant, and which heartbeats make one run."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.devices.domain import Heartbeat, HeartbeatReplayed, Recorder, RecorderIsRetired, RecorderRun
from compliance.rulebook.facts import SaleFacts
from compliance.rulebook.recorder_rules import RecorderLimits, RecorderState, state_at
from compliance.rulebook.recorders import recorder_limits
from services.compliance.tests.unit.builders import (
    NOW,
    OUTLET,
    RECORDING,
    ZONE,
    an_id,
    broken,
    judge,
    with_recorder,
    with_zone,
)

MOMENT = timedelta(microseconds=1)
BEGAN = RECORDING.started_at
AGE_MAX = timedelta(seconds=300)
LIMITS = RecorderLimits(heartbeat_max_age_seconds=300, clock_offset_max_ms=5000, suspend_after_seconds=86_400)


def reasons(facts: SaleFacts) -> set[tuple[str, str, str | None]]:
    return broken(judge(facts))


def refused(reason: str | None) -> set[tuple[str, str, str | None]]:
    return {("ZON-06", "RECORDER_UNAVAILABLE", reason)}


def test_the_shipped_limits_are_these() -> None:
    assert recorder_limits(NOW.date()) == LIMITS


@pytest.mark.rule("ZON-06")
def test_a_recorder_works_when_it_was_heard_of_in_time_before_the_recording() -> None:
    for heard_at in (BEGAN - AGE_MAX, BEGAN - AGE_MAX + MOMENT, BEGAN, NOW):
        assert reasons(with_recorder(heard_at=heard_at)) == set()
    assert reasons(with_recorder(heard_at=BEGAN - AGE_MAX - MOMENT)) == refused("silent")
    assert reasons(with_recorder(began_at=BEGAN)) == set()
    assert reasons(with_recorder(began_at=BEGAN + MOMENT)) == refused("silent")
    assert reasons(with_recorder(began_at=None, heard_at=None, offset_ms=None)) == refused("silent")


@pytest.mark.rule("ZON-06")
def test_its_clock_keeps_time_up_to_the_limit() -> None:
    for offset_ms in (-5000, 0, 4999, 5000):
        assert reasons(with_recorder(offset_ms=offset_ms)) == set()
    for offset_ms in (-5001, 5001):
        assert reasons(with_recorder(offset_ms=offset_ms)) == refused("offset")


@pytest.mark.rule("ZON-06")
def test_a_zone_without_recorders_has_none_that_works() -> None:
    assert reasons(with_zone(recorders=())) == refused("none")
    assert reasons(with_zone(recorders=None)) == refused(None)


def a_recorder(**given: Any) -> Recorder:
    known: dict[str, Any] = {
        "id": an_id(70),
        "version": 1,
        "outlet_id": OUTLET,
        "zone_id": ZONE,
        "serial": "REC-1",
        "public_key": "",
        "certificate": None,
        "sequence": 0,
        "registered_by": "officer-1",
        "registered_at": NOW,
        "retired_by": None,
        "retired_at": None,
        "retirement_reason": None,
    }
    return Recorder(**(known | given))


def heartbeat(sequence: int, at: datetime, offset_ms: int = 0) -> Heartbeat:
    return Heartbeat(sequence=sequence, clock_ms=round(at.timestamp() * 1000) + offset_ms)


def test_a_heartbeat_is_worth_its_own_offset_in_milliseconds() -> None:
    assert heartbeat(1, NOW, -1234).offset_ms(NOW) == -1234
    assert heartbeat(1, NOW).offset_ms(NOW + timedelta(microseconds=1999)) == -1


def test_heartbeats_count_once_and_of_recorders_in_use() -> None:
    recorder = a_recorder(sequence=5)
    for sequence in (4, 5):
        with pytest.raises(HeartbeatReplayed):
            recorder.hear(an_id(1), heartbeat(sequence, NOW), None, LIMITS, at=NOW)
    recorder.hear(an_id(1), heartbeat(6, NOW), None, LIMITS, at=NOW)
    recorder.retire(reason="Old", by="officer-1", at=NOW)
    with pytest.raises(RecorderIsRetired):
        recorder.hear(an_id(1), heartbeat(7, NOW), None, LIMITS, at=NOW)
    assert recorder.state(None, NOW, LIMITS) is RecorderState.RETIRED


Beats = list[tuple[int, int]]


@given(
    st.lists(st.tuples(st.integers(1, 400), st.sampled_from([0, 4000, 5000, 5001, -9000])), max_size=12),
    st.integers(0, 5000),
)
def test_runs_say_of_every_instant_what_the_single_heartbeats_say(beats: Beats, asked: int) -> None:
    recorder, runs, at, heard = a_recorder(), list[RecorderRun](), NOW, list[tuple[datetime, bool]]()
    for number, (seconds, offset_ms) in enumerate(beats, start=1):
        at += timedelta(seconds=seconds)
        last = runs[-1] if runs else None
        run = recorder.hear(an_id(number), heartbeat(number, at, offset_ms), last, LIMITS, at=at)
        if run is not last:
            runs.append(run)
        heard.append((at, LIMITS.keeps_time(offset_ms)))
    instant = NOW + timedelta(seconds=asked)
    before = [(when, good) for when, good in heard if when <= instant]
    newest = before[-1] if before else None
    # The heartbeat after the instant closes the gap to the last one where they belong to one run.
    expected = (
        RecorderState.SILENT
        if newest is None or instant - newest[0] > AGE_MAX
        else RecorderState.WORKING
        if newest[1]
        else RecorderState.OFFSET
    )
    began = [run for run in runs if run.began_at <= instant]
    found = RecorderState.SILENT if not began else state_at(recorder.facts(began[-1]), instant, LIMITS)
    assert found is expected
