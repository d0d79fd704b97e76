"""The ledger of a branch day: what the clients asked for, and what they saw.

One JSON object a line, written and flushed as it happens, so that a crash loses at most the line being
written. Whoever balances the books reads it beside the topics and the databases.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Any


class Outcome(StrEnum):
    """What the client saw of an operation."""

    #: Acknowledged: it has happened, and stays.
    OK = "ok"
    #: Refused by the answer of the service: it has not happened. A recorded refusal has its ``decision_id``.
    REFUSED = "refused"
    #: No answer in spite of every retry: it may have happened or not.
    UNKNOWN = "unknown"


class Op(StrEnum):
    """What clients do in a branch day; ``ids`` of each are listed in README.md."""

    ISSUE = "issue"
    CALL = "call"
    RECALL = "recall"
    START = "start"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    CANCEL = "cancel"
    DAY_CLOSE = "day_close"
    SESSION_OPEN = "session_open"
    SESSION_CLOSE = "session_close"
    EVALUATION = "evaluation"
    OUTLET_OPEN = "outlet_open"
    EMPLOYEE_JOIN = "employee_join"
    GRANT = "grant"
    TRAIN = "train"
    EXPERIENCE = "experience"
    REVOKE = "revoke"
    PARTNER_ADMIT = "partner_admit"
    PRODUCT_LIST = "product_list"
    PRODUCT_SUPPLY = "product_supply"
    PRODUCT_EXAMINE = "product_examine"
    PRODUCT_APPROVE = "product_approve"
    PRODUCT_WITHDRAW = "product_withdraw"
    PRODUCT_GRADE = "product_grade"
    CUSTOMER_REGISTER = "customer_register"
    CIRCUMSTANCES = "circumstances"
    ASSESSMENT = "assessment"
    JOINT_ACCOUNT = "joint_account"
    ZONE_OPEN = "zone_open"
    ZONE_INSPECT = "zone_inspect"
    CASE_OPEN = "case_open"
    PAYING_ACCOUNT = "paying_account"
    PARTY = "party"
    OPINION = "opinion"
    DISCLOSURE = "disclosure"
    ACKNOWLEDGEMENT = "acknowledgement"
    CONSENT = "consent"
    RECORDING_OPEN = "recording_open"
    RECORDING_UPLOAD = "recording_upload"
    RECORDING_SEGMENT = "recording_segment"
    RECORDING_INSPECT = "recording_inspect"
    RECORDING_SEAL = "recording_seal"
    SALE = "sale"
    TRANSACTION = "transaction"
    PERMIT_KEYS = "permit_keys"
    PERMIT_REDEEM = "permit_redeem"
    ORDER = "order"
    REVERSAL_REQUEST = "reversal_request"
    REVERSAL_APPROVE = "reversal_approve"
    COMPLAINT_OPEN = "complaint_open"
    COMPLAINT_DECIDE = "complaint_decide"
    COMPLAINT_SETTLE = "complaint_settle"
    PAYOUT = "payout"


@dataclass(frozen=True)
class Entry:
    """One line. ``status`` and ``code`` are the last answer's (0 and null without one, code of the problem).

    ``subject`` is the token's. ``ids`` holds every id that the client knows afterwards, as text. ``request``
    and ``body`` are the JSON sent and answered. ``violations`` are those of the problem.
    """

    at: str
    run: str
    op: str
    outcome: str
    status: int = 0
    code: str | None = None
    subject: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    request: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    violations: Sequence[Mapping[str, Any]] = ()


class Ledger:
    """Writes the ledger of one run; a context manager. ``entries`` is what has been written so far."""

    def __init__(self, path: Path, run: str) -> None:
        self.path = path
        self.run = run
        self.entries: list[Entry] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[str] = path.open("a", encoding="utf-8")

    @classmethod
    def in_folder(cls, folder: Path, run: str) -> "Ledger":
        """The ledger ``<folder>/<run>.jsonl``."""
        return cls(folder / f"{run}.jsonl", run)

    def write(
        self,
        op: Op,
        outcome: Outcome,
        *,
        status: int = 0,
        code: str | None = None,
        subject: str | None = None,
        ids: Mapping[str, object] | None = None,
        request: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        violations: Sequence[Mapping[str, Any]] = (),
    ) -> Entry:
        """Appends one line and flushes it to the system."""
        entry = Entry(
            at=datetime.now(UTC).isoformat(timespec="microseconds"),
            run=self.run,
            op=op.value,
            outcome=outcome.value,
            status=status,
            code=code,
            subject=subject,
            ids={name: str(value) for name, value in (ids or {}).items() if value is not None},
            request=dict(request or {}),
            body=dict(body or {}),
            violations=list(violations),
        )
        self._file.write(json.dumps(asdict(entry), ensure_ascii=False, separators=(",", ":")) + "\n")
        self._file.flush()
        self.entries.append(entry)
        return entry

    def of(self, *ops: Op, outcome: Outcome | None = None) -> list[Entry]:
        """What was written of some operations."""
        return [
            entry
            for entry in self.entries
            if entry.op in ops and (outcome is None or entry.outcome == outcome)
        ]

    def close(self) -> None:
        """Writes the ledger through to the disk."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read(path: Path) -> Iterator[Entry]:
    """The entries of a ledger in order. The last line may be torn by a crash and is then left out.

    Raises ``ValueError`` with the line's number for any other line that is none.
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError) as error:
            # Only what ends with its line break was written whole.
            if number == len(lines):
                return
            raise ValueError(f"{path.name}: line {number} is no entry of a ledger") from error
        yield entry
