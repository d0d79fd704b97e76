"""`python -m tools.contracts`: contracts are what the code says, and no release is broken.

``--write`` makes every service's folder ``contracts/`` and the pages below ``docs/`` that follow from them.
``--check`` (the default) fails when a committed file is not what the code says, when an example breaks its
schema, when a change breaks ``contracts/released/`` (it says who breaks), and when a service reads a fact
that no publisher promises. ``--release`` makes that folder, and refuses what would break the one before.
"""

import argparse
import difflib
import importlib
import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pydantic
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from pydantic import BaseModel

from chassis.contracts import contracts
from chassis.service import Service
from tools.compatibility import Side, broken_asyncapi, broken_openapi, broken_schema
from tools.consumers import Consumer, consumers, unpromised, who_breaks
from tools.pages import committed_pages, pages, write_pages
from tools.sources import ROOT, SERVICES, Finding, report

RELEASED = "released"

DIFF_LINES_SHOWN = 12

#: Folders of schemas, and whose side they describe.
SIDES = {"events": Side.FACT, "accepted": Side.INPUT}


def service_called(name: str) -> Service | None:
    """The service value of a package; None while the package has no ``service.py``."""
    if importlib.util.find_spec(f"{name}.service") is None:
        return None
    found: Service = importlib.import_module(f"{name}.service").service
    return found


def folder_of(root: Path, name: str) -> Path:
    """Where a service's contracts are committed."""
    return root / "services" / name / "contracts"


def committed(folder: Path) -> dict[str, str]:
    """The contracts in a folder by their path below it, the release apart."""
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*.json"))
        if path.relative_to(folder).parts[0] != RELEASED
    }


def write(folder: Path, wanted: Mapping[str, str]) -> int:
    """Makes the folder hold exactly the wanted files, the release apart; answers how many changed."""
    known = committed(folder)
    for path in known.keys() - wanted.keys():
        (folder / path).unlink()
    for path, text in wanted.items():
        if known.get(path) != text:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    return len(known.keys() - wanted.keys()) + sum(known.get(path) != text for path, text in wanted.items())


