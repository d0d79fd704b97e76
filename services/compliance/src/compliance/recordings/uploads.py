"""The tus 1.0.0 protocol, without I/O: what a request asks for, whether it fits, what is answered.

Core, *creation*, *checksum* and *expiration*; not *concatenation* and not *creation-defer-length*: the length
of a recording is known when its upload begins; not *termination*: nothing that was uploaded is taken back
(REC-10). Header names are
compared as HTTP compares them; give the functions a mapping that does (Starlette's), or one with lower-case
keys.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID

from chassis.errors import Conflict, Malformed, NotFound, ServiceError, Stale, TooLarge, Unsupported

VERSION = "1.0.0"
EXTENSIONS = ("creation", "checksum", "expiration")
#: The specification demands sha1; sha256 is what our own clients send.
ALGORITHMS = ("sha256", "sha1")
CHUNK_TYPE = "application/offset+octet-stream"

METADATA_BYTES_MAX = 4096


class ProtocolVersionUnsupported(Stale):
    """Not tus 1.0.0; the answer names the version in ``Tus-Version``."""

    code = "TUS_VERSION_UNSUPPORTED"
    zh = "不支持该断点续传协议版本；请使用 tus 1.0.0。"
    en = "This version of the upload protocol is not spoken here; send `Tus-Resumable: 1.0.0`."


class UploadHeaderInvalid(Malformed):
    """A header of the protocol is missing or cannot be read."""

    code = "UPLOAD_HEADER_INVALID"
    zh = "上传请求头 {header} 缺失或无法识别；请按 tus 1.0.0 协议更正。"
    en = "The header {header} is missing or cannot be read; correct it as the protocol tus 1.0.0 says."


class ChecksumAlgorithmUnsupported(Malformed):
    """A checksum of a kind that is not computed here."""

    code = "CHECKSUM_ALGORITHM_UNSUPPORTED"
    zh = "不支持校验算法 {algorithm}；请使用 sha256 或 sha1。"
    en = "The checksum algorithm {algorithm} is not supported; use sha256 or sha1."


class ChunkTypeUnsupported(Unsupported):
    """Uploaded bytes come as ``application/offset+octet-stream``."""

    code = "CHUNK_TYPE_UNSUPPORTED"
    zh = "上传内容类型必须是 application/offset+octet-stream；请更正 Content-Type。"
    en = "Uploaded bytes need the content type application/offset+octet-stream; correct Content-Type."


class UploadTooLarge(TooLarge):
    """The whole, or one chunk, is larger than allowed, or the chunk goes beyond the announced length."""

    code = "UPLOAD_TOO_LARGE"
    zh = "上传内容超过上限 {limit} 字节；请分段录制或降低码率。"
    en = "The upload is larger than {limit} bytes; record in parts or at a lower rate."


class OffsetMismatch(Conflict):
    """The client continues somewhere else than the server stands."""

    code = "UPLOAD_OFFSET_MISMATCH"
    zh = "上传位置应为 {offset}；请先查询当前位置再继续。"
    en = "The upload stands at offset {offset}; ask for it with HEAD and continue there."


class ChecksumMismatch(ServiceError):
    """The bytes did not arrive as they were sent; they are thrown away (status 460 of the protocol)."""

    status = 460
    code = "CHECKSUM_MISMATCH"
    zh = "上传内容校验不符，已丢弃；请重新发送这一段。"
    en = "The bytes do not have the announced checksum and were discarded; send this chunk again."


class UploadGone(NotFound):
    """The upload is complete, cancelled or expired."""

    status = 410
    code = "UPLOAD_GONE"
    zh = "该上传已结束或已过期；请重新创建上传。"
    en = "The upload is over or has expired; create a new one."


@dataclass(frozen=True, kw_only=True)
class UploadLimits:
    """The largest upload and the largest single chunk, in bytes."""

    upload_bytes_max: int = 2 * 1024**3
    chunk_bytes_max: int = 32 * 1024**2


@dataclass(frozen=True, kw_only=True)
class Checksum:
    """An announced checksum: algorithm and raw digest."""

    algorithm: str
    digest: bytes

    def verify(self, computed: "ChunkDigest") -> None:
        """Raises :class:`ChecksumMismatch` unless the bytes that were hashed are the announced ones."""
        if computed.digest(self.algorithm) != self.digest:
            raise ChecksumMismatch


class ChunkDigest:
    """Hashes a chunk while it streams in: SHA-256 always, for the manifest, and what the client announced."""

    def __init__(self, announced: Checksum | None = None) -> None:
        algorithms = {"sha256"} | ({announced.algorithm} if announced else set())
        self._hashes = {name: hashlib.new(name, usedforsecurity=name != "sha1") for name in algorithms}
        self.size = 0

    def update(self, block: bytes) -> None:
        """Takes the next bytes."""
        self.size += len(block)
        for state in self._hashes.values():
            state.update(block)

    def digest(self, algorithm: str) -> bytes:
        """The digest of the bytes so far; raises ``KeyError`` for an algorithm that was not announced."""
        return self._hashes[algorithm].digest()

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes so far, in hexadecimal."""
        return self._hashes["sha256"].hexdigest()


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An upload: how long it will be, and how many bytes have arrived."""

    id: UUID
    length: int
    offset: int
    expires_at: datetime

    @property
    def complete(self) -> bool:
        """Whether every byte is there."""
        return self.offset == self.length

    def accept(self, chunk: "ChunkHeaders", at: datetime, limits: UploadLimits) -> int:
        """How many bytes this request may bring at most.

        Raises :class:`UploadGone`, :class:`OffsetMismatch`, :class:`UploadTooLarge`.
        """
        if at >= self.expires_at:
            raise UploadGone
        if chunk.offset != self.offset:
            raise OffsetMismatch(offset=self.offset)
        room = min(self.length - self.offset, limits.chunk_bytes_max)
        if chunk.size is not None and chunk.size > room:
            raise UploadTooLarge(limit=room)
        return room

    def advance(self, size: int) -> "Upload":
        """The upload after ``size`` more bytes; raises :class:`UploadTooLarge` beyond its length."""
        if size > self.length - self.offset:
            raise UploadTooLarge(limit=self.length - self.offset)
        return replace(self, offset=self.offset + size)

    @property
    def headers(self) -> dict[str, str]:
        """What HEAD answers about it; PATCH answers the same without the length."""
        return {
            "Upload-Offset": str(self.offset),
            "Upload-Length": str(self.length),
            "Upload-Expires": format_datetime(self.expires_at, usegmt=True),
            "Cache-Control": "no-store",
        }


@dataclass(frozen=True, kw_only=True)
class CreationHeaders:
    """What a POST asks for: the length of the upload, and what the client says about it."""

    length: int
    metadata: Mapping[str, str]

    @classmethod
    def read(cls, headers: Mapping[str, str], limits: UploadLimits) -> "CreationHeaders":
        """Reads the request; raises the error of the header or length at fault, or of the version."""
        require_version(headers)
        if "upload-defer-length" in headers:
            raise UploadHeaderInvalid(header="Upload-Defer-Length")
        length = _number(headers, "Upload-Length")
        if length == 0:
            raise UploadHeaderInvalid(header="Upload-Length")
        if length > limits.upload_bytes_max:
            raise UploadTooLarge(limit=limits.upload_bytes_max)
        return cls(length=length, metadata=read_metadata(headers.get("upload-metadata", "")))


@dataclass(frozen=True, kw_only=True)
class ChunkHeaders:
    """What a PATCH brings: where the bytes belong, how many there are (None: not told), their checksum."""

    offset: int
    size: int | None
    checksum: Checksum | None

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> "ChunkHeaders":
        """Reads the request; raises the errors of its headers."""
        require_version(headers)
        if headers.get("content-type", "").split(";")[0].strip().lower() != CHUNK_TYPE:
            raise ChunkTypeUnsupported
        return cls(
            offset=_number(headers, "Upload-Offset"),
            size=_number(headers, "Content-Length") if "content-length" in headers else None,
            checksum=read_checksum(headers["upload-checksum"]) if "upload-checksum" in headers else None,
        )


def options_headers(limits: UploadLimits) -> dict[str, str]:
    """What OPTIONS answers: the abilities of this server."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": ",".join(EXTENSIONS),
        "Tus-Max-Size": str(limits.upload_bytes_max),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def require_version(headers: Mapping[str, str]) -> None:
    """Raises :class:`ProtocolVersionUnsupported` unless the request speaks tus 1.0.0 (all but OPTIONS do)."""
    if headers.get("tus-resumable") != VERSION:
        raise ProtocolVersionUnsupported


