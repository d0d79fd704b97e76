"""The files of an export for an inspection: written row by row, counted, signed, and checked by anybody.

::

    sales.jsonl         a row a sale, those of the gate first, each kind by instant and id; says its origin
    decisions.jsonl     what the gate decided, without the inputs: their digest stands in the decision's
    recordings.jsonl    the sealed manifest, or the digest that an old system gave
    assessments.jsonl   the assessment that the sale rests on
    totals.json         counts, and sums by currency: in all, by origin, outlet, product and legal day
    manifest.json       what was asked for, and name, rows, size and SHA-256 of every file above
    manifest.sig        Ed25519 over the bytes of manifest.json, in base64

Every row is canonical JSON (RFC 8785) on a line of its own, so the same rows are the same bytes. The rows of
the other files stand in the order of their sales. Memory holds the totals and one row.
"""

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from compliance.evidence.domain import NotCanonical, Plain, canonical, sha256_of, to_plain
from compliance.evidence.store import BLOCK
from compliance.legacy_records.domain import Origin

EXPORT_FORMAT = "wangdian.inspection-export.v1"
SALES, DECISIONS, RECORDINGS, ASSESSMENTS = (
    f"{name}.jsonl" for name in ("sales", "decisions", "recordings", "assessments")
)
ROW_FILES = (SALES, DECISIONS, RECORDINGS, ASSESSMENTS)
TOTALS, MANIFEST, SIGNATURE = "totals.json", "manifest.json", "manifest.sig"
FILES = frozenset({*ROW_FILES, TOTALS, MANIFEST, SIGNATURE})

Row = Mapping[str, Any]


class ExportFlaw(StrEnum):
    """What is wrong with an export."""

    UNSIGNED = "not_signed_with_this_key"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    STRANGER = "not_in_the_manifest"
    ALTERED = "altered"
    ROWS = "not_so_many_rows_as_the_manifest_says"
    TOTALS = "not_the_totals_of_the_sales"
    COUNTERPART = "not_the_counterpart_of_its_sale"


@dataclass(frozen=True)
class ExportDamage:
    """One flaw: of a file, or of one sale's row in it."""

    name: str
    flaw: ExportFlaw
    sale_id: str | None = None


@dataclass
class Total:
    """How many sales, and their sums in minor units by currency."""

    count: int = 0
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, row: Row) -> None:
        """One more sale."""
        self.count += 1
        self.sums[row["currency"]] += row["amount_minor"]

    def plain(self) -> Plain:
        """Sums are text: a bank's may be more than every reader of JSON takes as a number."""
        return {"count": self.count, "sums": {currency: str(sum_) for currency, sum_ in self.sums.items()}}


@dataclass
class Totals:
    """The control totals of an export."""

    every: Total = field(default_factory=Total)
    groups: dict[str, dict[str, Total]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Total))
    )

    def add(self, row: Row) -> None:
        """One more sale, in all of its groups."""
        self.every.add(row)
        for group, name in (
            ("by_origin", "origin"),
            ("by_outlet", "outlet_id"),
            ("by_product", "product_code"),
            ("by_day", "day"),
        ):
            self.groups[group][row[name]].add(row)

    def bytes(self) -> bytes:
        """The canonical JSON."""
        groups = {
            group: {name: total.plain() for name, total in found.items()}
            for group, found in self.groups.items()
        }
        return canonical({"all": self.every.plain(), **groups})


