"""What an inspection is given: the same bytes twice, signed, and every change of it found."""

import base64
import hashlib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from typer.testing import Result

from chassis.clock import SystemClock
from chassis.testing import ServiceKit
from compliance.access import Role
from compliance.evidence.domain import canonical, sha256_of
from compliance.periods.domain import legal_date
from compliance.sales import export_rows
from compliance.sales.export_files import MANIFEST, SIGNATURE, private_key
from services.compliance.tests.migrating import command, old_sale, recorded
from services.compliance.tests.registers import Json, ok, open_outlet, refusal
from services.compliance.tests.selling import LOGGED, Deal, filmed, judged, make_ready

PERIOD = ("--from", "2024-01-01", "--to", "2026-03-02")


class Desk:
    """Where exports are made: a folder, and the key that signs."""

    def __init__(self, kit: ServiceKit, folder: Path) -> None:
        self.kit, self.folder = kit, folder
        self.key = folder / "signing.pem"
        pair = Ed25519PrivateKey.generate()
        self.key.write_bytes(pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.public = folder / "public.pem"
        self.public.write_bytes(
            pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )

    async def run(self, *words: str | Path) -> Result:
        """The command line, with the key."""
        given = {"WANGDIAN_SIGNING_KEY_FILE": str(self.key)}
        return await command(self.kit, "sales", "export", *words, **given)

    async def export(self, name: str, *words: str) -> Path:
        """An export of the period that holds everything."""
        out = self.folder / name
        done = await self.run(*(words or PERIOD), "--out", out, "--by", "officer-7")
        assert done.exit_code == 0, done.output
        return out

    async def flaws(self, out: Path) -> list[str]:
        """What the verifier names, by our own key and by the public half alone."""
        own, theirs = await self.run("verify", out), await self.run("verify", out, "--key", self.public)
        assert own.output == theirs.output
        lines = own.output.splitlines()
        assert (own.exit_code, lines[-1]) == (1 if lines[:-1] else 0, f"flaws: {len(lines) - 1}")
        return lines[:-1]

    def sign_again(self, out: Path) -> None:
        """What somebody with the key could do: describe the files as they are now, and sign that."""
        manifest = json.loads((out / MANIFEST).read_bytes())
        for one in manifest["files"]:
            content = (out / one["name"]).read_bytes()
            rows = content.count(b"\n") if one["name"].endswith("l") else 1
            one |= {"rows": rows, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        written = canonical(manifest)
        (out / MANIFEST).write_bytes(written)
        signature = private_key(self.key.read_bytes()).sign(written)
        (out / SIGNATURE).write_bytes(base64.b64encode(signature) + b"\n")


@pytest.fixture
def desk(kit: ServiceKit, tmp_path: Path) -> Desk:
    return Desk(kit, tmp_path)


def lines(out: Path, name: str) -> list[Json]:
    """The rows of a file."""
    return [json.loads(line) for line in (out / f"{name}.jsonl").read_bytes().splitlines()]


def content(out: Path) -> dict[str, bytes]:
    """Every file of an export."""
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


async def sold(kit: ServiceKit) -> tuple[Deal, list[Json]]:
    """A sale of the gate, two old ones of its outlet and one of another."""
    deal = await make_ready(kit)
    rows = [
        old_sale(
            deal.outlet_id, product_code=deal.product["code"], assessed_level=2, assessed_on="2024-05-01"
        ),
        old_sale(
            deal.outlet_id, **recorded(), amount_minor=7, currency="USD", sold_at="2025-01-01T08:00:00+08:00"
        ),
        old_sale(await open_outlet(kit, "SH-0002"), sold_at="2025-01-01T07:59:59+08:00"),
    ]
    officer = kit.client("compliance_officer", subject="officer-1")
    ok(await officer.post("/v1/legacy_batches", json={"sales": rows}))
    assert await judged(deal) == LOGGED
    return deal, rows


async def test_an_export_holds_what_was_sold_and_what_it_rests_on(kit: ServiceKit, desk: Desk) -> None:
    deal, rows = await sold(kit)
    (sale,) = ok(await kit.client("auditor").get("/v1/sales"))["items"]
    out = await desk.export("a")
    assert await desk.flaws(out) == []
    found = lines(out, "sales")
    assert [(one["sale_id"], one["origin"]) for one in found] == [
        (sale["id"], "GATED"),
        (rows[0]["sale_id"], "IMPORTED"),
        (rows[2]["sale_id"], "IMPORTED"),
        (rows[1]["sale_id"], "IMPORTED"),
    ]
    assert [one["day"] for one in found] == ["2026-03-02", "2024-05-06", "2025-01-01", "2025-01-01"]
    assert found[0]["product_code"] == deal.product["code"]
    assert "decision" not in found[1]
    assert "RECORDING_NOT_GIVEN" in found[3]["gaps"]
    decision = ok(await kit.client("auditor").get(f"/v1/decisions/{sale['decision_id']}"))
    (told,) = lines(out, "decisions")
    assert (told["digest"], told["decision"]["result"]) == (decision["digest"], "passed")
    assert "inputs" not in told["decision"]
    sealed, old = lines(out, "recordings")
    assert sealed["digest"] == sha256_of(sealed["manifest"])
    assert (old["sha256"], old["origin"]) == (rows[1]["recording_sha256"], "IMPORTED")
    assert [(one["sale_id"], one["level"]) for one in lines(out, "assessments")] == [
        (sale["id"], 2),
        (rows[0]["sale_id"], 2),
    ]
    totals = json.loads((out / "totals.json").read_bytes())
    assert totals["all"] == {"count": 4, "sums": {"CNY": "11000000", "USD": "7"}}
    assert totals["by_origin"]["GATED"] == {"count": 1, "sums": {"CNY": "1000000"}}
    assert totals["by_outlet"][deal.outlet_id]["count"] == 3
    assert totals["by_day"]["2025-01-01"] == {"count": 2, "sums": {"CNY": "5000000", "USD": "7"}}
    assert totals["by_product"][deal.product["code"]]["count"] == 2
    # Opaque ids alone: not even the token's subject of anybody.
    everything = b"".join(content(out).values())
    assert deal.customer["subject"].encode() not in everything
    assert b"seller-1" not in everything


async def test_the_same_period_again_is_the_same_bytes(
    kit: ServiceKit, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal, _ = await sold(kit)
    await filmed(deal)
    assert await judged(deal) == LOGGED
    first = await desk.export("a")
    monkeypatch.setattr(export_rows, "PAGE", 1)
    second = await desk.export("b")
    assert len(lines(first, "sales")) == 5
    assert content(first) == content(second)


async def test_a_part_is_asked_for_by_period_outlet_and_product(kit: ServiceKit, desk: Desk) -> None:
    deal, rows = await sold(kit)
    day = ("--from", "2025-01-01", "--to", "2025-01-01")
    for name, words, ids in (
        ("day", day, [rows[2]["sale_id"], rows[1]["sale_id"]]),
        ("before", ("--from", "2024-01-01", "--to", "2024-12-31"), [rows[0]["sale_id"]]),
        ("outlet", (*day, "--outlet", deal.outlet_id), [rows[1]["sale_id"]]),
        ("old", (*PERIOD, "--product", "OLD-1"), [rows[2]["sale_id"], rows[1]["sale_id"]]),
        ("nothing", (*PERIOD, "--product", "NONE"), []),
    ):
        out = await desk.export(name, *words)
        assert [one["sale_id"] for one in lines(out, "sales")] == ids, name
        assert await desk.flaws(out) == []
    out = await desk.export("product", *PERIOD, "--product", deal.product["code"])
    assert [one["origin"] for one in lines(out, "sales")] == ["GATED", "IMPORTED"]


async def test_who_exported_what_is_on_record(kit: ServiceKit, desk: Desk) -> None:
    await sold(kit)
    out = await desk.export("a", "--from", "2025-01-01", "--to", "2025-01-01", "--product", "OLD-1")
    auditor = kit.client("auditor")
    (made,) = ok(await auditor.get("/v1/inspection_exports"))["items"]
    manifest = json.loads((out / MANIFEST).read_bytes())
    assert (made["exported_by"], made["sales"], made["product"]) == ("officer-7", 2, "OLD-1")
    assert (made["first_day"], made["last_day"]) == ("2025-01-01", "2025-01-01")
    assert (made["manifest"], made["public_key"]) == (sha256_of(manifest), manifest["public_key"])
    assert ok(await auditor.get(f"/v1/inspection_exports/{made['id']}"), 1) == made
    for role in set(Role) - {Role.COMPLIANCE_OFFICER, Role.AUDITOR}:
        assert refusal(await kit.client(role).get("/v1/inspection_exports")) == (403, "ACTION_FORBIDDEN")


async def test_only_what_is_over_is_exported_and_nothing_is_written_over(kit: ServiceKit, desk: Desk) -> None:
    today = legal_date(SystemClock().now())
    for first, last in ((today, today), (today, today - timedelta(days=3)), (date(2024, 1, 1), today)):
        words = ("--from", first.isoformat(), "--to", last.isoformat())
        done = await desk.run(*words, "--out", desk.folder / "x", "--by", "officer-7")
        assert (done.exit_code, "EXPORT_PERIOD_INVALID" in done.output) == (1, True)
    out = await desk.export("a")
    done = await desk.run(*PERIOD, "--out", out, "--by", "officer-7")
    assert (done.exit_code, "EXPORT_FOLDER_TAKEN" in done.output) == (1, True)
    assert sorted(path.name for path in desk.folder.iterdir()) == ["a", "public.pem", "signing.pem"]
    assert len(ok(await kit.client("auditor").get("/v1/inspection_exports"))["items"]) == 1
    assert (await desk.run(*PERIOD, "--out", desk.folder / "x")).exit_code == 2
    desk.key.write_bytes(b"no key")
    assert (await desk.run(*PERIOD, "--out", desk.folder / "x", "--by", "officer-7")).exit_code == 2


def flip(path: Path) -> None:
    """One changed byte: a digit of an amount, or the middle of the file."""
    data = bytearray(path.read_bytes())
    place = data.find(b'"amount_minor":') + 15 if b'"amount_minor":' in data else len(data) // 2
    data[place] ^= 1
    path.write_bytes(data)


async def test_every_change_is_found(kit: ServiceKit, desk: Desk) -> None:
    await sold(kit)
    out = await desk.export("a")
    whole = content(out)
    names = ["sales.jsonl", "decisions.jsonl", "recordings.jsonl", "assessments.jsonl", "totals.json"]
    for name in names:
        flip(out / name)
        assert f"{name}: altered" in await desk.flaws(out)
        (out / name).unlink()
        assert await desk.flaws(out) == [f"{name}: missing"]
        (out / name).write_bytes(whole[name])
    for name in names[:-1]:
        (out / name).write_bytes(b"".join(whole[name].splitlines(keepends=True)[:-1]))
        assert f"{name}: not_so_many_rows_as_the_manifest_says" in await desk.flaws(out)
        (out / name).write_bytes(whole[name])
    (out / "more.txt").write_text("x")
    assert await desk.flaws(out) == ["more.txt: not_in_the_manifest"]
    (out / "more.txt").unlink()
    flip(out / MANIFEST)
    assert await desk.flaws(out) == ["manifest.json: not_signed_with_this_key"]
    (out / MANIFEST).write_bytes(whole[MANIFEST])
    assert await desk.flaws(out) == []
    other = Ed25519PrivateKey.generate()
    desk.key.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    refused = await desk.run("verify", out)
    assert (refused.exit_code, refused.output.splitlines()[0]) == (
        1,
        "manifest.json: not_signed_with_this_key",
    )


async def test_who_signs_anew_what_does_not_add_up_is_found_too(kit: ServiceKit, desk: Desk) -> None:
    await sold(kit)
    out = await desk.export("a")
    whole = content(out)
    (sale, *_) = lines(out, "sales")

    async def left(name: str, changed: bytes) -> list[str]:
        for one, was in whole.items():
            (out / one).write_bytes(was)
        (out / name).write_bytes(changed)
        desk.sign_again(out)
        return await desk.flaws(out)

    assert await left("totals.json", whole["totals.json"].replace(b'"7"', b'"8"')) == [
        "totals.json: not_the_totals_of_the_sales"
    ]
    fewer = b"".join(whole["sales.jsonl"].splitlines(keepends=True)[:-1])
    assert await left("sales.jsonl", fewer) == [
        f"recordings.jsonl, sale {lines(out, 'recordings')[1]['sale_id']}: not_the_counterpart_of_its_sale",
        "totals.json: not_the_totals_of_the_sales",
    ]
    assert await left("decisions.jsonl", b"") == [
        f"decisions.jsonl, sale {sale['sale_id']}: not_the_counterpart_of_its_sale"
    ]
    recordings: list[Any] = [json.loads(line) for line in whole["recordings.jsonl"].splitlines()]
    recordings[0]["manifest"]["size"] += 1
    changed = b"".join(canonical(row) + b"\n" for row in recordings)
    assert await left("recordings.jsonl", changed) == [
        f"recordings.jsonl, sale {sale['sale_id']}: not_the_counterpart_of_its_sale"
    ]
    assert await left("sales.jsonl", b"{}\n") == ["sales.jsonl: unreadable"]
