"""What is a recording: real files that are made here, and everything that only looks like one."""

import os
import random
import sys
from dataclasses import replace
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from compliance.evidence.domain import MediaFacts, from_plain, to_plain
from compliance.recordings import inspection
from compliance.recordings.inspection import REASONS, InspectionFailed, Inspector, NotARecording
from compliance.recordings.limits import Inspection, MediaLimits, Unfit
from compliance.recordings.media import inspect
from deploy.demo.media import FRAME_RATE, HEIGHT, SAMPLE_RATE, WIDTH, make_recording

LIMITS = MediaLimits()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of two people talking."""
    path = tmp_path_factory.mktemp("media") / "recording.mp4"
    make_recording(path, seconds=3, seed=7)
    return path


def made(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def found(path: Path, limits: MediaLimits = LIMITS) -> MediaFacts:
    facts = inspect(path, limits).facts
    assert facts is not None
    return facts


@pytest.mark.parametrize("seconds", [1.0, 3.0, 6.4])
def test_a_recording_is_decoded_to_its_end(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "x.mp4"
    make_recording(path, seconds=seconds, seed=3)
    facts = found(path)
    assert facts.frames == round(seconds * FRAME_RATE)
    assert (facts.width, facts.height, facts.sample_rate) == (WIDTH, HEIGHT, SAMPLE_RATE)
    assert (facts.video_codec, facts.audio_codec, facts.channels) == ("h264", "aac", 1)
    for length in (facts.duration_ms, facts.video_ms, facts.audio_ms):
        assert abs(length - 1000 * seconds) <= 100


def test_each_seed_makes_another_recording(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 2), ("c", 1)):
        make_recording(tmp_path / name, seconds=1, seed=seed)
    one, other, again = ((tmp_path / name).read_bytes() for name in "abc")
    assert one == again != other


@pytest.mark.parametrize(("left_out", "unfit"), [("sound", Unfit.NO_SOUND), ("picture", Unfit.NO_PICTURE)])
def test_sound_and_picture_are_needed(tmp_path: Path, left_out: str, unfit: Unfit) -> None:
    path = tmp_path / "x.mp4"
    make_recording(path, seconds=1, sound=left_out != "sound", picture=left_out != "picture")
    assert inspect(path, LIMITS).unfit is unfit


TEXT = b"1\n00:00:00,000 --> 00:00:10,000\nI agree to everything.\n"


@pytest.mark.parametrize("data", [b"", b"\0" * 5000, TEXT * 50, b"ftypmp42" * 100, b"\x1aE\xdf\xa3" * 99])
def test_a_renamed_file_is_no_recording(tmp_path: Path, data: bytes) -> None:
    assert inspect(made(tmp_path / "x.mp4", data), LIMITS).unfit is Unfit.NOT_MEDIA


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.9, 0.99])
def test_a_cut_off_file_is_no_recording(tmp_path: Path, recording: Path, share: float) -> None:
    data = recording.read_bytes()
    assert inspect(made(tmp_path / "x.mp4", data[: int(len(data) * share)]), LIMITS).facts is None
    assert inspect(made(tmp_path / "x.mp4", data[:-1]), LIMITS).facts is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(seed=st.integers(0, 10**6))
def test_no_damage_is_an_exception(tmp_path: Path, recording: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(recording.read_bytes())
    for _ in range(chance.choice([1, 10, 300])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    seen = inspect(made(tmp_path / "x.mp4", bytes(data)), LIMITS)
    assert (seen.facts is None) != (seen.unfit is None)
    assert from_plain(Inspection, to_plain(seen)) == seen


@pytest.mark.parametrize(
    ("limits", "unfit"),
    [
        (replace(LIMITS, duration_ms=2000), Unfit.TOO_LARGE),
        (replace(LIMITS, pixels=WIDTH * HEIGHT - 1), Unfit.TOO_LARGE),
        (replace(LIMITS, frames=3 * FRAME_RATE - 1), Unfit.TOO_LARGE),
        (replace(LIMITS, decode_ms=0), Unfit.TOO_SLOW),
    ],
)
def test_what_is_decoded_has_limits(recording: Path, limits: MediaLimits, unfit: Unfit) -> None:
    assert inspect(recording, limits).unfit is unfit


def test_sound_and_picture_keep_step(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    make_recording(path, seconds=3, sound_seconds=1)
    assert inspect(path, LIMITS).unfit is Unfit.OUT_OF_STEP
    assert inspect(path, replace(LIMITS, tolerance_ms=2500)).facts is not None


def test_the_limits_themselves_are_inside(recording: Path) -> None:
    facts = found(recording)
    exact = replace(
        LIMITS, duration_ms=facts.duration_ms, pixels=facts.width * facts.height, frames=facts.frames
    )
    assert found(recording, exact) == facts


async def test_the_decoder_runs_in_a_process_of_its_own(recording: Path) -> None:
    assert await Inspector(LIMITS).inspect(recording) == found(recording)


@pytest.mark.rule("REC-01")
async def test_a_renamed_text_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(NotARecording) as refused:
        await Inspector(LIMITS).inspect(made(tmp_path / "x.mp4", TEXT))
    assert refused.value.code == "NOT_A_RECORDING"
    assert refused.value.messages["en"].startswith(
        "The uploaded file is no usable recording: it is not a valid"
    )


async def test_what_is_no_fault_of_the_file_is_not_blamed_on_it(tmp_path: Path) -> None:
    with capture_logs() as lines, pytest.raises(InspectionFailed):
        await Inspector(LIMITS).inspect(tmp_path / "gone.mp4")
    assert [(line["event"], line["returncode"]) for line in lines] == [("decoder failed", 1)]
    assert lines[0]["why"].startswith("FileNotFoundError")


def test_a_title_that_is_no_utf_8_is_no_reason_to_refuse(tmp_path: Path, recording: Path) -> None:
    """Recorders write GBK; and each version of the library is asked in its own way."""
    titled, placeholder = tmp_path / "titled.mp4", b"TITLE-TITLE!"
    with av.open(str(recording)) as source, av.open(str(titled), "w", format="mp4") as target:
        target.metadata["title"] = placeholder.decode()
        streams = {
            s.index: target.add_stream_from_template(s)
            for s in (*source.streams.video, *source.streams.audio)
        }
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    data = titled.read_bytes()
    assert data.count(placeholder) == 1
    in_gbk = made(tmp_path / "gbk.mp4", data.replace(placeholder, "柜面双录录像".encode("gbk")))
    assert found(in_gbk).frames == found(recording).frames


async def test_a_decoder_that_hangs_or_dies_is_not_the_services_death(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe that nobody writes to makes the decoder wait for ever; a dead one is a damaged file."""
    pipe = tmp_path / "pipe.mp4"
    os.mkfifo(pipe)
    monkeypatch.setattr(inspection, "START_SECONDS", 1)
    with pytest.raises(NotARecording, match="takes too long"):
        await Inspector(replace(LIMITS, decode_ms=1)).inspect(pipe)
    dying = tmp_path / "python"
    dying.write_text("#!/bin/sh\nkill -SEGV $$\n")
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    with pytest.raises(NotARecording, match="damaged"):
        await Inspector(LIMITS).inspect(made(tmp_path / "x.mp4", b""))


def test_every_reason_has_its_words() -> None:
    assert REASONS.keys() == set(Unfit)
