"""A recorder of a sales zone, known by its key, and the runs of its heartbeats (ZON-06).

A run is an unbroken row of heartbeats: no two of them further apart than a heartbeat may be old, all with a
clock that keeps time, or all without. What is past stays as it was: a run only grows at its end, and the next
one begins later. How a recorder stood at an instant is therefore the same whenever one asks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from chassis.errors import Conflict, Invalid
from compliance.rulebook.facts import RecorderFacts
from compliance.rulebook.recorder_rules import RecorderLimits, RecorderState, state_at

HEARTBEAT_FORMAT = "wangdian.recorder-heartbeat.v1"


class DeviceKeyInvalid(Invalid):
    """A recorder is known by its Ed25519 key."""

    code = "DEVICE_KEY_INVALID"
    zh = "public_key 须为 Ed25519 公钥(PEM,或 32 字节的 Base64);请更正。"
    en = "public_key is no Ed25519 public key (PEM, or 32 bytes in base64); correct it."


class DeviceCertificateInvalid(Invalid):
    """A certificate, where one is given, is about this key."""

    code = "DEVICE_CERTIFICATE_INVALID"
    zh = "certificate 不是该公钥的 X.509 证书(PEM);请更正或留空。"
    en = "certificate is no X.509 certificate (PEM) of this key; correct it, or leave it out."


class RecorderSerialTaken(Conflict):
    """One device is registered once."""

    code = "RECORDER_SERIAL_TAKEN"
    zh = "序列号 {serial} 的录音录像设备已登记;请核对序列号。"
    en = "A recorder with the serial {serial} is registered already; check it."


class RecorderIsRetired(Conflict):
    """A retired recorder does not come back."""

    code = "RECORDER_RETIRED"
    zh = "设备 {serial} 已停用;请登记新设备。"
    en = "Recorder {serial} is retired; register another one."


class HeartbeatSignatureInvalid(Invalid):
    """Only the device itself can say that it works."""

    code = "HEARTBEAT_SIGNATURE_INVALID"
    zh = "心跳签名与设备 {serial} 登记的公钥不符;请核对签名内容和密钥。"
    en = "The heartbeat is not signed by the key of recorder {serial}; check what was signed, and the key."


class HeartbeatReplayed(Conflict):
    """Each heartbeat counts once, and none comes behind a later one."""

    code = "HEARTBEAT_REPLAYED"
    zh = "心跳序号须大于 {sequence};请使用下一个序号。"
    en = "The sequence of a heartbeat is above {sequence}, the last one's; use the next."


@dataclass(frozen=True, kw_only=True)
class Heartbeat:
    """What the device says of itself; ``clock_ms`` is its clock, in milliseconds since 1970 (UTC)."""

    sequence: int
    clock_ms: int

    def signed(self, recorder_id: UUID) -> bytes:
        """The bytes that the device signs."""
        return f"{HEARTBEAT_FORMAT} {recorder_id} {self.sequence} {self.clock_ms}".encode()

    def offset_ms(self, at: datetime) -> int:
        """By how much the device's clock is ahead of ours."""
        since = at - datetime(1970, 1, 1, tzinfo=UTC)
        ours = (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
        return self.clock_ms - ours


@dataclass(kw_only=True)
class RecorderRun:
    """An unbroken row of heartbeats; ``offset_ms`` is the largest offset in it, as it was."""

    id: UUID
    recorder_id: UUID
    began_at: datetime
    heard_at: datetime
    offset_ms: int
    heartbeats: int

    def takes(self, offset_ms: int, at: datetime, limits: RecorderLimits) -> bool:
        """Whether a heartbeat at ``at`` belongs to this run."""
        in_time = self.heard_at <= at <= self.heard_at + limits.heartbeat_max_age
        return in_time and limits.keeps_time(offset_ms) == limits.keeps_time(self.offset_ms)

    def grow(self, offset_ms: int, at: datetime) -> None:
        """The heartbeat is heard."""
        self.heard_at = at
        self.offset_ms = max(self.offset_ms, offset_ms, key=abs)
        self.heartbeats += 1


@dataclass
class Recorder:
    """The register's row; ``public_key`` is the raw Ed25519 key in base64. Retired once and for all.

    ``sequence`` is that of the last heartbeat that was heard. Heartbeats are no versions: nothing rests on
    the row that they could change.
    """

    id: UUID
    version: int
    outlet_id: UUID
    zone_id: UUID
    serial: str
    public_key: str
    certificate: str | None
    sequence: int
    registered_by: str
    registered_at: datetime
    retired_by: str | None
    retired_at: datetime | None
    retirement_reason: str | None

    def must_be_in_use(self) -> None:
        """Raises :class:`RecorderIsRetired`."""
        if self.retired_at is not None:
            raise RecorderIsRetired(serial=self.serial)

    def hear(
        self,
        run_id: UUID,
        heartbeat: Heartbeat,
        last: RecorderRun | None,
        limits: RecorderLimits,
        *,
        at: datetime,
    ) -> RecorderRun:
        """Takes a heartbeat whose signature is good: the run that it belongs to, the last or a new one.

        Raises :class:`RecorderIsRetired`, :class:`HeartbeatReplayed`.
        """
        self.must_be_in_use()
        if heartbeat.sequence <= self.sequence:
            raise HeartbeatReplayed(sequence=self.sequence)
        self.sequence = heartbeat.sequence
        offset_ms = heartbeat.offset_ms(at)
        if last is not None and last.takes(offset_ms, at, limits):
            last.grow(offset_ms, at)
            return last
        return RecorderRun(
            id=run_id,
            recorder_id=self.id,
            began_at=at,
            heard_at=at,
            offset_ms=offset_ms,
            heartbeats=1,
        )

    def in_use(self, at: datetime) -> bool:
        """Whether it was in use at ``at``."""
        return self.registered_at <= at and (self.retired_at is None or self.retired_at > at)

    def retire(self, *, reason: str, by: str, at: datetime) -> None:
        """Takes the recorder out of use. Raises :class:`RecorderIsRetired`."""
        self.must_be_in_use()
        self.retired_by, self.retired_at, self.retirement_reason = by, at, reason
        self.version += 1

    def facts(self, run: RecorderRun | None) -> RecorderFacts:
        """What the gate may rest on, with the run in question."""
        return RecorderFacts(
            recorder_id=self.id,
            began_at=None if run is None else run.began_at,
            heard_at=None if run is None else run.heard_at,
            offset_ms=None if run is None else run.offset_ms,
        )

    def state(self, run: RecorderRun | None, at: datetime, limits: RecorderLimits) -> RecorderState:
        """How it stands at ``at``, by its last run."""
        if self.retired_at is not None and self.retired_at <= at:
            return RecorderState.RETIRED
        return state_at(self.facts(run), at, limits)
