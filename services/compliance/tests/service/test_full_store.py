"""The evidence store without room: said clearly, nothing half-written, and it goes on where it stood."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chassis.testing import Caller, ServiceKit
from services.compliance.tests.filming import TUS, begin, create, open_case, send
from services.compliance.tests.registers import refusal

KIB = 1024


@pytest.fixture
def small_store(kit: ServiceKit) -> Iterator[Path]:
    """A file system of 512 KiB where uploads are kept."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    folder = kit.data_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=512k,mode=0777", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_chunk_without_room_changes_nothing_and_is_taken_when_there_is_some(
    kit: ServiceKit, seller: Caller, small_store: Path
) -> None:
    data = os.urandom(200 * KIB)
    recording = await begin(seller, await open_case(kit, seller))
    path = await create(seller, recording["id"], len(data))
    assert (await send(seller, path, 0, data[: 50 * KIB])).status_code == 204
    ballast = small_store / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * 4096)
    refused = await send(seller, path, 50 * KIB, data[50 * KIB :])
    assert refusal(refused) == (503, "EVIDENCE_STORE_FAILED")
    assert int(refused.headers["retry-after"]) >= 1
    head = await seller.head(path, headers=TUS)
    assert head.headers["upload-offset"] == str(50 * KIB)
    kept = [file for file in small_store.rglob("*") if file.is_file() and file != ballast]
    assert [file.stat().st_size for file in kept] == [50 * KIB], "nothing half-written stays"
    ballast.unlink()
    again = await send(seller, path, 50 * KIB, data[50 * KIB :])
    assert (again.status_code, again.headers["upload-offset"]) == (204, str(len(data)))
