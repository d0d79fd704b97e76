"""Personal fields (PRI-09, PRI-10): what they may hold, how they are masked, who may see them for what.

Fields of the high grade, and the fields of many customers in a day, are revealed only under a second person's
grant, which ends by itself. Nothing here holds a key: what is sealed is opened elsewhere, behind the record.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.errors import Forbidden, Invalid, Unavailable

#: PRI-10: reveals of more customers than this on one legal day need a grant for many.
CUSTOMERS_A_DAY = 50
GRANT_HOURS_MAX = 72

#: Masks are ours: the standard's own patterns were not seen.
SHOWN_OF_NAME, SHOWN_OF_NUMBER = 1, 4
_NUMBER_LENGTH_SHOWN = 8
_MASKED_DATE, _MASKED_TEXT = "****-**-**", "****"

_PHONE = re.compile(r"\+?[0-9]{5,20}")
_IDENTITY = re.compile(r"[A-Z0-9]{5,32}")
_HOME_PREFIX, _HOME_LENGTH = "86", 13


class PersonalField(StrEnum):
    """One personal field of a customer."""

    NAME = "NAME"
    IDENTITY_TYPE = "IDENTITY_TYPE"
    IDENTITY_NUMBER = "IDENTITY_NUMBER"
    IDENTITY_EXPIRES_ON = "IDENTITY_EXPIRES_ON"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    BIRTH_DATE = "BIRTH_DATE"


class IdentityType(StrEnum):
    """The kind of identity document."""

    RESIDENT_ID = "RESIDENT_ID"
    PASSPORT = "PASSPORT"
    TRAVEL_PERMIT = "TRAVEL_PERMIT"
    FOREIGN_RESIDENT = "FOREIGN_RESIDENT"
    OTHER = "OTHER"


#: PRI-10: fields that a second person grants each time.
HIGH_GRADE = frozenset({PersonalField.IDENTITY_NUMBER, PersonalField.BIRTH_DATE})
#: Fields by which a customer can be found, exactly.
SEARCHED = frozenset({PersonalField.IDENTITY_NUMBER, PersonalField.PHONE})
DATES = frozenset({PersonalField.IDENTITY_EXPIRES_ON, PersonalField.BIRTH_DATE})


class UsePurpose(StrEnum):
    """What personal fields are looked at for."""

    ADVICE = "ADVICE"
    CONTACT = "CONTACT"
    COMPLAINT = "COMPLAINT"
    AUTHORITY = "AUTHORITY"
    DATA_REQUEST = "DATA_REQUEST"


#: PRI-09: which role may look for which purpose.
PURPOSES: Mapping[str, frozenset[UsePurpose]] = {
    "seller": frozenset({UsePurpose.ADVICE, UsePurpose.CONTACT}),
    "complaint_handler": frozenset({UsePurpose.COMPLAINT, UsePurpose.CONTACT}),
    "compliance_officer": frozenset({UsePurpose.COMPLAINT, UsePurpose.AUTHORITY, UsePurpose.DATA_REQUEST}),
    "integration": frozenset({UsePurpose.CONTACT}),
    "customer": frozenset({UsePurpose.DATA_REQUEST}),
}


class AccessKind(StrEnum):
    """How personal data were used."""

    REVEAL = "REVEAL"
    SEARCH = "SEARCH"
    COPY = "COPY"
    PROFILE = "PROFILE"


class PersonalFieldInvalid(Invalid):
    """A field cannot hold what was given; the value is not repeated."""

    code = "PERSONAL_FIELD_INVALID"
    zh = "个人信息字段 {field} 的内容不符合要求;请核对证件后重新填写。"
    en = "The personal field {field} cannot hold what was given; check the document and enter it again."


class PurposeNotAllowed(Forbidden):
    """PRI-09."""

    code = "PII_PURPOSE_NOT_ALLOWED"
    zh = "您的岗位不得以 {purpose} 为目的查看个人信息;请由相应岗位办理。"
    en = "Your role may not look at personal data for {purpose}; leave it to the role that may."


class GrantMissing(Forbidden):
    """PRI-10: a second person has not granted this."""

    code = "PII_GRANT_MISSING"
    zh = "查看 {fields} 须先由合规人员授权,且授权尚在有效期内;请申请授权。"
    en = "To see {fields} a compliance officer has to grant it first, for a limited time; ask for the grant."


class GrantToOneself(Forbidden):
    """PRI-10: the second person is another one."""

    code = "PII_GRANT_TO_ONESELF"
    zh = "不得为本人授权;请由另一名合规人员授权。"
    en = "Nobody grants himself; ask another compliance officer."


class AccessUnlogged(Unavailable):
    """PRI-10: without its record nothing is shown."""

    code = "PII_ACCESS_UNLOGGED"
    zh = "本次查看无法留痕,故不予显示个人信息;请稍后重试并报告管理员。"
    en = "The access could not be recorded, so nothing is shown; try again later, and tell the operator."


@dataclass(kw_only=True)
class Access:
    """One use of personal data, on record for good. ``customer_id`` None: a search that found nobody."""

    id: UUID
    kind: AccessKind
    customer_id: UUID | None
    accessed_by: str
    purpose: UsePurpose
    matter_id: str | None
    fields: tuple[PersonalField, ...]
    grant_id: UUID | None
    accessed_at: datetime


@dataclass(kw_only=True)
class Grant:
    """A second person lets ``grantee`` see ``fields`` for a purpose until ``expires_at``, exclusive.

    ``customer_id`` None: of many customers.
    """

    id: UUID
    grantee: str
    customer_id: UUID | None
    fields: tuple[PersonalField, ...]
    purpose: UsePurpose
    granted_by: str
    granted_at: datetime
    expires_at: datetime

    def covers(self, fields: Collection[PersonalField], purpose: UsePurpose) -> bool:
        """Whether it lets these fields be seen for this purpose while it runs."""
        return self.purpose is purpose and set(fields) <= set(self.fields)


def grant(
    grant_id: UUID,
    *,
    grantee: str,
    customer_id: UUID | None,
    fields: Collection[PersonalField],
    purpose: UsePurpose,
    hours: int,
    by: str,
    at: datetime,
) -> Grant:
    """A grant for ``hours`` from now. Raises :class:`GrantToOneself`."""
    if grantee == by:
        raise GrantToOneself(pointer="/grantee")
    return Grant(
        id=grant_id,
        grantee=grantee,
        customer_id=customer_id,
        fields=tuple(sorted(set(fields))),
        purpose=purpose,
        granted_by=by,
        granted_at=at,
        expires_at=at + timedelta(hours=hours),
    )


def check_purpose(roles: Iterable[str], purpose: UsePurpose) -> None:
    """PRI-09: raises :class:`PurposeNotAllowed` unless one of the roles may look for the purpose."""
    if not any(purpose in PURPOSES.get(role, ()) for role in roles):
        raise PurposeNotAllowed(purpose=purpose.value)


def cleaned(field: PersonalField, text: str, today: date) -> str:
    """The value as it is kept: one width, no ornaments in numbers. Raises :class:`PersonalFieldInvalid`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if field is PersonalField.PHONE:
        plain = re.sub(r"[\s()-]", "", plain)
        fit = _PHONE.fullmatch(plain) is not None
    elif field is PersonalField.IDENTITY_NUMBER:
        plain = re.sub(r"[\s-]", "", plain).upper()
        fit = _IDENTITY.fullmatch(plain) is not None
    elif field is PersonalField.IDENTITY_TYPE:
        fit = plain in set(IdentityType)
    elif field in DATES:
        fit = _is_date(plain) and (field is not PersonalField.BIRTH_DATE or plain <= today.isoformat())
    else:
        fit = plain != "" and "\0" not in plain
    if not fit:
        raise PersonalFieldInvalid(field=field.value, pointer=f"/{field.value.lower()}")
    return plain


def searched(field: PersonalField, kept: str) -> str:
    """What of a kept value a search compares: a phone number without the country's own prefix."""
    if field is not PersonalField.PHONE:
        return kept
    digits = kept.removeprefix("+").removeprefix("00")
    home = digits.startswith(_HOME_PREFIX) and len(digits) == _HOME_LENGTH
    return digits.removeprefix(_HOME_PREFIX) if home else digits


def masked(field: PersonalField, kept: str) -> str:
    """PRI-09: what is shown by default: the first sign of a name, the last four of a number."""
    if field is PersonalField.IDENTITY_TYPE:
        return kept
    if field in DATES:
        return _MASKED_DATE
    if field is PersonalField.NAME:
        shown = kept[:SHOWN_OF_NAME] if len(kept) > SHOWN_OF_NAME else ""
        return shown + "*" * (len(kept) - len(shown))
    if field in SEARCHED and len(kept) > _NUMBER_LENGTH_SHOWN:
        return "*" * (len(kept) - SHOWN_OF_NUMBER) + kept[-SHOWN_OF_NUMBER:]
    return _MASKED_TEXT


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
