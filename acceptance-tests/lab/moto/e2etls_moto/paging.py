"""Pages of a list.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_ListCertificateAuthorities.html
"""

import base64
import binascii
from typing import Any

from .errors import InvalidNextTokenException


def page(
    member: str, entries: list[tuple[str, Any]], limit: int, token: str | None
) -> dict[str, Any]:
    """The answer after the entry that `token` names; `entries` are keyed and in order."""
    start = 0
    if token is not None:
        start = [key for key, _ in entries].index(_key(token, entries)) + 1
    chosen = entries[start : start + limit]
    answer: dict[str, Any] = {member: [entry for _, entry in chosen]}
    if start + limit < len(entries):
        answer["NextToken"] = base64.b64encode(chosen[-1][0].encode()).decode()
    return answer


def _key(token: str, entries: list[tuple[str, Any]]) -> str:
    try:
        key = base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        key = None
    if key not in dict(entries):
        raise InvalidNextTokenException(
            "The token specified in the NextToken argument is not valid."
        )
    return key
