"""Which ledgers the books are balanced against."""

from pathlib import Path

from deploy.demo.ledger import Entry, read


def load(path: Path, *, newest_only: bool = False) -> tuple[Entry, ...]:
    """The entries of one ledger, or of all ledgers in a folder, oldest first.

    Kept data belongs to all days that were played on it. ``newest_only``: of a folder, the ledger that was
    written last; for a stack that began empty. Raises ``FileNotFoundError`` where there is none.
    """
    files = [path]
    if path.is_dir():
        files = sorted(path.glob("*.jsonl"), key=lambda file: (file.stat().st_mtime_ns, file.name))
        files = files[-1:] if newest_only else files
    if not files:
        raise FileNotFoundError(f"{path}: no ledger")
    return tuple(entry for file in files for entry in read(file))
