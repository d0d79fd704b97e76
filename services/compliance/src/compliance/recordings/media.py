"""Is this file really a recording? It is opened and decoded to its end, within limits; nothing is believed.

``inspect`` is a pure function of a file: it never raises for what is in the file, so that its answer can
cross a process boundary. The service runs it in a process of its own
(``compliance.recordings.inspection``): a hostile file may take the decoder down, not the service.
"""

import json
import resource
import sys
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.frame import Frame
from av.video.stream import VideoStream

from compliance.evidence.domain import MediaFacts, from_plain, to_plain
from compliance.recordings.limits import MILLISECONDS, Inspection, MediaLimits, Unfit

PROCESS_BYTES = 2 * 1024**3
PROCESS_FILES = 32
#: What starting and ending may take beside the decoding.
PROCESS_SECONDS = 10

#: For a stream that does not tell its own: the length of its last frame is all that hangs on it.
FRAME_RATE = Fraction(25)

#: What cameras write. Every further decoder is one more that a hostile file can attack.
VIDEO_CODECS = frozenset({"h264", "hevc", "mpeg4"})
AUDIO_CODECS = frozenset({"aac", "mp3", "opus"})


#: What the library raises about contents: errors of its own, and of seeking where there is nothing.
DECODER_ERRORS = (av.error.FFmpegError, OSError, ValueError, OverflowError, MemoryError)


