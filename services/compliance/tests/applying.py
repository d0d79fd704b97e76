"""What the tests of applications send."""

from typing import Any

from services.compliance.tests.registers import Json


def form_body(**given: Any) -> Json:
    """A current account with three services offered along, in two steps."""
    body = {
        "code": "ACCOUNT-01",
        "kind": "ACCOUNT",
        "conditions_zh": "年满十八周岁,持有效身份证件。",
        "conditions_en": "Of age, with a valid identity document.",
        "options": [
            {"code": code, "name_zh": code, "name_en": code} for code in ("sms", "atm_limit", "bill_payment")
        ],
        "steps": [
            {"code": "review", "name_zh": "审核", "name_en": "Review", "days": 1},
            {"code": "opening", "name_zh": "开户", "name_en": "Opening", "days": 2},
        ],
    }
    return body | given
