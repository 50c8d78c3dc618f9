"""Checks a request against the service's own model, as the service's front end does.

The model is the one that botocore carries; its constraints are those of the
references, for example
https://docs.aws.amazon.com/privateca/latest/APIReference/API_Operations.html
"""

import base64
import binascii
import re
from functools import cache
from typing import Any

from botocore.model import ServiceModel, Shape
from botocore.session import Session

from .errors import ValidationException

# `re` lacks Java's classes for letters, separators and numbers of any script.
JAVA_PATTERNS = {
    r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)": r"[\w\u0020\u00a0\u2000-\u200a\u202f\u205f\u3000.:/=+\-@]*",
}


@cache
def _model(service: str) -> ServiceModel:
    return Session().get_service_model(service)


def parse(service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters with blobs decoded.

    Raises `ValidationException` that lists every broken constraint.
    """
    problems: list[str] = []
    shape = _model(service).operation_model(operation).input_shape
    parsed = _structure(shape, parameters, "", problems)
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise ValidationException(
            f"{len(problems)} validation {noun} detected: " + "; ".join(problems)
        )
    return parsed


def _structure(shape: Shape, value: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(value, dict):
        return _broken(value, path, "Member must be a structure", problems)
    for name in shape.required_members:
        if value.get(name) is None:
            _broken(None, _join(path, name), "Member must not be null", problems)
    return {
        name: _value(member, value[name], _join(path, name), problems)
        for name, member in shape.members.items()
        if value.get(name) is not None
    }


def _value(shape: Shape, value: Any, path: str, problems: list[str]) -> Any:
    if shape.type_name == "structure":
        return _structure(shape, value, path, problems)
    if shape.type_name == "list":
        if not isinstance(value, list):
            return _broken(value, path, "Member must be a list", problems)
        _length(shape, len(value), value, path, problems)
        return [
            _value(shape.member, item, f"{path}.{index}.member", problems)
            for index, item in enumerate(value, start=1)
        ]
    if shape.type_name == "blob":
        try:
            value = base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError, ValueError):
            return _broken(value, path, "Member must be base64 encoded", problems)
        _length(shape, len(value), "java.nio.HeapByteBuffer", path, problems)
        return value
    if shape.type_name == "string":
        return _string(shape, value, path, problems)
    if shape.type_name in ("integer", "long"):
        return _number(shape, value, path, problems)
    if shape.type_name == "boolean" and not isinstance(value, bool):
        return _broken(value, path, "Member must be a boolean", problems)
    return value


def _string(shape: Shape, value: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(value, str):
        return _broken(value, path, "Member must be a string", problems)
    if shape.enum and value not in shape.enum:
        members = ", ".join(shape.enum)
        _broken(value, path, f"Member must satisfy enum value set: [{members}]", problems)
    _length(shape, len(value), value, path, problems)
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(JAVA_PATTERNS.get(pattern, pattern), value):
        _broken(value, path, f"Member must satisfy regular expression pattern: {pattern}", problems)
    return value


def _number(shape: Shape, value: Any, path: str, problems: list[str]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        return _broken(value, path, "Member must be a number", problems)
    lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
    if lowest is not None and value < lowest:
        _broken(value, path, f"Member must have value greater than or equal to {lowest}", problems)
    if highest is not None and value > highest:
        _broken(value, path, f"Member must have value less than or equal to {highest}", problems)
    return value


def _length(shape: Shape, length: int, shown: Any, path: str, problems: list[str]) -> None:
    lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
    if lowest is not None and length < lowest:
        _broken(shown, path, f"Member must have length greater than or equal to {lowest}", problems)
    if highest is not None and length > highest:
        _broken(shown, path, f"Member must have length less than or equal to {highest}", problems)


def _broken(value: Any, path: str, constraint: str, problems: list[str]) -> None:
    shown = "Value null" if value is None else f"Value '{value}'"
    problems.append(f"{shown} at '{path}' failed to satisfy constraint: {constraint}")


def _join(path: str, name: str) -> str:
    name = name[:1].lower() + name[1:]
    return f"{path}.{name}" if path else name
