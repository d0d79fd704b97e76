"""A list of old sales: what a row holds, how it is read, and what is wrong with it by itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, ValidationError
from pydantic_core import from_json

from chassis.errors import Fault, Invalid, ManyFaults, ServiceError
from chassis.http.credentials import is_credential
from chassis.http.models import Input
from chassis.http.refusals import C3DataRejected, MalformedJson
from chassis.http.wording import FIELD_ERRORS_MAX, field_error
from compliance.legacy_records.domain import FileFormat
from compliance.periods.domain import legal_date
from compliance.products.csv_lists import TOO_LONG, Columns, CsvRowTooLong, columns_of, read_csv
from compliance.rulebook.facts import ProductForm, ProductKind

#: As many as one transaction takes, every one with its keeping.
FILE_ROWS_MAX = 2_000
FILE_BYTES_MAX = 8 << 20
AMOUNT_MAX = 10**15 - 1

Day = date | None
Code = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]
FileName = Annotated[str, Field(max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class OldSale(Input):
    """A sale as an old system knows it: opaque ids, no name, no number of a person.

    ``sale_id`` is the id by which the bank's systems know the sale: pay-outs and complaints name it. The
    recording's id, digest and instant come together, as do level and day of the assessment. A day of the
    contract's end or of its final pay-out is a claim, told to us with the import.
    """

    sale_id: UUID
    outlet_id: UUID
    customer_id: UUID
    product_code: Code
    kind: ProductKind
    form: ProductForm
    amount_minor: Annotated[int, Field(gt=0, le=AMOUNT_MAX)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    sold_at: datetime
    seller_id: UUID | None = None
    term_months: Annotated[int, Field(ge=1, le=1200)] | None = None
    contract_end_on: Day = None
    final_payout_on: Day = None
    assessed_level: Annotated[int, Field(ge=1, le=5)] | None = None
    assessed_on: Day = None
    recording_id: UUID | None = None
    recording_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    recorded_at: datetime | None = None
    recording_file: FileName | None = Field(None, description="name of the file beside the list")

    @property
    def recording(self) -> tuple[UUID, UUID, str | None, datetime | None]:
        """What every row about one recording says alike."""
        return self.outlet_id, self.customer_id, self.recording_sha256, self.recorded_at


NUMBERS = ("amount_minor", "term_months", "assessed_level")
COLUMNS = Columns(
    required=tuple(name for name, field in OldSale.model_fields.items() if field.is_required()),
    optional=tuple(name for name, field in OldSale.model_fields.items() if not field.is_required()),
    numbers=NUMBERS,
)


class LegacyListInvalid(Invalid):
    """No list of rows, or too long a one."""

    code = "LEGACY_LIST_INVALID"
    zh = "文件应为 1 至 {limit} 行历史销售(JSON 为 sales 数组);请拆分或更正后重新导入。"
    en = "Give a list of 1 to {limit} old sales (in JSON the array sales); part or correct the file."


class LegacyImportRefused(ManyFaults):
    """All of a list is imported, or nothing."""

    code = "LEGACY_IMPORT_REFUSED"
    zh = "清单有 {count} 处不符,未导入任何历史销售;请按逐条说明更正后重新导入。"
    en = "The list has {count} errors, nothing was imported; correct what is named and import it again."


class LegacyRowIncomplete(Invalid):
    """Things that come together or not at all."""

    code = "LEGACY_ROW_INCOMPLETE"
    zh = "{zh_what}只填写了一部分;请全部填写或全部留空。"
    en = "Only a part of {en_what} is given; give all of it or nothing."


class LegacyDayImpossible(Invalid):
    """A day that cannot be true of this sale."""

    code = "LEGACY_DAY_IMPOSSIBLE"
    zh = "该日期早于销售日或晚于今天;请按原系统更正。"
    en = "The day lies before the sale or in the future; correct it by the old system."


@dataclass(frozen=True, kw_only=True)
class OldSales:
    """A list that was read: the rows of good shape by number (from 0), and what is wrong with the others."""

    sha256: str
    format: FileFormat
    rows: dict[int, OldSale]
    faults: tuple[Fault, ...]


def read_list(content: bytes, format_: FileFormat, rows_max: int) -> OldSales:
    """Reads a list to its end.

    Raises ``MalformedJson``, ``CsvUnreadable``, ``CsvColumnsInvalid``, :class:`LegacyListInvalid`, and
    ``C3DataRejected`` where a field would hold a credential (PRI-08).
    """
    given = _csv(content) if format_ is FileFormat.CSV else _json(content)
    if not isinstance(given, list) or not 0 < len(given) <= rows_max:
        raise LegacyListInvalid(limit=rows_max)
    rows: dict[int, OldSale] = {}
    faults = tuple(fault for number, row in enumerate(given) for fault in _read(number, row, rows))
    return OldSales(sha256=hashlib.sha256(content).hexdigest(), format=format_, rows=rows, faults=faults)


def wrong_by_itself(row: OldSale, now: datetime) -> Iterator[ServiceError]:
    """What cannot be true of a row, whatever else is known."""
    recording = (row.recording_id, row.recording_sha256, row.recorded_at)
    whole = [one is not None for one in recording]
    if (any(whole) and not all(whole)) or (row.recording_file is not None and not any(whole)):
        yield LegacyRowIncomplete(
            pointer="/recording_id",
            zh_what="录音录像编号、摘要和时刻",
            en_what="id, digest and instant of the recording",
        )
    if (row.assessed_level is None) != (row.assessed_on is None):
        yield LegacyRowIncomplete(
            pointer="/assessed_level", zh_what="评估等级和日期", en_what="level and day of the assessment"
        )
    sold, today = legal_date(row.sold_at), legal_date(now)
    for name in ("contract_end_on", "final_payout_on"):
        day = getattr(row, name)
        if day is not None and not sold <= day <= today:
            yield LegacyDayImpossible(pointer=f"/{name}")
    if row.recorded_at is not None and row.recorded_at > now:
        yield LegacyDayImpossible(pointer="/recorded_at")


def at_row(number: int, wrong: ServiceError) -> Fault:
    """What is wrong with a field of a row (from 0), said with its row (from 1)."""
    return _told(number, Fault(wrong.pointer or "", wrong.code, wrong.messages))


def in_order(faults: list[Fault]) -> list[Fault]:
    """Faults by their rows."""
    return sorted(faults, key=lambda fault: int(fault.pointer.split("/")[2]))


def _told(number: int, fault: Fault) -> Fault:
    field = fault.pointer.removeprefix("/")
    place = {"zh-CN": f"第 {number + 1} 行 {field}:", "en": f"Row {number + 1}, {field}: "}
    if not field:
        place = {"zh-CN": f"第 {number + 1} 行:", "en": f"Row {number + 1}: "}
    messages = {language: f"{place[language]}{text}" for language, text in fault.messages.items()}
    return Fault(f"/sales/{number}{fault.pointer}", fault.code, messages)


def _csv(content: bytes) -> Any:
    if any(is_credential(name) for name in columns_of(content)):
        raise C3DataRejected
    return read_csv(content, COLUMNS)


def _json(content: bytes) -> Any:
    try:
        body = from_json(content, allow_inf_nan=False)
    except ValueError as wrong:
        raise MalformedJson(position=0) from wrong
    if not isinstance(body, dict) or body.keys() - {"sales"}:
        if isinstance(body, dict) and any(is_credential(name) for name in body):
            raise C3DataRejected
        return None
    return body.get("sales")


def _read(number: int, row: Any, rows: dict[int, OldSale]) -> Iterator[Fault]:
    if row is TOO_LONG:
        yield at_row(number, CsvRowTooLong())
        return
    try:
        rows[number] = OldSale.model_validate(row)
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False)
        if any(one["type"] == "extra_forbidden" and is_credential(str(one["loc"][-1])) for one in errors):
            raise C3DataRejected from wrong
        for item in errors[:FIELD_ERRORS_MAX]:
            told = field_error({**item, "loc": ("body", *item["loc"])}, row)
            yield _told(number, Fault(told["pointer"], told["code"], told["messages"]))