def read_checksum(header: str) -> Checksum:
    """``<algorithm> <base64>``; raises :class:`ChecksumAlgorithmUnsupported` or the header's error."""
    algorithm, _, encoded = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise ChecksumAlgorithmUnsupported(algorithm=algorithm[:20])
    digest = _decode(encoded, "Upload-Checksum")
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise UploadHeaderInvalid(header="Upload-Checksum")
    return Checksum(algorithm=algorithm, digest=digest)


def read_metadata(header: str) -> dict[str, str]:
    """``key base64,key base64,key``: ASCII keys without space or comma, once each; or the header's error."""
    broken = UploadHeaderInvalid(header="Upload-Metadata")
    if len(header) > METADATA_BYTES_MAX:
        raise broken
    metadata: dict[str, str] = {}
    for pair in filter(None, header.split(",")):
        key, _, encoded = pair.strip().partition(" ")
        if not key or not key.isascii() or not key.isprintable() or key in metadata:
            raise broken
        try:
            metadata[key] = _decode(encoded, "Upload-Metadata").decode()
        except UnicodeDecodeError as wrong:
            raise broken from wrong
    return metadata


def _decode(encoded: str, header: str) -> bytes:
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise UploadHeaderInvalid(header=header) from wrong


def _number(headers: Mapping[str, str], header: str) -> int:
    text = headers.get(header.lower(), "")
    # int() would take signs, blanks, underscores and foreign digits.
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise UploadHeaderInvalid(header=header)
    return int(text)
