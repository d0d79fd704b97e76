"""Makes a real recording: an MP4 with two talking heads and their voices (H.264, AAC), a few seconds long.

Each seed gives other faces, voices and movements, so that no two recordings of a day are alike. Drawing
works on whole rows of bytes; a recording of eight seconds takes about a tenth of a second of processor
time.
"""

import math
import random
from array import array
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream

WIDTH, HEIGHT = 320, 240
FRAME_RATE = 5
SAMPLE_RATE = 16_000
#: Samples of one AAC frame.
BLOCK = 1024

WALL, SKIN, MOUTH, EYE = 90, 190, 60, 20


@dataclass(frozen=True)
class Head:
    """One person in the picture: where, how large, how lively, and the pitch of the voice in hertz."""

    x: int
    y: int
    radius: int
    sway: float
    voice: float
    colour: tuple[int, int]


def make_recording(
    path: Path,
    *,
    seconds: float = 8.0,
    seed: int = 1,
    sound: bool = True,
    picture: bool = True,
    sound_seconds: float | None = None,
) -> None:
    """Writes the MP4 file.

    ``sound`` or ``picture`` False leaves that stream out, ``sound_seconds`` lets the sound end elsewhere than
    the picture: what must be refused.
    """
    chance = random.Random(seed)
    heads = (_head(chance, WIDTH // 4), _head(chance, 3 * WIDTH // 4))
    with av.open(str(path), mode="w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = _add_picture(container) if picture else None
        audio = _add_sound(container) if sound else None
        if video is not None:
            _write_picture(container, video, heads, seconds)
        if audio is not None:
            _write_sound(container, audio, heads, seconds if sound_seconds is None else sound_seconds)


def _head(chance: random.Random, x: int) -> Head:
    return Head(
        x=x + chance.randint(-15, 15),
        y=HEIGHT // 2 + chance.randint(-20, 20),
        radius=chance.randint(38, 55),
        sway=chance.uniform(0.4, 1.6),
        voice=chance.uniform(110, 260),
        colour=(chance.randint(105, 125), chance.randint(140, 160)),
    )


def _add_picture(container: OutputContainer) -> VideoStream:
    stream = container.add_stream("libx264", rate=FRAME_RATE)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.options = {"preset": "ultrafast", "crf": "32"}
    stream.codec_context.thread_count = 1
    return stream


def _add_sound(container: OutputContainer) -> AudioStream:
    stream = container.add_stream("aac", rate=SAMPLE_RATE)
    stream.layout = "mono"
    stream.bit_rate = 24_000
    return stream


def _write_picture(
    container: OutputContainer, stream: VideoStream, heads: tuple[Head, Head], seconds: float
) -> None:
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for number in range(round(seconds * FRAME_RATE)):
        light, blue, red = _draw(heads, number / FRAME_RATE)
        for plane, rows, width in zip(
            frame.planes, (light, blue, red), (WIDTH, WIDTH // 2, WIDTH // 2), strict=True
        ):
            plane.update(_padded(rows, width, plane.line_size))
        frame.pts, frame.time_base = number, Fraction(1, FRAME_RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _draw(heads: tuple[Head, Head], at: float) -> tuple[bytearray, bytearray, bytearray]:
    """The picture at ``at`` seconds: planes of light (full size), blue and red (half size)."""
    light = bytearray([WALL]) * (WIDTH * HEIGHT)
    blue = bytearray([128]) * (WIDTH * HEIGHT // 4)
    red = bytearray([128]) * (WIDTH * HEIGHT // 4)
    for turn, head in enumerate(heads):
        x = head.x + round(6 * math.sin(head.sway * at * math.tau / 2))
        y = head.y + round(3 * math.cos(head.sway * at * math.tau / 3))
        _ellipse(light, WIDTH, (x, y), (head.radius, round(head.radius * 1.3)), SKIN)
        for plane, colour in ((blue, head.colour[0]), (red, head.colour[1])):
            _ellipse(
                plane, WIDTH // 2, (x // 2, y // 2), (head.radius // 2, round(head.radius * 0.65)), colour
            )
        for side in (-1, 1):
            _ellipse(light, WIDTH, (x + side * head.radius // 3, y - head.radius // 3), (6, 4), EYE)
        opened = 3 + round(9 * abs(math.sin(5 * at))) if _speaks(turn, at) else 2
        _ellipse(light, WIDTH, (x, y + head.radius // 2), (head.radius // 3, opened), MOUTH)
    return light, blue, red


def _ellipse(
    plane: bytearray, width: int, centre: tuple[int, int], axes: tuple[int, int], value: int
) -> None:
    height = len(plane) // width
    for row in range(max(0, centre[1] - axes[1]), min(height, centre[1] + axes[1] + 1)):
        half = round(axes[0] * math.sqrt(max(0.0, 1 - ((row - centre[1]) / axes[1]) ** 2)))
        left, right = max(0, centre[0] - half), min(width, centre[0] + half + 1)
        if left < right:
            plane[row * width + left : row * width + right] = bytes([value]) * (right - left)


def _padded(rows: bytearray, width: int, line_size: int) -> bytes:
    if width == line_size:
        return bytes(rows)
    padding = bytes(line_size - width)
    return b"".join(bytes(rows[at : at + width]) + padding for at in range(0, len(rows), width))


def _speaks(turn: int, at: float) -> bool:
    # The two take turns, two seconds each.
    return int(at // 2) % 2 == turn


def _write_sound(
    container: OutputContainer, stream: AudioStream, heads: tuple[Head, Head], seconds: float
) -> None:
    total = round(seconds * SAMPLE_RATE)
    waves = [_wave(head.voice) for head in heads]
    silence = array("h", bytes(2 * BLOCK))
    for start in range(0, total, BLOCK):
        count = min(BLOCK, total - start)
        turn = 0 if _speaks(0, start / SAMPLE_RATE) else 1
        # Words: sound for six blocks of eight, then a breath.
        spoken = (start // BLOCK) % 8 < 6
        wave = waves[turn]
        samples = (
            (wave * (BLOCK // len(wave) + 2))[start % len(wave) :][:count] if spoken else silence[:count]
        )
        frame = av.AudioFrame("s16", "mono", count)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, start, Fraction(1, SAMPLE_RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _wave(pitch: float) -> "array[int]":
    """One period of a voice-like tone, to be repeated."""
    period = max(1, round(SAMPLE_RATE / pitch))
    return array(
        "h",
        (
            round(6000 * math.sin(math.tau * n / period) + 2500 * math.sin(3 * math.tau * n / period))
            for n in range(period)
        ),
    )