#: Titles in GBK are no reason to refuse a recording. From version 19 on the library does not ask any more.
TOLERANT: dict[str, Any] = (
    {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
)


class _Refused(Exception):
    def __init__(self, unfit: Unfit, detail: str) -> None:
        super().__init__(detail)
        self.unfit = unfit


def inspect(path: Path, limits: MediaLimits) -> Inspection:
    """Decodes the MP4 file at ``path`` to its end; raises ``OSError`` only when there is no such file."""
    with path.open("rb") as file:
        try:
            with _open(file) as container:
                return Inspection(facts=_decode(container, limits), unfit=None, detail=None)
        except _Refused as refused:
            return Inspection(facts=None, unfit=refused.unfit, detail=str(refused)[:300])
        except DECODER_ERRORS as broken:
            detail = f"{type(broken).__name__}: {broken}"[:300]
            return Inspection(facts=None, unfit=Unfit.DAMAGED, detail=detail)


def _open(file: BinaryIO) -> InputContainer:
    # A file object: the demuxer can open nothing else. The format is forced: a text could pass for subtitles.
    try:
        container: InputContainer = av.open(file, mode="r", format="mp4", **TOLERANT)
        return container
    except DECODER_ERRORS as broken:
        raise _Refused(Unfit.NOT_MEDIA, str(broken)) from broken


@dataclass
class _Track:
    """What one stream gave: how many frames or samples, and when the last of them ends, in seconds."""

    count: int = 0
    ends: Fraction = Fraction(0)

    def take(self, count: int, frame: Frame, lasts: Fraction) -> None:
        self.count += count
        self.ends = max(self.ends, Fraction(frame.pts or 0) * (frame.time_base or 0) + lasts)


def _decode(container: InputContainer, limits: MediaLimits) -> MediaFacts:
    if not container.streams.video:
        raise _Refused(Unfit.NO_PICTURE, "no video stream")
    if not container.streams.audio:
        raise _Refused(Unfit.NO_SOUND, "no audio stream")
    picture, sound = container.streams.video[0], container.streams.audio[0]
    _check_announced(container, picture, sound, limits)
    # One thread: what is bounded here is the processor, and workers run side by side anyway.
    picture.codec_context.thread_count = 1
    video, audio = _Track(), _Track()
    _play(container, picture, sound, video, audio, limits)
    if not video.count:
        raise _Refused(Unfit.NO_PICTURE, "no video frame could be decoded")
    if not audio.count:
        raise _Refused(Unfit.NO_SOUND, "no audio sample could be decoded")
    facts = MediaFacts(
        duration_ms=_container_ms(container),
        video_codec=picture.codec_context.name,
        width=picture.codec_context.width,
        height=picture.codec_context.height,
        frames=video.count,
        video_ms=round(video.ends * MILLISECONDS),
        audio_codec=sound.codec_context.name,
        sample_rate=sound.codec_context.sample_rate,
        channels=sound.codec_context.channels,
        audio_ms=round(audio.ends * MILLISECONDS),
    )
    _check_durations(facts, limits)
    return facts


def _container_ms(container: InputContainer) -> int:
    return round(Fraction(container.duration or 0, av.time_base) * MILLISECONDS)


def _check_announced(
    container: InputContainer, picture: VideoStream, sound: AudioStream, limits: MediaLimits
) -> None:
    for codec in ({_codec(picture)} - VIDEO_CODECS) | ({_codec(sound)} - AUDIO_CODECS):
        raise _Refused(Unfit.CODEC, codec)
    announced = _container_ms(container)
    if announced <= 0:
        raise _Refused(Unfit.TRUNCATED, "no duration")
    if announced > limits.duration_ms:
        raise _Refused(Unfit.TOO_LARGE, f"{announced} ms")
    _check_size(picture.codec_context.width, picture.codec_context.height, limits)


def _codec(stream: VideoStream | AudioStream) -> str:
    # A stream in a codec that the library does not know has no context, whatever its type says.
    return getattr(stream.codec_context, "name", "unknown")


def _check_size(width: int, height: int, limits: MediaLimits) -> None:
    if width <= 0 or height <= 0 or width * height > limits.pixels:
        raise _Refused(Unfit.TOO_LARGE, f"{width}x{height} pixels")


def _play(
    container: InputContainer,
    picture: VideoStream,
    sound: AudioStream,
    video: _Track,
    audio: _Track,
    limits: MediaLimits,
) -> None:
    deadline = time.monotonic() + limits.decode_ms / MILLISECONDS
    for packet in container.demux(picture, sound):
        if time.monotonic() > deadline:
            raise _Refused(Unfit.TOO_SLOW, f"{video.count} frames in {limits.decode_ms} ms")
        for frame in packet.decode():
            if isinstance(frame, av.VideoFrame):
                _check_size(frame.width, frame.height, limits)
                video.take(1, frame, 1 / (picture.average_rate or FRAME_RATE))
            elif isinstance(frame, av.AudioFrame):
                audio.take(frame.samples, frame, Fraction(frame.samples, frame.sample_rate or 1))
        if video.count > limits.frames:
            raise _Refused(Unfit.TOO_LARGE, f"more than {limits.frames} frames")
        if max(video.ends, audio.ends) * MILLISECONDS > limits.duration_ms + limits.tolerance_ms:
            raise _Refused(Unfit.TOO_LARGE, "longer than it says")


def _check_durations(facts: MediaFacts, limits: MediaLimits) -> None:
    if max(facts.video_ms, facts.audio_ms) + limits.tolerance_ms < facts.duration_ms:
        raise _Refused(Unfit.TRUNCATED, f"decoded {facts.video_ms} ms of {facts.duration_ms} ms")
    if abs(facts.video_ms - facts.audio_ms) > limits.tolerance_ms:
        raise _Refused(Unfit.OUT_OF_STEP, f"picture {facts.video_ms} ms, sound {facts.audio_ms} ms")
    if min(facts.video_ms, facts.audio_ms) > facts.duration_ms + limits.tolerance_ms:
        raise _Refused(Unfit.DAMAGED, f"decoded {facts.video_ms} ms, announced {facts.duration_ms} ms")


def _confine(limits: MediaLimits) -> None:
    # What the decoder does not need it cannot use, whatever the file talks it into.
    seconds = limits.decode_ms // MILLISECONDS + PROCESS_SECONDS
    for kind, most in (
        (resource.RLIMIT_AS, PROCESS_BYTES),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, PROCESS_FILES),
    ):
        resource.setrlimit(kind, (most, most))


def main() -> None:
    """``python -m compliance.recordings.media PATH LIMITS``: the inspection as JSON on standard output."""
    limits = from_plain(MediaLimits, json.loads(sys.argv[2]))
    _confine(limits)
    try:
        found = inspect(Path(sys.argv[1]), limits)
    except Exception as error:
        # For the log: the service does not read our standard error, which a decoder may flood.
        sys.stdout.write(f"{type(error).__name__}: {error}")
        sys.exit(1)
    sys.stdout.write(json.dumps(to_plain(found)))


if __name__ == "__main__":
    main()
