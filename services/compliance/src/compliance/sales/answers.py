"""What the gate answers to an attempt: the sale that it logged, or its refusal with every broken rule."""

from typing import Any

from starlette.responses import Response

from chassis.errors import RecordedRefusal
from chassis.http.problems import refused
from compliance.sales.commands import Attempted
from compliance.sales.domain import RefusedAttempt, Sale
from compliance.sales.views import RefusalView, SaleView


class SaleNotLogged(RecordedRefusal):
    """The gate refused the sale; the attempt is on record."""

    code = "SALE_REFUSED"
    zh = "本次销售不得登记；违反的规则逐条列明，本次申请已记录。"
    en = "The sale must not be logged; every broken rule is listed, and the attempt is on record."


def sale_answer(done: Attempted[Sale]) -> Response:
    """The answer to the attempt of a sale, in the language of the request being answered."""
    if isinstance(done.outcome, RefusedAttempt):
        return refusal_answer(SaleNotLogged, done, done.outcome)
    return Response(
        SaleView.of(done.outcome).model_dump_json(),
        status_code=201,
        headers={"ETag": '"1"', "Location": f"/v1/sales/{done.outcome.id}"},
        media_type="application/json",
    )


def refusal_answer(kind: type[RecordedRefusal], done: Attempted[Any], attempt: RefusedAttempt) -> Response:
    """The answer to an attempt that was refused."""
    return refused(
        kind,
        done.violations,
        body=RefusalView.of(attempt, done.case, done.decision),
        version=done.case.version,
        location=f"/v1/attempts/{attempt.id}",
    )