class ExportWriter:
    """Writes the row files into a folder, counting; then :meth:`finish`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._files: dict[str, BinaryIO] = {}
        self.rows = dict.fromkeys(ROW_FILES, 0)
        self._totals = Totals()

    def __enter__(self) -> Self:
        for name in ROW_FILES:
            self._files[name] = self._stack.enter_context((self._folder / name).open("xb"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, name: str, row: Row) -> None:
        """One more row of a file."""
        plain: Any = to_plain(row)
        self._files[name].write(canonical(plain) + b"\n")
        self.rows[name] += 1
        if name == SALES:
            self._totals.add(plain)

    def finish(self, asked: Row, key: Ed25519PrivateKey) -> str:
        """Writes totals, manifest and signature; answers the SHA-256 of the manifest."""
        self._stack.close()
        (self._folder / TOTALS).write_bytes(self._totals.bytes())
        described = [_described(self._folder / name, rows) for name, rows in {**self.rows, TOTALS: 1}.items()]
        manifest = canonical(
            to_plain(
                {
                    "format": EXPORT_FORMAT,
                    **asked,
                    "files": described,
                    "public_key": public_text(key.public_key()),
                }
            )
        )
        (self._folder / MANIFEST).write_bytes(manifest)
        (self._folder / SIGNATURE).write_bytes(base64.b64encode(key.sign(manifest)) + b"\n")
        return hashlib.sha256(manifest).hexdigest()


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """The key that signs, from PEM without a password. Raises ``ValueError``."""
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as wrong:
        raise ValueError(str(wrong)) from wrong
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return key


def public_key(pem: bytes) -> Ed25519PublicKey:
    """The key that checks, from PEM of either half. Raises ``ValueError``."""
    if b"PRIVATE KEY" in pem:
        return private_key(pem).public_key()
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")
    return key


def public_text(key: Ed25519PublicKey) -> str:
    """The raw key in base64."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def verify(folder: Path, key: Ed25519PublicKey) -> list[ExportDamage]:
    """Everything that is wrong with an export, by a key that is known from elsewhere; empty: nothing."""
    try:
        manifest = (folder / MANIFEST).read_bytes()
        key.verify(base64.b64decode((folder / SIGNATURE).read_bytes()), manifest)
        described = {one["name"]: one for one in json.loads(manifest)["files"]}
    except FileNotFoundError as missing:
        return [ExportDamage(Path(missing.filename).name, ExportFlaw.MISSING)]
    except InvalidSignature:
        return [ExportDamage(MANIFEST, ExportFlaw.UNSIGNED)]
    except (ValueError, KeyError, TypeError):
        return [ExportDamage(MANIFEST, ExportFlaw.UNREADABLE)]
    damages = [
        ExportDamage(path.name, ExportFlaw.STRANGER)
        for path in sorted(folder.iterdir())
        if path.name not in FILES
    ]
    for name in (*ROW_FILES, TOTALS):
        damages += _compared(folder / name, described.get(name))
    is_whole = all(damage.flaw is not ExportFlaw.MISSING for damage in damages)
    return damages if not is_whole else [*damages, *_recounted(folder)]


def _described(path: Path, rows: int) -> Row:
    digest, size = _hashed(path)
    return {"name": path.name, "rows": rows, "size": size, "sha256": digest}


def _hashed(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def _compared(path: Path, told: Row | None) -> Iterator[ExportDamage]:
    if not path.is_file():
        yield ExportDamage(path.name, ExportFlaw.MISSING)
    elif told is None:
        yield ExportDamage(path.name, ExportFlaw.STRANGER)
    else:
        if _hashed(path) != (told.get("sha256"), told.get("size")):
            yield ExportDamage(path.name, ExportFlaw.ALTERED)
        if path.name != TOTALS:
            with path.open("rb") as file:
                if sum(1 for _ in file) != told.get("rows"):
                    yield ExportDamage(path.name, ExportFlaw.ROWS)


def _recounted(folder: Path) -> Iterator[ExportDamage]:
    """Totals counted again, and each sale held against its rows in the other files."""
    totals = Totals()
    others = {name: _rows(folder / name) for name in (DECISIONS, RECORDINGS, ASSESSMENTS)}
    try:
        for sale in _rows(folder / SALES):
            totals.add(sale)
            for name, rows in others.items():
                if name in _companions(sale) and not _belongs(name, sale, next(rows, None)):
                    # What follows stands beside the wrong sales.
                    yield ExportDamage(name, ExportFlaw.COUNTERPART, sale["sale_id"])
                    return
        for name, rows in others.items():
            if (row := next(rows, None)) is not None:
                yield ExportDamage(name, ExportFlaw.COUNTERPART, row["sale_id"])
        if totals.bytes() != (folder / TOTALS).read_bytes():
            yield ExportDamage(TOTALS, ExportFlaw.TOTALS)
    except (ValueError, KeyError, TypeError, NotCanonical):
        yield ExportDamage(SALES, ExportFlaw.UNREADABLE)


def _companions(sale: Row) -> set[str]:
    names = {DECISIONS} if sale["origin"] == Origin.GATED else set()
    if sale["recording_id"] is not None:
        names.add(RECORDINGS)
    if sale["assessed"]:
        names.add(ASSESSMENTS)
    return names


def _belongs(name: str, sale: Row, row: Row | None) -> bool:
    if row is None or (row["sale_id"], row["origin"]) != (sale["sale_id"], sale["origin"]):
        return False
    if name == DECISIONS:
        told: bool = (row["decision_id"], row["digest"]) == (sale["decision_id"], sale["decision"])
        return told
    if name == RECORDINGS:
        same: bool = row["recording_id"] == sale["recording_id"]
        return same and (row["origin"] == Origin.IMPORTED or sha256_of(row["manifest"]) == row["digest"])
    return True


def _rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for line in file:
            yield json.loads(line)
