"""What an inspection may find, and within which limits it looks; no decoder is loaded for these words."""

from dataclasses import dataclass
from enum import StrEnum

from compliance.evidence.domain import MediaFacts

MILLISECONDS = 1000


class Unfit(StrEnum):
    """Why a file is no recording."""

    NOT_MEDIA = "not_media"
    CODEC = "codec"
    NO_PICTURE = "no_picture"
    NO_SOUND = "no_sound"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    OUT_OF_STEP = "out_of_step"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"


@dataclass(frozen=True, kw_only=True)
class MediaLimits:
    """What is decoded at most, and how far durations may differ; ``pixels`` are those of one frame."""

    duration_ms: int = 2 * 3600 * MILLISECONDS
    pixels: int = 1920 * 1080
    frames: int = 60 * 2 * 3600
    decode_ms: int = 120 * MILLISECONDS
    tolerance_ms: int = 1000


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """The facts of a sound recording, or why it is none (``detail``: the decoder's words, for the log)."""

    facts: MediaFacts | None
    unfit: Unfit | None
    detail: str | None
