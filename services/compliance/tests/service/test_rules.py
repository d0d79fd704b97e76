"""The rulebook looked at: printed for people, compared between two days, by REST and on the command line."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from chassis.cli import command_line
from chassis.testing import ServiceKit
from compliance.retention.release import shipped_release
from compliance.rulebook.domain import Rule, Severity
from compliance.rules.domain import changes_of, compare
from compliance.service import service
from services.compliance.tests.registers import ok

BEFORE, AFTER = date(2026, 1, 31), date(2026, 2, 1)


def sections(text: str) -> dict[str, str]:
    """What the print-out says of each rule, by id; of an id that several subjects have, everything."""
    found: dict[str, str] = {}
    for part in text.split("\n### ")[1:]:
        name = part.split(" ", 1)[0]
        found[name] = found.get(name, "") + part
    return found


async def test_the_print_out_says_everything_of_each_rule(kit: ServiceKit) -> None:
    response = await kit.client("auditor").get("/v1/rules/print", params={"on": "2026-03-02"})
    assert response.headers["content-type"] == "text/markdown; charset=utf-8"
    told, release = sections(response.text), shipped_release()
    assert f"`{release.digest}`" in response.text
    rules = [rule for rule in release.rules if rule.in_force(date(2026, 3, 2))]
    assert told.keys() == {rule.id for rule in rules}
    for rule in rules:
        section = told[rule.id]
        for needed in (rule.requirement.zh, rule.requirement.en, f"({rule.severity})", rule.function):
            assert needed in section
        assert str(rule.effective_from) in section
        assert (rule.confirmed_by or "未确认 · nobody yet") in section
        for citation in rule.citations:
            assert f"{citation.text} (核对 seen: {citation.seen})" in section
        for code, wording in rule.wording.items():
            assert f"`{code}`: {wording.zh} · {wording.en}" in section


async def test_parameters_are_printed_in_words(kit: ServiceKit) -> None:
    told = sections((await kit.client("auditor").get("/v1/rules/print?on=2026-03-02")).text)
    assert "月数 · months: 12" in told["SUI-12"]
    assert "可销售状态 · states that sell: 在售 · on sale" in told["PRD-01"]
    assert "国债:理财产品、国债" in told["SAL-01"]
    assert "government bonds: wealth products, government bonds" in told["SAL-01"]
    assert "    - 用语:保本;问题:误导;除外:环保本、医保本 · wording: 保本; flaw: misleading" in told["PRD-04"]


async def test_a_rule_that_ends_is_printed_through_its_last_day(kit: ServiceKit) -> None:
    auditor = kit.client("auditor")
    first = sections((await auditor.get(f"/v1/rules/print?on={BEFORE}")).text)
    assert "2012-01-01 至 2026-01-31(含)· from 2012-01-01 through 2026-01-31" in first["SUI-03"]
    assert "SUI-12" not in first
    second = sections((await auditor.get(f"/v1/rules/print?on={AFTER}")).text)
    assert "2026-02-01 起 · from 2026-02-01 on" in second["SUI-03"]
    today = (await auditor.get("/v1/rules/print")).text
    assert today.startswith("# 规则汇编 · Rules in force on 2026-03-02\n")


async def test_what_changes_between_two_days(kit: ServiceKit) -> None:
    auditor = kit.client("auditor")
    found = ok(await auditor.get("/v1/rules/diff", params={"from": str(BEFORE), "to": str(AFTER)}))
    assert (found["first"], found["second"]) == (str(BEFORE), str(AFTER))
    assert {"SUI-10", "SUI-12"} <= {rule["id"] for rule in found["new"]}
    assert found["ended"] == []
    changed = {rule["id"]: rule for rule in found["changed"]}
    assert {"PRD-07", "SUI-03"} <= changed.keys()
    assert changed["SUI-03"]["before"]["effective_from"] == "2012-01-01"
    assert changed["SUI-03"]["after"]["effective_from"] == "2026-02-01"
    members = {one["member"]: one for one in changed["SUI-03"]["changes"]}
    assert members["effective_from"]["after"] == "2026-02-01"
    assert members["citations"]["after"][0]["number"] == "国家金融监督管理总局令2025年第7号"
    assert "wording" not in members
    back = ok(await auditor.get("/v1/rules/diff", params={"from": str(AFTER), "to": str(BEFORE)}))
    assert {rule["id"] for rule in back["ended"]} == {rule["id"] for rule in found["new"]}
    same = ok(await auditor.get("/v1/rules/diff", params={"from": str(AFTER), "to": str(AFTER)}))
    assert (same["new"], same["ended"], same["changed"]) == ([], [], [])
    assert (await auditor.get("/v1/rules/diff", params={"from": str(AFTER)})).status_code == 422


def test_a_change_names_what_differs_and_nothing_else() -> None:
    release = shipped_release()
    (old, now) = (release.find("SUI-03", day) for day in (date(2012, 1, 1), date(2026, 2, 1)))
    assert {"effective_from", "effective_to", "citations"} <= {one.member for one in changes_of(old, now)}
    (change,) = changes_of(now, replace(now, severity=Severity.FLAG))
    assert (change.member, change.before, change.after) == ("severity", now.severity, "flag")
    wording = {**now.wording, now.code: replace(now.wording[now.code], en="Otherwise")}
    (change,) = changes_of(now, replace(now, wording=wording))
    assert change.after == {now.code: {"zh": now.wording[now.code].zh, "en": "Otherwise"}}
    assert changes_of(now, now) == ()


@pytest.mark.parametrize("days", [1, 400, 4000])
def test_a_comparison_accounts_for_every_rule(days: int) -> None:
    release, second = shipped_release(), date(2026, 3, 2)
    first = second - timedelta(days=days)
    found = compare(release, first, second)
    before = {limb(rule) for rule in release.rules if rule.in_force(first)}
    after = {limb(rule) for rule in release.rules if rule.in_force(second)}
    assert {limb(rule) for rule in found.new} == after - before
    assert {limb(rule) for rule in found.ended} == before - after
    assert {limb(one.after) for one in found.changed} <= before & after


def limb(rule: Rule) -> tuple[str, str, str]:
    """What tells one entry from another on a day: a rule may judge several subjects, and have limbs."""
    return rule.id, rule.subject, rule.code


def test_a_change_in_one_limb_of_a_rule_is_shown() -> None:
    release, day = shipped_release(), date(2026, 3, 2)
    limbs = [rule for rule in release.rules if rule.id == "SUI-16" and rule.in_force(day)]
    assert len(limbs) == 2
    for old in limbs:
        ended = replace(old, effective_to=day)
        later = replace(old, effective_from=day, confirmed_by="somebody else")
        rules: list[Rule] = []
        for rule in release.rules:
            rules += [ended, later] if rule is old else [rule]
        changed = compare(replace(release, rules=tuple(rules)), day - timedelta(days=1), day).changed
        assert [(one.before, one.after) for one in changed] == [(ended, later)]


def test_the_command_line_prints_and_compares_without_a_database() -> None:
    runner, app = CliRunner(), command_line(service)
    printed = runner.invoke(app, ["rules", "print", "--on", "2026-03-02"])
    assert printed.exit_code == 0
    assert "### SUI-12 (block)" in printed.output
    assert runner.invoke(app, ["rules", "print"]).output.startswith("# 规则汇编")
    changes = runner.invoke(app, ["rules", "diff", str(BEFORE), str(AFTER)])
    assert changes.output.startswith(f"# 规则变化 · What changes from {BEFORE} to {AFTER}\n")
    assert "### SUI-12 (block)" in changes.output
    assert "- 施行日 · holds from\n  - 原 before: 2012-01-01\n  - 现 after: 2026-02-01" in changes.output
    assert runner.invoke(app, ["rules", "diff", "2026-02-30", str(AFTER)]).exit_code == 2
