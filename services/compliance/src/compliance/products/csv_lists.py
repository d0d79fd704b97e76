"""A list as CSV: a column for each field of a row; empty is null, a flag true or false."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from chassis.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns of a list by what their cells are; ``required`` ones are texts, unless they are numbers."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Every column that there may be."""
        return (*self.required, *self.optional)


PRODUCT_NUMBERS = ("term_months", "issuer_risk_level", "bank_risk_level", "payment_years")
PRODUCT_FLAGS = ("instalment", "benefit_certain")

#: A column for each field of a new product.
PRODUCT_COLUMNS = Columns(
    required=("code", "name", "issuer", "origin", "kind", "form", "offering"),
    optional=(*PRODUCT_NUMBERS, *PRODUCT_FLAGS, "asset_class", "partner_id"),
    numbers=PRODUCT_NUMBERS,
    flags=PRODUCT_FLAGS,
)
TRUTH = {"true": True, "false": False}

#: Stands for a row with more cells than columns.
TOO_LONG = object()

_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")


class CsvUnreadable(Invalid):
    """Bytes that are no CSV."""

    code = "CSV_UNREADABLE"
    zh = "无法读取 CSV 文件(第 {line} 行);请以 UTF-8 编码、逗号分隔、双引号括起的标准格式保存后重新提交。"
    en = "The CSV cannot be read (line {line}); save it as UTF-8 with commas and double quotes."


class CsvColumnsInvalid(Invalid):
    """The first line names the columns."""

    code = "CSV_COLUMNS_INVALID"
    zh = "CSV 首行的列名不符(缺少:{missing};不认识或重复:{odd});可用列名为 {known}。"
    en = "The columns do not fit (missing: {missing}; unknown or twice: {odd}); use those of {known}."


class CsvRowTooLong(Invalid):
    """A row has more cells than the first line names."""

    code = "CSV_ROW_TOO_LONG"
    zh = "单元格多于首行的列数;请核对逗号和引号。"
    en = "There are more cells than columns; check commas and quotes."


def columns_of(content: bytes) -> list[str]:
    """The names in the first line. Raises :class:`CsvUnreadable`."""
    return next(_lines(content), [])


def read_csv(content: bytes, columns: Columns) -> list[object]:
    """The rows as objects with a member for each column; :data:`TOO_LONG` for one with too many cells.

    Raises :class:`CsvUnreadable`, :class:`CsvColumnsInvalid`.
    """
    lines = _lines(content)
    names: list[str] = next(lines, [])
    missing = [name for name in columns.required if name not in names]
    odd = sorted({name for name in names if name not in columns.known or names.count(name) > 1})
    if missing or odd:
        raise CsvColumnsInvalid(
            missing=", ".join(missing) or "–", odd=", ".join(odd)[:200] or "–", known=", ".join(columns.known)
        )
    absent = dict.fromkeys(columns.optional)
    rows: list[object] = []
    for cells in lines:
        if len(cells) > len(names):
            rows.append(TOO_LONG)
        elif cells:
            given = zip(names, cells, strict=False)
            rows.append(absent | {name: _value(name, cell.strip(), columns) for name, cell in given})
    return rows


def _lines(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise CsvUnreadable(line=content[: wrong.start].count(b"\n") + 1) from wrong
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            yield [cell.strip() for cell in cells]
    except csv.Error as wrong:
        raise CsvUnreadable(line=reader.line_num) from wrong


def _value(name: str, cell: str, columns: Columns) -> str | int | bool | None:
    if name not in columns.required and cell == "":
        return None
    if name in columns.flags:
        return TRUTH.get(cell.lower(), cell)
    return int(cell) if name in columns.numbers and _INTEGER.fullmatch(cell) else cell
