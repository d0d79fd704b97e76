"""Rule files: what is shipped is sound, and whatever is wrong in one has a name."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
import yaml

from compliance.evidence.domain import from_plain, to_plain
from compliance.retention.periods import RetentionParameters
from compliance.retention.release import FUNCTIONS
from compliance.rulebook import loading
from compliance.rulebook.checks import SALE_CHECKS
from compliance.rulebook.domain import RuleRelease, Severity, Subject
from compliance.rulebook.loading import RulebookInvalid, load_release, stored_release
from compliance.sales.walk import FUNCTIONS as FUNCTIONS_OF_STEPS
from services.compliance.tests.unit.builders import rulebook

GATE = {
    "INT-ASSISTANCE",
    "INT-AUTHORITY",
    "INT-COMPANY",
    "INT-HOLDERS",
    "INT-INVESTOR",
    "INT-JOINT",
    "INT-PRESENTER",
    "INT-SIDES",
    "INT-TRAINING",
    "AML-01",
    "AGY-01",
    "AGY-03",
    "AGY-04",
    "AGY-05",
    "HRS-01",
    "TXN-01",
    "TXN-02",
    "TXN-03",
    "TXN-04",
    "PRD-01",
    "PRD-07",
    "PRD-08",
    "ZON-05",
    "ZON-06",
    "ZON-08",
    "ZON-09",
    "REC-01",
    "REC-02",
    "REC-04",
    "SAL-01",
    "SAL-02",
    "SUI-01",
    "SUI-02",
    "SUI-03",
    "SUI-05",
    "SUI-07",
    "SUI-04",
    "SUI-11",
    "SUI-12",
    "SAL-08",
    "SAL-10",
    "SUI-13",
    "SUI-14",
    "SUI-15",
    "SUI-16",
    "SUI-17",
    "SUI-18",
    "SUI-19",
    "SUI-21",
    "ZON-01",
    "ZON-03",
    "FEE-01",
    "FEE-02",
}
#: Whose failure holds a sale instead of refusing it.
HELD = {
    ("HRS-01", "OUTLET_NOT_OPEN"),
    ("AGY-05", "ADMISSION_PENDING"),
    ("PRD-08", "REMATCH_REQUIRED"),
    ("REC-02", "KEY_POINTS_OUTDATED"),
    ("SUI-11", "ASSESSMENT_RECONFIRMATION_PENDING"),
    ("SUI-14", "ELDERLY_SPECIAL_CARE"),
    ("SUI-16", "LARGE_AMOUNT_APPROVAL"),
    ("SUI-18", "COOLING_OFF"),
    ("SUI-21", "INSURANCE_ELDERLY_REVIEW"),
}
#: Whose failure is only reported.
FLAGGED = {"PRD-03", "AGY-04", "FEE-04", "PRI-07", "PMT-01", "SAL-03", "TXN-03", "REQ-01"}
RETENTION = {"REC-07", "REC-08", "REC-09", "REC-15", "ABN-01"}

DOCUMENT: dict[str, Any] = {
    "documents": {"D25": {"document": "指导意见", "number": "二十五号"}},
    "terms": {"ENDED": {"zh": "已终止", "en": "ended"}},
    "rules": [
        {
            "id": "PRD-01",
            "subject": "sale",
            "effective_from": date(2026, 1, 1),
            "severity": "block",
            "function": "sale.product_listed.v1",
            "parameters": {"sells": ["ON_SALE"]},
            "citations": [{"source": "D25", "article": "二(一)", "seen": "seed 002"}],
            "requirement": {"zh": "要求", "en": "requirement"},
            "code": "PRODUCT_NOT_LISTED",
            "wording": {
                "PRODUCT_NOT_LISTED": {"zh": "未登记", "en": "not listed"},
                "PRODUCT_NOT_LISTED/state": {"zh": "状态{state}", "en": "it is {state}"},
            },
            "confirmed_by": "counsel-1",
        }
    ],
}


def load(document: Any) -> RuleRelease:
    return load_release(FUNCTIONS, [yaml.safe_dump(document, allow_unicode=True)])


def test_every_rule_of_the_gate_is_shipped_and_in_force_today() -> None:
    on = date(2026, 3, 2)
    assert {rule.id for rule in rulebook().in_force(Subject.SALE, on)} == GATE
    assert {rule.id for rule in rulebook().in_force(Subject.RETENTION, on)} == RETENTION
    assert {rule.id for rule in rulebook().rules if not rule.confirmed} == {"REC-15"}
    held = {(rule.id, rule.code) for rule in rulebook().rules if rule.severity is Severity.HOLD}
    assert held == HELD
    assert {rule.id for rule in rulebook().rules if rule.severity is Severity.FLAG} == FLAGGED


def test_retention_rows_are_those_of_the_law() -> None:
    months = {
        (rule.id, row.months)
        for rule in rulebook().in_force(Subject.RETENTION, date(2026, 3, 2))
        if rule.id != "ABN-01"
        for row in from_plain(RetentionParameters, rule.parameters).rows
    }
    assert months == {("REC-07", 6), ("REC-09", 60), ("REC-09", 120), ("REC-15", 240)}


def test_citations_show_no_article_that_was_not_seen() -> None:
    shown = {rule.id: rule.citation for rule in rulebook().in_force(Subject.SALE, date(2026, 3, 2))}
    assert shown["SUI-03"] == "《金融机构产品适当性管理办法》(国家金融监督管理总局令2025年第7号)第十二条"
    assert shown["PRD-07"] == (
        "《金融机构产品适当性管理办法》(国家金融监督管理总局令2025年第7号);"
        "《商业银行理财业务监督管理办法》(银保监会令2018年第6号)"
    )
    assert shown["REC-04"].startswith("《银行业金融机构销售专区录音录像管理暂行规定》")
    assert "条" not in shown["REC-04"]


def test_a_rule_holds_from_its_first_day_to_the_day_before_its_end() -> None:
    first = date(2026, 2, 1)
    versions = {
        on: [rule.effective_from for rule in rulebook().in_force(Subject.SALE, on) if rule.id == "SUI-03"]
        for on in (date(2026, 1, 31), first)
    }
    assert versions == {date(2026, 1, 31): [date(2012, 1, 1)], first: [first]}


def test_the_digest_is_that_of_the_content() -> None:
    assert load(DOCUMENT).digest == load(DOCUMENT).digest
    other = deepcopy(DOCUMENT)
    other["rules"][0]["requirement"]["en"] = "Requirement"
    assert load(other).digest != load(DOCUMENT).digest


def test_a_stored_release_is_the_same_release() -> None:
    again = stored_release(to_plain(rulebook()), FUNCTIONS)
    assert again == rulebook()
    assert again.digest == rulebook().digest


def the_rule(document: dict[str, Any]) -> dict[str, Any]:
    rule: dict[str, Any] = document["rules"][0]
    return rule


def twice(document: dict[str, Any], **changes: object) -> None:
    document["rules"].append({**deepcopy(the_rule(document)), **changes})


def test_a_rule_may_say_something_about_two_subjects_from_one_day_on() -> None:
    document, on = deepcopy(DOCUMENT), date(2026, 1, 1)
    other = {"subject": "product_name", "function": "product.name_sober.v1", "parameters": {"terms": []}}
    words = {"zh": "名称不当", "en": "the name is unfit"}
    code = {"code": "PRODUCT_NAME_BANNED_TERM", "wording": {"PRODUCT_NAME_BANNED_TERM": words}}
    twice(document, **other, **code)
    release = load(document)
    assert {release.find("PRD-01", on, subject).subject for subject in (Subject.SALE, Subject.NAME)} == {
        Subject.SALE,
        Subject.NAME,
    }
    assert len(release.in_force(Subject.SALE, on)) == 1


def circle(document: dict[str, Any]) -> None:
    the_rule(document)["presumes"] = {"PRD-07": ["product"]}
    twice(document, id="PRD-07", presumes={"PRD-01": ["product"]})


WRONG: dict[str, tuple[type[RulebookInvalid], Callable[[dict[str, Any]], object]]] = {
    "same days": (loading.RuleOverlap, lambda d: twice(d, effective_from=date(2027, 1, 1))),
    "same start": (loading.RuleOverlap, twice),
    "ends before it begins": (
        loading.RuleOverlap,
        lambda d: the_rule(d).update(effective_to=date(2026, 1, 1)),
    ),
    "no citation": (loading.CitationMissing, lambda d: the_rule(d).update(citations=[])),
    "unknown source": (
        loading.CitationMissing,
        lambda d: the_rule(d)["citations"][0].update(source="D26"),
    ),
    "nameless source": (loading.CitationMissing, lambda d: d["documents"]["D25"].update(document=" ")),
    "article from memory": (
        loading.CitationUnverified,
        lambda d: the_rule(d)["citations"][0].update(seen="U"),
    ),
    "article not seen": (
        loading.CitationUnverified,
        lambda d: the_rule(d)["citations"][0].update(seen="L2 [P09]; n.v."),
    ),
    "nobody saw it": (loading.CitationUnverified, lambda d: the_rule(d)["citations"][0].update(seen="")),
    "unknown function": (
        loading.FunctionUnknown,
        lambda d: the_rule(d).update(function="sale.product_listed.v9"),
    ),
    "function of another subject": (
        loading.FunctionUnknown,
        lambda d: the_rule(d).update(subject="retention"),
    ),
    "wrong parameters": (
        loading.ParametersInvalid,
        lambda d: the_rule(d).update(parameters={"sells": ["NEVER"]}),
    ),
    "no parameters": (loading.ParametersInvalid, lambda d: the_rule(d).update(parameters={})),
    "code without text": (
        loading.WordingIncomplete,
        lambda d: the_rule(d)["wording"].pop("PRODUCT_NOT_LISTED"),
    ),
    "text without code": (
        loading.WordingIncomplete,
        lambda d: the_rule(d)["wording"].update(OTHER={"zh": "x", "en": "x"}),
    ),
    "empty text": (
        loading.WordingIncomplete,
        lambda d: the_rule(d)["wording"]["PRODUCT_NOT_LISTED"].update(zh=" "),
    ),
    "unknown detail": (
        loading.WordingIncomplete,
        lambda d: the_rule(d)["wording"]["PRODUCT_NOT_LISTED"].update(en="it is {state}"),
    ),
    "broken text": (
        loading.WordingIncomplete,
        lambda d: the_rule(d)["wording"]["PRODUCT_NOT_LISTED"].update(en="it is {state"),
    ),
    "unconfirmed without text": (
        loading.WordingIncomplete,
        lambda d: the_rule(d).update(confirmed_by=None),
    ),
    "presumes a stranger": (
        loading.PresumptionInvalid,
        lambda d: the_rule(d).update(presumes={"PRD-99": ["product"]}),
    ),
    "in a circle": (loading.PresumptionInvalid, circle),
    "no severity": (loading.RuleUnreadable, lambda d: the_rule(d).pop("severity")),
    "unknown severity": (loading.RuleUnreadable, lambda d: the_rule(d).update(severity="warn")),
    "unknown member": (loading.RuleUnreadable, lambda d: the_rule(d).update(colour="red")),
    "no date": (loading.RuleUnreadable, lambda d: the_rule(d).update(effective_from="soon")),
    "no rule": (loading.RuleUnreadable, lambda d: d["rules"].append("PRD-02")),
    "rules are no list": (loading.RuleUnreadable, lambda d: d.update(rules=5)),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_named(case: str) -> None:
    error, spoil = WRONG[case]
    document = deepcopy(DOCUMENT)
    spoil(document)
    with pytest.raises(error):
        load(document)


@pytest.mark.parametrize("text", ["rules: [", "- a", "5", ""])
def test_what_is_no_rule_file_is_named(text: str) -> None:
    with pytest.raises(loading.RuleUnreadable):
        load_release(FUNCTIONS, [text])


def test_a_rule_has_a_limb_for_each_severity() -> None:
    on = date(2026, 3, 2)
    limbs = [rule for rule in rulebook().in_force(Subject.SALE, on) if rule.id == "SUI-16"]
    assert [(rule.code, rule.severity) for rule in limbs] == [
        ("HIGH_RISK_OFF_OUTLET", Severity.BLOCK),
        ("LARGE_AMOUNT_APPROVAL", Severity.HOLD),
    ]
    for limb in limbs:
        assert rulebook().find("SUI-16", limb.effective_from, code=limb.code) is limb
    with pytest.raises(KeyError):
        rulebook().find("SUI-16", limbs[0].effective_from, code="OTHER")


def test_the_sound_file_loads() -> None:
    (rule,) = load(DOCUMENT).rules
    assert (rule.id, rule.effective_to, rule.product_kinds, rule.presumes) == ("PRD-01", None, None, {})


def test_every_rule_of_the_gate_belongs_to_one_step_of_the_case() -> None:
    """Whoever adds a function says at which step a seller repairs its failure: ``sales/walk.py``."""
    named = [name for functions in FUNCTIONS_OF_STEPS.values() for name in functions]
    assert sorted(named) == sorted({name.rsplit(".", 1)[0] for name in SALE_CHECKS})
