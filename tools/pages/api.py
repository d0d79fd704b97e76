"""One page a service: every operation with who may call it, what it takes, what it answers."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chassis.contracts import example
from tools.pages.shapes import anchor, bounds, kind, section, shapes, table

Json = dict[str, Any]

HEAD = Path(__file__).with_name("api.md").read_text("utf-8")


def api_page(name: str, openapi: str) -> str:
    """The page of one service. Needs its package, whose policy names the roles."""
    document: Json = json.loads(openapi)
    actions = importlib.import_module(f"{name}.access").ACTIONS
    info = document["info"]
    parts = [HEAD.format(name=name, **info), "## Operations\n"]
    listed = list(operations(document))
    parts.append(
        table(
            ("Operation", "", "Who"),
            [
                (f"[`{title}`](#{anchor(title)})", said(operation), who(operation, actions))
                for title, operation in listed
            ],
        )
    )
    parts += [operation_section(document, title, operation, actions) for title, operation in listed]
    roots = [
        part
        for _, operation in listed
        for part in (operation.get("requestBody"), operation["responses"], operation.get("parameters"))
    ]
    named = document["components"]["schemas"]
    parts.append("## Shapes\n")
    parts += [section(shape, schema) for shape, schema in shapes(named, roots)]
    return "\n".join(parts)


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Every operation by its title, ``POST /v1/...``, in the order of the document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def said(operation: Json) -> str:
    """What an operation does, in its first sentence."""
    return str(operation.get("description", operation["summary"])).strip().split("\n")[0]


def who(operation: Json, actions: Json) -> str:
    """The roles that may call it."""
    if not operation["security"]:
        return "public"
    return " ".join(f"`{role}`" for role in sorted(actions[operation["x-action"]]))


def operation_section(document: Json, title: str, operation: Json, actions: Json) -> str:
    """One operation in full."""
    told = str(operation.get("description", operation["summary"])).strip()
    parts = [
        f"### {title}\n",
        f"{told}\n",
        f"Who: {who(operation, actions)} (action `{operation['x-action']}`)\n",
    ]
    parts.append(
        table(("Parameter", "In", "Kind", "Needed", "Meaning"), list(parameters(document, operation)))
    )
    if body := operation.get("requestBody"):
        parts += list(contents(document, "Body", body))
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            parts += list(contents(document, f"Answers {status}", answer))
    refusals = [status for status in operation["responses"] if not status.startswith("2")]
    parts.append(f"Refusals: {', '.join(refusals)}\n")
    return "\n".join(part for part in parts if part)


def parameters(document: Json, operation: Json) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, place, kind, whether it must be given, meaning."""
    for given in operation.get("parameters", ()):
        whole = given
        if "$ref" in given:
            whole = document["components"]["parameters"][given["$ref"].rsplit("/", 1)[-1]]
        schema = whole.get("schema", {})
        meaning = "; ".join(filter(None, (whole.get("description", ""), bounds(schema))))
        yield f"`{whole['name']}`", whole["in"], kind(schema), "yes" if whole.get("required") else "", meaning


def contents(document: Json, head: str, body: Json) -> Iterator[str]:
    """The shape of a body or an answer, with an example of JSON."""
    if not body.get("content"):
        yield f"{head}: no content\n"
    named = {"$defs": document["components"]["schemas"]}
    for media, content in body.get("content", {}).items():
        schema = content.get("schema", {})
        yield f"{head}: {kind(schema)} (`{media}`)\n"
        if media == "application/json" and head == "Body":
            shown = json.dumps(example(schema, named), ensure_ascii=False, indent=2)
            yield f"```json\n{shown}\n```\n"
