"""The API for people: one page drawn from the OpenAPI document, without script or anybody else's server."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Any

from fastapi import Request, Response
from starlette.responses import HTMLResponse, JSONResponse

from chassis.auth import action
from chassis.errors import CATALOGUE, ObjectNotFound
from chassis.http.routing import routes

router = routes("", "description")

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
h1{margin-bottom:.2rem}h2{margin-top:2.5rem;border-bottom:1px solid #d5dbe3}
details{border:1px solid #d5dbe3;border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}code{font:13px ui-monospace,monospace}
.m{display:inline-block;width:4.5rem;font-weight:700}
.GET{color:#0a6}.POST{color:#06c}.PUT,.PATCH{color:#a60}.DELETE{color:#b00}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{border:1px solid #e3e8ee;padding:.25rem .5rem;text-align:left}
.q{color:#667}
@media (prefers-color-scheme:dark){body{background:#14181f;color:#dde3ea}a{color:#7ab8ff}}
"""
POLICY = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; " + (
    "frame-ancestors 'none'"
)


@router.get("/openapi.json", include_in_schema=False)
@action("description.openapi", public=True)
async def openapi_document(request: Request) -> Response:
    """The OpenAPI 3.1 document."""
    return JSONResponse(request.app.openapi())


@router.get("/docs", include_in_schema=False)
@action("description.page", public=True)
async def openapi_page(request: Request) -> Response:
    """The same as a page."""
    page = drawn(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})


@router.get("/problems/{code}", include_in_schema=False)
@action("description.problem", public=True)
async def explain_problem(code: str) -> Response:
    """What a problem's ``type`` points to: status and wording of its code."""
    kind = CATALOGUE.get(code)
    if kind is None:
        raise ObjectNotFound
    return JSONResponse({"code": code, "status": kind.status, "messages": {"zh-CN": kind.zh, "en": kind.en}})


def drawn(document: dict[str, Any]) -> str:
    """The OpenAPI document as one HTML page."""
    info = document["info"]
    by_tag: dict[str, list[str]] = {}
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            parameters = [_resolved(document, item) for item in operation.get("parameters", [])]
            entry = _operation(method.upper(), path, operation | {"parameters": parameters})
            by_tag.setdefault(operation.get("tags", ["other"])[0], []).append(entry)
    groups = "".join(f"<h2>{escape(tag)}</h2>{''.join(entries)}" for tag, entries in by_tag.items())
    schemas = document["components"]["schemas"]
    models = "".join(_schema(name, schema) for name, schema in schemas.items())
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(info['title'])}</title>"
        f"<meta name=viewport content='width=device-width'><style>{STYLE}</style>"
        f"<h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))}</p>"
        "<p>Send the access token as <code>Authorization: Bearer …</code>. Refusals are "
        "<a href='#Problem'>problem details</a> (RFC 9457), in Chinese and English. "
        "The machine-readable form is <a href='openapi.json'>openapi.json</a>.</p>"
        f"{groups}<h2>Schemas</h2>{models}</html>"
    )


def _resolved(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in item:
        return item
    found: dict[str, Any] = document["components"]["parameters"][item["$ref"].rpartition("/")[2]]
    return found


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        _row(
            item["name"],
            f"{item['in']}: {_type(item['schema'])}",
            item.get("required"),
            item.get("description"),
        )
        for item in operation["parameters"]
    )
    content = operation.get("requestBody", {}).get("content", {})
    body = "".join(
        f"<p>Body ({escape(kind)}): {_type(given.get('schema', {}))}</p>" for kind, given in content.items()
    )
    answers = "".join(_answer(status, answer) for status, answer in operation["responses"].items())
    who = "public" if not operation["security"] else f"action <code>{escape(operation['x-action'])}</code>"
    return (
        f"<details id='{escape(operation['operationId'])}'><summary><span class='m {method}'>{method}</span>"
        f"<code>{escape(path)}</code> {escape(operation.get('summary', ''))}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p><p class=q>{who}</p>"
        f"<table><tr><th>Parameter<th>Type<th>Required<th>Meaning</tr>{parameters}</table>{body}"
        f"<table><tr><th>Status<th>Answer</tr>{answers}</table></details>"
    )


def _answer(status: str, answer: dict[str, Any]) -> str:
    if "$ref" in answer:
        return f"<tr><td>{status}<td><a href='#Problem'>{escape(answer['$ref'].rpartition('/')[2])}</a></tr>"
    kinds = [_type(given.get("schema", {})) for given in answer.get("content", {}).values()]
    return f"<tr><td>{status}<td>{', '.join(kinds) or escape(answer.get('description', ''))}</tr>"


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = "".join(
        _row(field, _type(given), field in required, given.get("description"))
        for field, given in schema.get("properties", {}).items()
    )
    table = (
        f"<table><tr><th>Field<th>Type<th>Required<th>Meaning</tr>{rows}</table>" if rows else _type(schema)
    )
    about = escape(schema.get("description", ""))
    shown = escape(name)
    return f"<details id='{shown}'><summary><code>{shown}</code></summary><p>{about}</p>{table}</details>"


def _row(name: str, kind: str, required: object, meaning: object) -> str:
    must = "yes" if required else ""
    return f"<tr><td><code>{escape(name)}</code><td>{kind}<td>{must}<td>{escape(str(meaning or ''))}</tr>"


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words of HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f"<a href='#{name}'>{name}</a>"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " | ".join(_type(one) for one in schema[several])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(" ".join(str(schema[word]) for word in ("type", "format") if word in schema)) or "any"
