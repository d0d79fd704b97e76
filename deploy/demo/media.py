"""Makes a real recording: an MP4 with two talking heads and their voices (H.264, AAC), a few seconds long.

Each seed gives other faces, voices and movements, so that no two recordings of a day are alike. Drawing works on whole
rows of bytes; a recording of eight seconds takes about a tenth of a second of processor time.
"""

import math
import random
from array import array
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer

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


def make_recording(path: Path, *, seconds: float = 8.0, seed: int = 1, sound: bool = True, picture: bool = True) -> None:
    """Writes the MP4 file; ``sound`` or ``picture`` False leaves that stream out (what a gate must refuse)."""
    chance = random.Random(seed)
    heads = [_head(chance, WIDTH // 4), _head(chance, 3 * WIDTH // 4)]
    with av.open(str(path), mode="w", format="mp4", options={"movflags": "+faststart"}) as container:
        steps = []
        if picture:
            steps.append(_picture(container, heads, seconds, chance))
        if sound:
            steps.append(_sound(container, heads, seconds))
        for write in steps:
            write()


def _head(chance: random.Random, x: int) -> Head:
    return Head(
        x=x + chance.randint(-15, 15),
        y=HEIGHT // 2 + chance.randint(-20, 20),
        radius=chance.randint(38, 55),
        sway=chance.uniform(0.4, 1.6),
        voice=chance.uniform(110, 260),
        colour=(chance.randint(105, 125), chance.randint(140, 160)),
    )
