"""PRI-08: what proves who somebody is does not enter, whatever it is called, and is shown to nobody."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from chassis.http.credentials import ENDINGS, NAMES, is_credential
from chassis.testing import Caller
from libs.chassis.tests.http.conftest import Rows, a_note

SECRET = "8f3k-2210-x"
CALLED = "password Login_Password PIN cvv2 CVN-2 sms-code 支付密码 短信验证码 voiceprint".split()


@pytest.mark.parametrize("name", CALLED)
async def test_a_credential_is_refused_and_told_to_nobody(teller: Caller, rows: Rows, name: str) -> None:
    with capture_logs() as lines:
        answers = [
            await teller.post("/v1/notes", json=a_note(**{name: SECRET})),
            await teller.get("/v1/notes", params={name: SECRET}),
        ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (422, "C3_DATA_REJECTED")
        assert SECRET not in answer.text
        assert len(answer.json()["errors"]) == 1
    assert SECRET not in json.dumps(lines, default=str)
    assert (await rows("notes"), await rows("idempotency")) == (0, 0)


@pytest.mark.parametrize("name", ["pinned", "track_record", "nickname", "password_policy", "编码"])
async def test_another_unknown_field_is_what_it_was(teller: Caller, name: str) -> None:
    answer = await teller.post("/v1/notes", json=a_note(**{name: "x"}))
    assert (answer.status_code, answer.json()["code"]) == (422, "PAYLOAD_INVALID")


@given(st.sampled_from([*NAMES, *ENDINGS]), st.sampled_from(["", " ", "_", "-", "."]), st.booleans())
def test_writing_hides_no_name(name: str, between: str, upper: bool) -> None:
    written = between.join(name)
    assert is_credential(written.upper() if upper else written)
