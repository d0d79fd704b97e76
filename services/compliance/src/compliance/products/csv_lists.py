"""A product list as CSV: a column for each field of a new product; empty is null, a flag true or false."""

import csv
import io
import re
from collections.abc import Iterator

from chassis.errors import Invalid

REQUIRED = ("code", "name", "issuer", "origin", "kind", "form", "offering")
NUMBERS = ("term_months", "issuer_risk_level", "bank_risk_level", "payment_years")
FLAGS = ("instalment", "benefit_certain")
OPTIONAL = (*NUMBERS, *FLAGS, "asset_class", "partner_id")
COLUMNS = (*REQUIRED, *OPTIONAL)
TRUTH = {"true": True, "false": False}

#: Stands for a row with more cells than columns.
TOO_LONG = object()

_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")


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


def read_csv(content: bytes) -> list[object]:
    """The rows as bodies of new products; :data:`TOO_LONG` for one with too many cells.

    Raises :class:`CsvUnreadable`, :class:`CsvColumnsInvalid`.
    """
    lines = _lines(content)
    names: list[str] = next(lines, [])
    missing = [name for name in REQUIRED if name not in names]
    odd = sorted({name for name in names if name not in COLUMNS or names.count(name) > 1})
    if missing or odd:
        raise CsvColumnsInvalid(
            missing=", ".join(missing) or "–", odd=", ".join(odd)[:200] or "–", known=", ".join(COLUMNS)
        )
    absent = dict.fromkeys(OPTIONAL)
    rows: list[object] = []
    for cells in lines:
        if len(cells) > len(names):
            rows.append(TOO_LONG)
        elif cells:
            given = zip(names, cells, strict=False)
            rows.append(absent | {name: _value(name, cell.strip()) for name, cell in given})
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


def _value(name: str, cell: str) -> str | int | bool | None:
    if name not in REQUIRED and cell == "":
        return None
    if name in FLAGS:
        return TRUTH.get(cell.lower(), cell)
    return int(cell) if name in NUMBERS and _INTEGER.fullmatch(cell) else cell
