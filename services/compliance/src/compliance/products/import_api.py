"""A whole list of products at once: validated to its end, entered whole or not at all (PRD-02, PRD-04)."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from pydantic_core import from_json

from chassis.auth import action
from chassis.errors import Fault, ServiceError
from chassis.http.credentials import is_credential
from chassis.http.refusals import C3DataRejected, MalformedJson
from chassis.http.routing import Caller, Input, Now, Output, Session, respond, routes
from chassis.http.wording import FIELD_ERRORS_MAX, field_error
from compliance.access import check_hq_only
from compliance.products import commands
from compliance.products.bodies import NewProduct
from compliance.products.csv_lists import PRODUCT_COLUMNS, TOO_LONG, CsvRowTooLong, columns_of, read_csv
from compliance.products.domain import Listing

router = routes("/v1/products", "products")

CSV = "text/csv"
NAMES = ", ".join(PRODUCT_COLUMNS.known)
ROWS_MAX = 500
BODY_BYTES_MAX = 1 << 20
SECONDS_MAX = 60.0

ROWS = {
    "type": "array",
    "minItems": 1,
    "maxItems": ROWS_MAX,
    "items": {"$ref": "#/components/schemas/NewProduct"},
}
TAKEN = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["products"],
                    "properties": {"products": ROWS},
                }
            },
            CSV: {
                "schema": {
                    "type": "string",
                    "description": f"UTF-8; the first line names the columns: {NAMES}",
                }
            },
        },
    }
}


class ProductList(Input):
    """The rows, each a new product."""

    products: Annotated[list[Any], Field(min_length=1, max_length=ROWS_MAX)]


class ImportedProduct(Output):
    """What a row became; rows count from 1."""

    row: int
    id: UUID
    code: str


class ImportView(Output):
    """Every row, entered."""

    count: int
    products: list[ImportedProduct]


@router.post("/import", status_code=201, openapi_extra=TAKEN)
@action(
    "product.import",
    media_types=frozenset({"application/json", CSV}),
    body_bytes_max=BODY_BYTES_MAX,
    seconds_max=SECONDS_MAX,
)
async def import_products(
    request: Request, session: Session, clock: Now, caller: Caller, response: Response
) -> ImportView:
    """Enter a list of products, as JSON or CSV: all of them, or none with every error by row and field."""
    rows = rows_of(await request.body(), request.headers.get("content-type", ""))
    bodies: dict[int, NewProduct] = {}
    faults = [fault for number, row in enumerate(rows) for fault in read_row(number, row, bodies)]
    if any(body.partner_id is not None for body in bodies.values()):
        check_hq_only(caller)
    listings: dict[int, Listing] = {}
    faults += [fault for number, body in bodies.items() for fault in list_row(number, body, listings)]
    names = {number: body.name for number, body in bodies.items()}
    products = await commands.import_products(session, clock, listings, names, faults)
    respond(response, location="/v1/products")
    entered = [
        ImportedProduct(row=number + 1, id=product.id, code=product.code)
        for number, product in enumerate(products)
    ]
    return ImportView(count=len(entered), products=entered)


def rows_of(content: bytes, content_type: str) -> list[Any]:
    """The rows of a body. Raises for what is no list of rows, or holds a credential (PRI-08)."""
    if content_type.partition(";")[0].strip().lower() == CSV:
        if any(is_credential(name) for name in columns_of(content)):
            raise C3DataRejected
        body: Any = {"products": read_csv(content, PRODUCT_COLUMNS)}
    else:
        try:
            body = from_json(content, allow_inf_nan=False)
        except ValueError as wrong:
            raise MalformedJson(position=0) from wrong
    try:
        return ProductList.model_validate(body).products
    except ValidationError as wrong:
        errors = [{**item, "loc": ("body", *item["loc"])} for item in wrong.errors(include_url=False)]
        raise RequestValidationError(errors, body=body) from wrong


def read_row(number: int, row: Any, bodies: dict[int, NewProduct]) -> Iterator[Fault]:
    """What is wrong with the shape of a row; a good one joins the ``bodies`` under its number."""
    if row is TOO_LONG:
        yield commands.at_row(number, CsvRowTooLong())
        return
    try:
        bodies[number] = NewProduct.model_validate(row)
    except ValidationError as wrong:
        errors = wrong.errors(include_url=False)
        if any(one["type"] == "extra_forbidden" and is_credential(str(one["loc"][-1])) for one in errors):
            raise C3DataRejected from wrong
        for item in errors[:FIELD_ERRORS_MAX]:
            told = field_error({**item, "loc": ("body", *item["loc"])}, row)
            yield commands.told_at_row(number, Fault(told["pointer"], told["code"], told["messages"]))


def list_row(number: int, body: NewProduct, listings: dict[int, Listing]) -> Iterator[Fault]:
    """What is wrong with the values of a row; a good one joins the ``listings`` under its number."""
    wrong = [error for part in (body.terms, body.levels) if (error := _refused(part)) is not None]
    if not wrong and (error := _refused(body.listing)) is not None:
        wrong = [error]
    if not wrong:
        listings[number] = body.listing()
    for error in wrong:
        yield commands.at_row(number, error)


def _refused(part: Callable[[], object]) -> ServiceError | None:
    try:
        part()
    except ServiceError as wrong:
        return wrong
    return None
