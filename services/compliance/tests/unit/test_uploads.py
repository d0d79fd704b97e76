"""tus 1.0.0: every header read strictly, every offset checked, no byte believed without its checksum."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import ServiceError
from compliance.recordings import uploads
from compliance.recordings.uploads import (
    ChunkDigest,
    ChunkHeaders,
    CreationHeaders,
    Upload,
    UploadLimits,
    options_headers,
    read_checksum,
    read_metadata,
)
from services.compliance.tests.unit.builders import an_id

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LIMITS = UploadLimits(upload_bytes_max=1000, chunk_bytes_max=400)
VERSION = {"tus-resumable": "1.0.0"}
CHUNK = VERSION | {"content-type": "application/offset+octet-stream", "upload-offset": "0"}


def an_upload(offset: int = 0, length: int = 1000) -> Upload:
    return Upload(id=an_id(1), length=length, offset=offset, expires_at=NOW + timedelta(hours=1))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_options_names_what_is_spoken() -> None:
    assert options_headers(LIMITS) == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,checksum,expiration",
        "Tus-Max-Size": "1000",
        "Tus-Checksum-Algorithm": "sha256,sha1",
    }


@pytest.mark.parametrize("version", [{}, {"tus-resumable": "0.2.2"}, {"tus-resumable": "1.0.1"}])
def test_another_version_is_412(version: dict[str, str]) -> None:
    for read in (lambda: CreationHeaders.read(version, LIMITS), lambda: ChunkHeaders.read(version)):
        with pytest.raises(uploads.ProtocolVersionUnsupported) as refused:
            read()
        assert refused.value.status == 412


def test_a_creation() -> None:
    headers = VERSION | {"upload-length": "1000", "upload-metadata": f"session {b64(b'7')},is_final"}
    creation = CreationHeaders.read(headers, LIMITS)
    assert creation == CreationHeaders(length=1000, metadata={"session": "7", "is_final": ""})


@pytest.mark.parametrize(
    ("headers", "error", "status"),
    [
        ({}, uploads.UploadHeaderInvalid, 400),
        ({"upload-length": "0"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-length": "-1"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-length": "+1"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-length": "1_0"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-length": " 10"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-length": "\uff11\uff10"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-length": "9" * 5000}, uploads.UploadHeaderInvalid, 400),
        ({"upload-defer-length": "1"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-length": "1001"}, uploads.UploadTooLarge, 413),
        ({"upload-length": "1", "upload-metadata": "k !!"}, uploads.UploadHeaderInvalid, 400),
    ],
)
def test_a_creation_that_is_refused(headers: dict[str, str], error: type[ServiceError], status: int) -> None:
    with pytest.raises(error) as refused:
        CreationHeaders.read(VERSION | headers, LIMITS)
    assert refused.value.status == status


@pytest.mark.parametrize(
    "header", ["k !", "k v==x", " ,é YQ==", "k YQ==,k YQ==", "k /w==", "x " + "YWFh" * 2000, "a\tb YQ=="]
)
def test_metadata_that_is_refused(header: str) -> None:
    with pytest.raises(uploads.UploadHeaderInvalid):
        read_metadata(header)


KEYS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=","), min_size=1, max_size=9
)


@given(st.dictionaries(KEYS, st.text(max_size=20), max_size=5))
def test_metadata_survives(metadata: dict[str, str]) -> None:
    header = ",".join(f"{key} {b64(value.encode())}".strip() for key, value in metadata.items())
    assert read_metadata(header) == metadata


def test_a_chunk() -> None:
    digest = hashlib.sha256(b"x").digest()
    headers = CHUNK | {"content-length": "1", "upload-checksum": f"sha256 {b64(digest)}"}
    chunk = ChunkHeaders.read(headers)
    assert (chunk.offset, chunk.size) == (0, 1)
    assert chunk.checksum == uploads.Checksum(algorithm="sha256", digest=digest)
    bare = ChunkHeaders.read(CHUNK)
    assert (bare.size, bare.checksum) == (None, None)


@pytest.mark.parametrize(
    ("headers", "error", "status"),
    [
        ({"content-type": "application/octet-stream"}, uploads.ChunkTypeUnsupported, 415),
        ({"content-type": ""}, uploads.ChunkTypeUnsupported, 415),
        ({"upload-offset": "-1"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-offset": ""}, uploads.UploadHeaderInvalid, 400),
        ({"content-length": "x"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-checksum": f"md5 {b64(b'x' * 16)}"}, uploads.ChecksumAlgorithmUnsupported, 400),
        ({"upload-checksum": "sha256"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-checksum": f"sha256 {b64(b'x' * 20)}"}, uploads.UploadHeaderInvalid, 400),
        ({"upload-checksum": "sha256 ###"}, uploads.UploadHeaderInvalid, 400),
    ],
)
def test_a_chunk_that_is_refused(headers: dict[str, str], error: type[ServiceError], status: int) -> None:
    with pytest.raises(error) as refused:
        ChunkHeaders.read(CHUNK | headers)
    assert refused.value.status == status


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_wrong_checksum_is_460(algorithm: str) -> None:
    announced = read_checksum(f"{algorithm} {b64(hashlib.new(algorithm, b'what was sent').digest())}")
    good, bad = ChunkDigest(announced), ChunkDigest(announced)
    for block in (b"what was ", b"sent"):
        good.update(block)
    bad.update(b"what was sent!")
    announced.verify(good)
    assert (good.size, good.sha256) == (13, hashlib.sha256(b"what was sent").hexdigest())
    with pytest.raises(uploads.ChecksumMismatch) as refused:
        announced.verify(bad)
    assert refused.value.status == 460


def chunk(offset: int, size: int | None) -> ChunkHeaders:
    return ChunkHeaders(offset=offset, size=size, checksum=None)


@pytest.mark.parametrize(("offset", "size", "room"), [(0, 400, 400), (0, None, 400), (700, 300, 300)])
def test_a_chunk_that_fits(offset: int, size: int | None, room: int) -> None:
    assert an_upload(offset).accept(chunk(offset, size), NOW, LIMITS) == room


@pytest.mark.parametrize(
    ("stands", "offset", "size", "error", "status"),
    [
        (100, 0, 1, uploads.OffsetMismatch, 409),
        (100, 101, 1, uploads.OffsetMismatch, 409),
        (0, 0, 401, uploads.UploadTooLarge, 413),
        (700, 700, 301, uploads.UploadTooLarge, 413),
        (1000, 1000, 1, uploads.UploadTooLarge, 413),
    ],
)
def test_a_chunk_that_does_not_fit(
    stands: int, offset: int, size: int, error: type[ServiceError], status: int
) -> None:
    with pytest.raises(error) as refused:
        an_upload(stands).accept(chunk(offset, size), NOW, LIMITS)
    assert refused.value.status == status


def test_an_expired_upload_is_gone() -> None:
    upload = an_upload()
    upload.accept(chunk(0, 1), upload.expires_at - timedelta(microseconds=1), LIMITS)
    with pytest.raises(uploads.UploadGone) as refused:
        upload.accept(chunk(0, 1), upload.expires_at, LIMITS)
    assert refused.value.status == 410


def test_head_says_where_it_stands() -> None:
    assert an_upload(5).headers == {
        "Upload-Offset": "5",
        "Upload-Length": "1000",
        "Upload-Expires": "Mon, 02 Mar 2026 03:00:00 GMT",
        "Cache-Control": "no-store",
    }


@given(st.lists(st.integers(0, 600), max_size=12))
def test_an_upload_never_runs_over(sizes: list[int]) -> None:
    upload = an_upload()
    for size in sizes:
        if size <= upload.length - upload.offset:
            upload = upload.advance(size)
        else:
            with pytest.raises(uploads.UploadTooLarge):
                upload.advance(size)
        assert 0 <= upload.offset <= upload.length
    assert upload.complete == (upload.offset == upload.length)
