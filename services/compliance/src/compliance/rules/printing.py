"""Rules as a lawyer reads them: Markdown in Chinese and English. Pure: a release and days in, text out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from compliance.evidence.domain import Plain
from compliance.rulebook.domain import Rule, RuleRelease, Severity, Subject, Wording
from compliance.rules.domain import Comparison, compare, rules_on
from compliance.rules.matrix_printing import printed_matrix, printed_matrix_changes

Language = Literal["zh", "en"]

SUBJECTS: Mapping[Subject, tuple[str, str]] = {
    Subject.NAME: ("产品名称", "Names of products"),
    Subject.ASSESSMENT: ("风险承受能力评估", "Assessing a customer"),
    Subject.SALE: ("销售", "The sale"),
    Subject.RETENTION: ("录音录像保存", "Keeping of recordings"),
}
SEVERITIES: Mapping[Severity, tuple[str, str]] = {
    Severity.BLOCK: ("不满足的,不予办理", "what does not satisfy it is refused"),
    Severity.HOLD: ("不满足的,暂缓办理", "what does not satisfy it is held"),
    Severity.FLAG: ("不满足的,予以标记", "what does not satisfy it is flagged"),
    Severity.SHADOW: ("仅报告,不影响办理", "reported only, without effect"),
}
MEMBERS: Mapping[str, tuple[str, str]] = {
    "effective_from": ("施行日", "holds from"),
    "effective_to": ("终止日(不含)", "holds until, without that day"),
    "subject": ("对象", "subject"),
    "severity": ("后果", "consequence"),
    "product_kinds": ("产品种类", "kinds of product"),
    "function": ("判断函数", "function"),
    "parameters": ("参数", "parameters"),
    "citations": ("依据", "sources"),
    "requirement": ("要求", "requirement"),
    "code": ("代码", "code"),
    "wording": ("提示语", "wording"),
    "presumes": ("前提", "presumes"),
    "applies_to_existing": ("适用于已有记录", "applies to existing records"),
    "confirmed_by": ("确认人", "confirmed by"),
}


def printed(release: RuleRelease, on: date) -> str:
    """The rules in force on a legal day, in Markdown: subject by subject, each with everything it says."""
    rules = rules_on(release, on)
    lines = [f"# 规则汇编 · Rules in force on {on}", "", f"版本 Release: `{release.digest}`"]
    lines += ["", f"规则数 Rules: {len(rules)}"]
    for subject, (zh, en) in {**SUBJECTS, **_others(rules)}.items():
        found = [rule for rule in rules if rule.subject is subject]
        if found:
            lines += ["", f"## {zh} · {en}"]
        for rule in found:
            lines += ["", *_rule(rule, release.terms)]
    lines += printed_matrix(release, on)
    return "\n".join(lines) + "\n"


def printed_changes(release: RuleRelease, first: date, second: date) -> str:
    """What changes between two legal days, in Markdown."""
    found: Comparison = compare(release, first, second)
    lines = [f"# 规则变化 · What changes from {first} to {second}", "", f"版本 Release: `{release.digest}`"]
    for title, rules in (("新施行 · New", found.new), ("终止 · Ended", found.ended)):
        lines += ["", f"## {title}: {len(rules)}"]
        for rule in rules:
            lines += ["", *_rule(rule, release.terms)]
    lines += ["", f"## 变更 · Changed: {len(found.changed)}"]
    for changed in found.changed:
        lines += ["", f"### {changed.after.id}", ""]
        for one in changed.changes:
            zh, en = MEMBERS[one.member]
            lines += [f"- {zh} · {en}"]
            lines += [f"  - 原 before: {_both(one.before, release.terms)}"]
            lines += [f"  - 现 after: {_both(one.after, release.terms)}"]
    lines += printed_matrix_changes(release, first, second)
    return "\n".join(lines) + "\n"


def _others(rules: Iterable[Rule]) -> dict[Subject, tuple[str, str]]:
    # A kind of judgement that has no title yet is printed all the same.
    return {rule.subject: (rule.subject.value,) * 2 for rule in rules if rule.subject not in SUBJECTS}


def _rule(rule: Rule, terms: Mapping[str, Wording]) -> Iterator[str]:
    consequence = SEVERITIES[rule.severity]
    yield f"### {rule.id} ({rule.severity})"
    yield ""
    yield rule.requirement.zh
    yield ""
    yield rule.requirement.en
    yield ""
    yield f"- 施行 In force: {_period(rule)}"
    yield f"- 后果 Consequence: {consequence[0]} · {consequence[1]}"
    kinds = "全部 · all" if rule.product_kinds is None else _both(list(rule.product_kinds), terms)
    yield f"- 产品种类 Kinds of product: {kinds}"
    if rule.parameters:
        yield "- 参数 Parameters:"
        for name, value in rule.parameters.items():
            yield from _parameter(name, value, terms)
    yield "- 依据 Sources:"
    for citation in rule.citations:
        yield f"  - {citation.text} (核对 seen: {citation.seen})"
    yield f"- 确认人 Confirmed by: {rule.confirmed_by or '未确认 · nobody yet'}"
    yield f"- 判断函数 Function: `{rule.function}`"
    yield "- 提示语 Wording:"
    for code, wording in rule.wording.items():
        yield f"  - `{code}`: {wording.zh} · {wording.en}"


def _parameter(name: str, value: Plain, terms: Mapping[str, Wording]) -> Iterator[str]:
    title = f"  - {_name(name, terms, 'zh')} · {_name(name, terms, 'en')}:"
    rows = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    if any(isinstance(row, Mapping) for row in rows):
        yield title
        for row in rows:
            yield f"    - {_both(row, terms)}"
    else:
        yield f"{title} {_both(value, terms)}"


def _period(rule: Rule) -> str:
    if rule.effective_to is None:
        return f"{rule.effective_from} 起 · from {rule.effective_from} on"
    last = rule.effective_to - timedelta(days=1)
    return f"{rule.effective_from} 至 {last}(含)· from {rule.effective_from} through {last}"


def _both(value: Plain, terms: Mapping[str, Wording]) -> str:
    zh, en = _words(value, terms, "zh"), _words(value, terms, "en")
    return zh if zh == en else f"{zh} · {en}"


def _words(value: Plain, terms: Mapping[str, Wording], language: Language) -> str:
    """A value of a parameter in words: terms where there are any, lists and members spelled out."""
    zh = language == "zh"
    match value:
        case None:
            return "无" if zh else "none"
        case bool():
            return ("是" if value else "否") if zh else ("yes" if value else "no")
        case int():
            return str(value)
        case str():
            return _of(terms[value], language) if value in terms else value
        case Mapping():
            pairs = [
                f"{_name(name, terms, language)}{':' if zh else ': '}{_words(item, terms, language)}"
                for name, item in value.items()
            ]
            return (";" if zh else "; ").join(pairs) or ("无" if zh else "none")
        case Sequence():
            inner = [_words(item, terms, language) for item in value]
            nested = any(isinstance(item, Mapping) for item in value)
            joint = " / " if nested else "、" if zh else ", "
            return joint.join(inner) or ("无" if zh else "none")
    raise TypeError(f"no words for {type(value).__name__}")


def _name(name: str, terms: Mapping[str, Wording], language: Language) -> str:
    """The name of a parameter in words: ``parameter.NAME`` of the terms, a term itself, or as it is."""
    for known in (f"parameter.{name}", name):
        if known in terms:
            return _of(terms[known], language)
    return name.replace("_", " ")


def _of(wording: Wording, language: Language) -> str:
    return wording.zh if language == "zh" else wording.en
