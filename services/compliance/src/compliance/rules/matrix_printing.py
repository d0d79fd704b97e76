"""The transaction matrix as a lawyer reads it: one table, and the reasons in words below it. Pure."""

from collections.abc import Iterator
from datetime import date

from compliance.rulebook.domain import RuleRelease
from compliance.rulebook.matrix import ASKED
from compliance.rulebook.transaction_facts import TransactionKind

TITLES = {
    TransactionKind.SUBSCRIPTION: "认购 · subscription",
    TransactionKind.TOP_UP: "追加 · top-up",
    TransactionKind.CONVERSION: "转换 · conversion",
    TransactionKind.PLAN: "定投设立 · plan",
    TransactionKind.DEBIT: "定投扣款 · debit",
    TransactionKind.ROLLOVER: "续期 · rollover",
    TransactionKind.REDEMPTION: "赎回 · redemption",
    TransactionKind.SUCCESSION: "继承 · succession",
}


def printed_matrix(release: RuleRelease, on: date) -> Iterator[str]:
    """The lines of the matrix in force on a legal day; nothing where there is none."""
    matrix = release.matrix(on)
    if matrix is None:
        return
    yield from ("", "## 交易矩阵 · Which rules are asked of which transaction", "")
    recorded = "、".join(TITLES[kind] for kind in matrix.recorded)
    yield f"- 凭录音录像登记为销售 Logged as sales, with a recording: {recorded}"
    yield f"- 确认人 Confirmed by: {matrix.confirmed_by}"
    yield ""
    yield f"| | {' | '.join(TITLES.values())} |"
    yield f"|---|{'---|' * len(TITLES)}"
    given = sorted({cell for row in matrix.cells.values() for cell in row.values()} - {ASKED})
    marks = {ASKED: "✓"} | {reason: f"({number})" for number, reason in enumerate(given, 1)}
    for rule_id, row in sorted(matrix.cells.items()):
        yield f"| {rule_id} | {' | '.join(marks[row[kind]] for kind in TITLES)} |"
    yield ""
    yield "- ✓ 适用 · asked"
    for reason in given:
        words = release.terms[reason]
        yield f"- {marks[reason]} 不适用 not asked: {words.zh} · {words.en}"


def printed_matrix_changes(release: RuleRelease, first: date, second: date) -> Iterator[str]:
    """What the matrix decides otherwise on the second legal day: one line a rule and kind."""
    before, after = release.matrix(first), release.matrix(second)
    rules = sorted({rule for one in (before, after) if one is not None for rule in one.cells})
    found = []
    for rule_id in rules:
        for kind, title in TITLES.items():
            was, now = (release.not_asked(rule_id, kind, on) for on in (first, second))
            if was != now:
                found.append(f"- {rule_id}, {title}: {_cell(release, was)} → {_cell(release, now)}")
    yield from ("", f"## 交易矩阵变更 · Changes of the matrix: {len(found)}", "")
    yield from found


def _cell(release: RuleRelease, reason: str | None) -> str:
    return "✓" if reason is None else f"{release.terms[reason].zh} · {release.terms[reason].en}"
