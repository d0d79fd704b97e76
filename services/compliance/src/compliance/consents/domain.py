"""A consent (REC-04): what the customer answered when asked to be recorded, and whether he took it back.

An answer and a withdrawal are records of their own (D1). A refusal in a session takes back what was agreed to
in it before; the customer is asked again for a new consent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.errors import Conflict
from compliance.rulebook.facts import ConsentFacts


class Purpose(StrEnum):
    """What the customer is asked for."""

    RECORDING = "RECORDING"


class ConsentNotGiven(Conflict):
    """Only what was agreed to can be taken back."""

    code = "CONSENT_NOT_GIVEN"
    zh = "客户未曾同意录音录像;无需撤回。"
    en = "The customer did not agree; there is nothing to take back."


class ConsentIsWithdrawn(Conflict):
    """A consent is taken back once."""

    code = "CONSENT_WITHDRAWN"
    zh = "该同意已撤回;如需继续,请客户重新作出同意。"
    en = "This consent has been taken back already; ask the customer for a new one to go on."


@dataclass(kw_only=True)
class Withdrawal:
    """The consent was taken back, on record for good."""

    id: UUID
    consent_id: UUID
    customer_version: int
    withdrawn_by: str
    withdrawn_at: datetime


@dataclass(kw_only=True)
class Consent:
    """The customer's answer, on record for good, with the withdrawal that may follow it.

    ``customer_version`` is the version of the customer that the answer made.
    """

    id: UUID
    customer_id: UUID
    customer_version: int
    case_id: UUID
    session_id: UUID
    purpose: Purpose
    given: bool
    notice_version: str
    answered_by: str
    answered_at: datetime
    withdrawal: Withdrawal | None = None

    @property
    def version(self) -> int:
        """1, or 2 once it has been taken back."""
        return 1 if self.withdrawal is None else 2

    @property
    def withdrawn_at(self) -> datetime | None:
        """When it was taken back."""
        return None if self.withdrawal is None else self.withdrawal.withdrawn_at

    @property
    def stands(self) -> bool:
        """Whether the customer agreed and has not taken it back."""
        return self.given and self.withdrawal is None

    def must_stand(self) -> None:
        """Raises :class:`ConsentNotGiven`, :class:`ConsentIsWithdrawn`."""
        if not self.given:
            raise ConsentNotGiven
        if self.withdrawal is not None:
            raise ConsentIsWithdrawn

    def withdraw(self, withdrawal_id: UUID, *, customer_version: int, by: str, at: datetime) -> None:
        """Takes the consent back. Raises :class:`ConsentNotGiven`, :class:`ConsentIsWithdrawn`."""
        self.must_stand()
        self.withdrawal = Withdrawal(
            id=withdrawal_id,
            consent_id=self.id,
            customer_version=customer_version,
            withdrawn_by=by,
            withdrawn_at=at,
        )

    def facts(self) -> ConsentFacts:
        """What the gate may rest on."""
        return ConsentFacts(
            consent_id=self.id,
            customer_id=self.customer_id,
            session_id=self.session_id,
            given=self.given,
            at=self.answered_at,
            withdrawn_at=self.withdrawn_at,
        )


def deciding(consents: Sequence[Consent], started_at: datetime | None) -> Consent | None:
    """Of a session's consents, oldest first, the one that a recording begun at ``started_at`` rests on.

    The last answer before the recording began; else, or without a recording, the last answer of all.
    """
    before = [held for held in consents if started_at is None or held.answered_at <= started_at]
    return next(reversed(before or consents), None)
