"""The server's log, followed into a backup, so that it restores to any later moment; files along with it."""

import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from deploy.operator import OperatorError
from deploy.operator.backup import cluster
from deploy.operator.backup.creating import copy_files
from deploy.operator.backup.manifest import LOG, HashedFile, Manifest, hashed
from deploy.operator.installation import Installation
from deploy.private_files import write_private

HASHES = "hashes.json"
SEGMENT = re.compile("[0-9A-F]{24}")
LOOK_SECONDS = 2.0


def follow(
    installation: Installation, folder: Path, until: threading.Event, seconds: float | None = None
) -> int:
    """Receives the log until ``until`` is set or the time is over; answers how many segments are there.

    Raises :class:`OperatorError` when the backup was not made for it, or the server stops sending.
    """
    manifest = Manifest.read(folder)
    if manifest.method != "base" or installation.postgres_dsn is None:
        raise OperatorError("only a base backup (wangdian backup create --point-in-time) can be continued")
    log = folder / LOG
    log.mkdir(mode=0o700, exist_ok=True)
    words = ["--directory", str(log), "--slot", cluster.SLOT, "--synchronous", "--no-password", "--no-loop"]
    receiver = cluster.Tool(installation.postgres_dsn).start("pg_receivewal", *words)
    began = time.monotonic()
    try:
        while receiver.poll() is None and not until.wait(LOOK_SECONDS):
            _note(installation, folder)
            if seconds is not None and time.monotonic() - began > seconds:
                break
        failed = receiver.poll()
    finally:
        if receiver.poll() is None:
            receiver.send_signal(signal.SIGINT)
        _end(receiver)
    said = receiver.stderr.read() if receiver.stderr else ""
    if receiver.stderr:
        receiver.stderr.close()
    count = _note(installation, folder, ended=True)
    if failed is not None:
        raise OperatorError(f"pg_receivewal ended: {' '.join(said.split())[-400:]}")
    return count


def _end(receiver: "subprocess.Popen[str]") -> None:
    try:
        receiver.wait(20)
    except subprocess.TimeoutExpired:
        receiver.kill()
        receiver.wait()


def _note(installation: Installation, folder: Path, ended: bool = False) -> int:
    """Copies new files, hashes new segments (the unfinished one only at the end); counts segments."""
    copied = copy_files(installation, folder, lambda *_: lambda _: None)
    known = noted(folder)
    known |= copied
    segments = [path for path in sorted((folder / LOG).iterdir()) if path.name != HASHES]
    for segment in segments:
        name = f"{LOG}/{segment.name}"
        whole = not segment.name.endswith(".partial")
        if (whole and name not in known) or (ended and not whole):
            known[name] = hashed(segment, lambda _: None)
        elif not whole:
            # It grows: until the end there is no hash of it.
            known.pop(name, None)
        if whole:
            known.pop(f"{name}.partial", None)
    write_private(
        folder / LOG / HASHES,
        json.dumps({path: [file.size, file.sha256] for path, file in sorted(known.items())}, indent=1),
    )
    return len(segments)


def gap(names: Iterable[str]) -> str | None:
    """The segment after which one is missing, among those of one timeline; None when none is.

    With segments of 16 MiB, PostgreSQL's own size, 256 of them make up one number of the middle part.
    """
    numbers = sorted(
        (name[:8], int(name[8:16], 16) * 256 + int(name[16:], 16), name)
        for name in {name.removesuffix(".partial") for name in names}
        if SEGMENT.fullmatch(name)
    )
    for (timeline, number, name), (next_timeline, next_number, _) in pairwise(numbers):
        if timeline == next_timeline and next_number != number + 1:
            return name
    return None


def noted(folder: Path) -> dict[str, HashedFile]:
    """Hashes of what came after the manifest: segments of the log, and files, by their path in the backup."""
    path = folder / LOG / HASHES
    if not path.exists():
        return {}
    return {name: HashedFile(*file) for name, file in json.loads(path.read_text(encoding="utf-8")).items()}
