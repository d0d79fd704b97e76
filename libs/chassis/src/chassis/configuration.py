"""What can be set of a service, and whether what is set is valid: read from its settings class."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import annotated_types
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from chassis.settings import SECRETS

#: The unit that a name ends with (before a `_max` or `_min`).
UNITS = {"seconds": "s", "ms": "ms", "bytes": "bytes", "percent": "%", "hours": "h", "days": "days"}

Origin = Literal["environment", "secret file", "default", "missing"]


@dataclass(frozen=True)
class Setting:
    """One setting: its variable, what it means, its unit, limits and default, and where its value is from."""

    variable: str
    meaning: str
    kind: str
    unit: str
    limits: str
    default: str | None
    origin: Origin


@dataclass(frozen=True)
class Configuration:
    """Every setting, and what is wrong with the values given, by variable. Values are never repeated."""

    settings: tuple[Setting, ...]
    problems: Mapping[str, str]


def configuration(
    settings: type[BaseSettings], environment: Mapping[str, str], secrets: Path = SECRETS
) -> Configuration:
    """What can be set in ``settings``, and how it stands in this environment (the process's own)."""
    prefix = settings.model_config.get("env_prefix", "")
    given = {name.upper() for name in environment}
    files = {path.name.upper() for path in secrets.iterdir()} if secrets.is_dir() else set()

    def origin(variable: str, field: FieldInfo) -> Origin:
        if variable in given:
            return "environment"
        if variable in files:
            return "secret file"
        return "missing" if field.is_required() else "default"

    described = []
    for name, field in settings.model_fields.items():
        variable = f"{prefix}{name}".upper()
        described.append(
            Setting(
                variable=variable,
                meaning=field.description or "",
                kind=kind_of(field.annotation),
                unit=unit_of(name),
                limits=limits_of(field),
                default=None if field.is_required() or field.default is None else str(field.default),
                origin=origin(variable, field),
            )
        )
    return Configuration(tuple(described), _problems(settings, prefix))


def _problems(settings: type[BaseSettings], prefix: str) -> dict[str, str]:
    try:
        settings()
    except ValidationError as error:
        return {
            f"{prefix}{'.'.join(map(str, one['loc']))}".upper(): one["msg"]
            # Values may be secrets: only what is wrong is said.
            for one in error.errors(include_url=False, include_input=False, include_context=False)
        }
    return {}


def unit_of(name: str) -> str:
    """The unit that the name of a setting tells; empty where it is a plain number, a text or a path."""
    words = [word for word in name.split("_") if word not in {"max", "min"}]
    return UNITS.get(words[-1], "")


def kind_of(annotation: Any) -> str:
    """The type in a word: text, number, whole number, yes or no, path."""
    if get_origin(annotation) is UnionType or type(None) in get_args(annotation):
        [annotation] = [part for part in get_args(annotation) if part is not NoneType]
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
    return words.get(annotation, "list" if get_origin(annotation) in {tuple, list} else str(annotation))


def limits_of(field: FieldInfo) -> str:
    """The bounds of a number: `≥ 1, ≤ 65535`."""
    shown = []
    for limit in field.metadata:
        match limit:
            case annotated_types.Ge(ge=bound):
                shown.append(f"≥ {bound}")
            case annotated_types.Gt(gt=bound):
                shown.append(f"> {bound}")
            case annotated_types.Le(le=bound):
                shown.append(f"≤ {bound}")
            case annotated_types.Lt(lt=bound):
                shown.append(f"< {bound}")
            case _:
                continue
    return ", ".join(shown)
