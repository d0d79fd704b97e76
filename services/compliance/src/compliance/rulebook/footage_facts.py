"""What the recordings of a sale show, and what was presented to the customer when each of them began."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from compliance.evidence.domain import Segment, SegmentKind, gained


class TakeKind(StrEnum):
    """The recording of a sale, what goes on after its recorder failed, or key points recorded again."""

    MAIN = "MAIN"
    RESUMED = "RESUMED"
    SUPPLEMENT = "SUPPLEMENT"


class RecordingChannel(StrEnum):
    """Where a recording is made: in the sales zone, or from afar."""

    ON_SITE = "ON_SITE"
    REMOTE = "REMOTE"


@dataclass(frozen=True, kw_only=True)
class RecordingFacts:
    """A recording named by the sale; ``sealed_at`` and ``manifest`` (SHA-256) None: not sealed in time."""

    recording_id: UUID
    customer_id: UUID
    session_id: UUID
    started_at: datetime
    sealed_at: datetime | None
    manifest: str | None
    duration_ms: int
    has_picture: bool
    has_sound: bool
    segments: tuple[Segment, ...]


@dataclass(frozen=True, kw_only=True)
class ScriptFacts:
    """By which script a key point is spoken; ``sha256`` of its document."""

    segment: SegmentKind
    sha256: str


@dataclass(frozen=True, kw_only=True)
class PresentedFacts:
    """What is presented of a product at one instant, each thing so that a change of it can be seen.

    ``terms`` is the SHA-256 of what describes the product, ``risk_level`` the higher of issuer's and bank's,
    ``prices`` the ids of the prices in force that its sale is charged by, ``scripts`` one for a key point.
    """

    product_version: int
    terms: str
    risk_level: int | None
    prices: tuple[UUID, ...]
    scripts: tuple[ScriptFacts, ...]

    def script(self, segment: SegmentKind) -> str | None:
        """The script of a key point; None: there is none."""
        return next((one.sha256 for one in self.scripts if one.segment is segment), None)


@dataclass(frozen=True, kw_only=True)
class TakeFacts:
    """One recording among those of a sale, times and key points as its manifest has them.

    ``presented`` is what held of the sale's product when it began, None: not known. ``remote_enabled``:
    whether its sale could be recorded remotely then.
    """

    recording_id: UUID
    kind: TakeKind
    customer_id: UUID
    session_id: UUID
    seller_id: UUID
    device_id: str | None
    manifest: str | None
    started_at: datetime
    duration_ms: int
    segments: tuple[Segment, ...]
    presented: PresentedFacts | None
    channel: RecordingChannel | None = gained()
    remote_enabled: bool | None = gained()


@dataclass(frozen=True, kw_only=True)
class FootageFacts:
    """The recordings of a sale in the order of their beginnings; ``presented`` is what holds at the sale."""

    takes: tuple[TakeFacts, ...]
    presented: PresentedFacts | None