def stale(place: str, known: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[Finding]:
    """Files that are not what the code says, with the first lines of the difference."""
    for path in sorted(known.keys() | wanted.keys()):
        before, after = known.get(path), wanted.get(path)
        if before is None:
            yield Finding(f"{place}{path}", 0, "is not committed: run `python -m tools.contracts --write`")
        elif after is None:
            yield Finding(
                f"{place}{path}",
                0,
                "nothing stands behind it any more: run `python -m tools.contracts --write`",
            )
        elif before != after:
            lines = difflib.unified_diff(
                before.splitlines(), after.splitlines(), "committed", "code", "", "", 1, ""
            )
            shown = "\n    ".join(list(lines)[:DIFF_LINES_SHOWN])
            yield Finding(
                f"{place}{path}", 0, f"is stale: run `python -m tools.contracts --write`\n    {shown}"
            )


def parsed(text: str) -> dict[str, Any]:
    """A contract as a document."""
    document: dict[str, Any] = json.loads(text)
    return document


def fault(schema: str, example: str) -> str | None:
    """Why an example breaks its schema, formats included; None when it does not."""
    validator = Draft202012Validator(parsed(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
    try:
        validator.validate(json.loads(example))
    except ValidationError as error:
        return f"{'/'.join(map(str, error.absolute_path)) or 'example'}: {error.message}"
    return None


def faulty_examples(place: str, wanted: Mapping[str, str]) -> Iterator[Finding]:
    """Schemas that are none, and examples that break theirs."""
    for path, text in wanted.items():
        if path.endswith(".schema.json"):
            Draft202012Validator.check_schema(parsed(text))
        if path.endswith(".example.json"):
            schema = path.removesuffix(".example.json") + ".schema.json"
            if said := fault(wanted[schema], text):
                yield Finding(f"{place}/{path}", 0, f"breaks its schema: {said}; name examples in the model")


def broken(
    place: str,
    released: Mapping[str, str],
    wanted: Mapping[str, str],
    readers: Mapping[str, Sequence[Consumer]],
) -> Iterator[Finding]:
    """What a reader of the release would miss, and who; anything but an addition is a new major version."""
    for path, text in released.items():
        before = parsed(text)
        folder = path.split("/")[0]
        if path not in wanted:
            if path.endswith(".schema.json") and folder in SIDES:
                hit = hits(path, "", readers)
                yield Finding(
                    f"{place}/{path}", 0, f"was released and is gone: keep it beside its successor; {hit}"
                )
            continue
        after = parsed(wanted[path])
        if path == "openapi.json":
            said = broken_openapi(before, after)
        elif path == "asyncapi.json":
            said = broken_asyncapi(before, after)
        elif path.endswith(".schema.json") and folder in SIDES:
            said = broken_schema(before, after, SIDES[folder])
        else:
            continue
        for line in said:
            yield Finding(f"{place}/{path}", 0, f"breaks the release: {line}; {hits(path, line, readers)}")


def hits(path: str, line: str, readers: Mapping[str, Sequence[Consumer]]) -> str:
    """Who suffers from a break in the contract at ``path``."""
    if path == "openapi.json":
        return "breaks clients of the API"
    if path.startswith("accepted/"):
        return "breaks the systems that send it"
    type_ = (
        line.split(":")[0] if path == "asyncapi.json" else path.split("/")[-1].removesuffix(".schema.json")
    )
    return who_breaks(line, readers.get(type_, ()))


def unmet(services: Sequence[Service], all_wanted: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    """Facts that a service reads and that no publisher promises, or whose example its model cannot read."""
    promised = {
        path.removeprefix("events/").removesuffix(".example.json"): text
        for wanted in all_wanted.values()
        for path, text in wanted.items()
        if path.startswith("events/") and path.endswith(".example.json")
    }
    for service in services:
        for subscription in service.inbox.subscriptions.values():
            for type_, reaction in subscription.reactions.items():
                if subscription.accepted:
                    continue
                place = f"services/{service.name}/contracts/consumed/{type_}.schema.json"
                if type_ not in promised:
                    yield Finding(place, 0, f"nobody publishes {type_}")
                elif said := misread(reaction.model, promised[type_]):
                    yield Finding(
                        place, 0, f"{reaction.model.__name__} cannot read the publisher's example: {said}"
                    )


def unread(
    readers: Mapping[str, Sequence[Consumer]], all_wanted: Mapping[str, Mapping[str, str]]
) -> Iterator[Finding]:
    """Fields that a consumer's model reads, though optional, and that their publisher does not promise."""
    for wanted in all_wanted.values():
        for path, text in wanted.items():
            type_ = path.removeprefix("events/").removesuffix(".schema.json")
            if path == f"events/{type_}.schema.json":
                for reader in readers.get(type_, ()):
                    for field in unpromised(reader, parsed(text)):
                        place = f"services/{reader.service}/contracts/consumed/{type_}.schema.json"
                        yield Finding(
                            place, 0, f"{reader.model} reads {field}, which its publisher does not promise"
                        )


def misread(model: type[BaseModel], example: str) -> str | None:
    """Why a model cannot read an example; None when it can."""
    try:
        model.model_validate(json.loads(example))
    except pydantic.ValidationError as error:
        return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
    return None


def check(root: Path, services: Sequence[Service]) -> Iterator[Finding]:
    """Everything wrong with the contracts committed below ``root``."""
    all_wanted = {service.name: contracts(service) for service in services}
    for name, wanted in all_wanted.items():
        folder = folder_of(root, name)
        place = folder.relative_to(root).as_posix()
        yield from stale(f"{place}/", committed(folder), wanted)
        yield from faulty_examples(place, wanted)
    yield from stale("", committed_pages(root), pages(services, all_wanted))
    yield from kept(root, services, all_wanted)
    yield from unmet(services, all_wanted)
    yield from unread(consumers(services), all_wanted)


def kept(
    root: Path, services: Sequence[Service], all_wanted: Mapping[str, Mapping[str, str]]
) -> Iterator[Finding]:
    """Whether what was released still holds."""
    readers = consumers(services)
    for name, wanted in all_wanted.items():
        folder = folder_of(root, name)
        yield from broken(folder.relative_to(root).as_posix(), committed(folder / RELEASED), wanted, readers)


def main(arguments: list[str], root: Path = ROOT, services: Sequence[Service] | None = None) -> int:
    """Writes, releases or checks; answers 1 when something is wrong. ``services``: all that there are."""
    parser = argparse.ArgumentParser(prog="python -m tools.contracts", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="compare with what is committed (default)")
    what.add_argument("--write", action="store_true", help="write the contracts")
    what.add_argument("--release", action="store_true", help="copy the contracts to contracts/released/")
    options = parser.parse_args(arguments)
    if services is None:
        services = [service for name in SERVICES if (service := service_called(name))]
    if not options.write and not options.release:
        return report("contracts", check(root, services))
    if options.release:
        wanted = {service.name: contracts(service) for service in services}
        if report("contracts: not released", kept(root, services, wanted)):
            return 1
    for service in services:
        folder = folder_of(root, service.name)
        count = write(folder / RELEASED if options.release else folder, contracts(service))
        print(f"{service.name}: {count} files written")
    if options.write:
        found = pages(services, {service.name: contracts(service) for service in services})
        print(f"docs: {write_pages(root, found)} pages written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
