"""One page a service: every fact that it publishes or accepts: topic, key, fields, readers, an example."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chassis.service import Service
from tools.consumers import Consumer
from tools.pages.shapes import section, shapes, table

Json = dict[str, Any]

HEAD = Path(__file__).with_name("facts.md").read_text("utf-8")


def facts_page(service: Service, wanted: Mapping[str, str], readers: Mapping[str, Sequence[Consumer]]) -> str:
    """The page of one service; ``wanted`` are its contracts by path."""
    document: Json = json.loads(wanted["asyncapi.json"])
    parts = [HEAD.format(title=service.title, name=service.name)]
    sent = list(messages(document, "send"))
    taken = [found for found in messages(document, "receive") if f"accepted/{found[1]}.schema.json" in wanted]
    heads = ("Type", "Topic", "Key", "")
    for title, found, folder in (
        ("Published", sent, "events"),
        ("Accepted from other systems", taken, "accepted"),
    ):
        if found:
            parts.append(f"## {title}\n")
            parts.append(
                table(
                    heads,
                    [
                        (f"`{type_}`", f"`{topic}`", key(message), message["summary"])
                        for topic, type_, message in found
                    ],
                )
            )
            parts += [fact(wanted, folder, one, readers) for one in found]
    schemas = [
        json.loads(text)
        for path, text in wanted.items()
        if path.endswith(".schema.json") and "consumed" not in path
    ]
    named = {name: part for schema in schemas for name, part in schema.get("$defs", {}).items()}
    if shown := [section(name, schema) for name, schema in shapes(named, schemas)]:
        parts += ["## Shapes\n", *shown]
    return "\n".join(parts)


def messages(document: Json, action: str) -> Iterator[tuple[str, str, Json]]:
    """Topic, type and message of everything sent or received."""
    for operation in document["operations"].values():
        if operation["action"] == action:
            topic = operation["channel"]["$ref"].rsplit("/", 1)[-1]
            for reference in operation["messages"]:
                type_ = reference["$ref"].rsplit("/", 1)[-1]
                yield topic, type_, document["components"]["messages"][type_]


def key(message: Json) -> str:
    """The field of the data that is the record's key."""
    given = message.get("bindings", {}).get("kafka", {}).get("key")
    return f"`{given['x-field']}`" if given else "none"


def fact(
    wanted: Mapping[str, str],
    folder: str,
    found: tuple[str, str, Json],
    readers: Mapping[str, Sequence[Consumer]],
) -> str:
    """One fact in full."""
    topic, type_, message = found
    schema: Json = json.loads(wanted[f"{folder}/{type_}.schema.json"])
    shown = json.dumps(json.loads(wanted[f"{folder}/{type_}.example.json"]), ensure_ascii=False, indent=2)
    read_by = ", ".join(sorted({reader.service for reader in readers.get(type_, ())})) or "nobody here"
    by = f"; read by: {read_by}" if folder == "events" else ""
    head = f"Topic `{topic}`, key {key(message)}{by}.\n"
    return "\n".join([section(type_, schema), head, f"```json\n{shown}\n```\n"])
