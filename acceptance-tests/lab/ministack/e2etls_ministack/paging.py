"""maxResults and nextToken, which all lists of EKS have."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from .errors import invalid

Query = Mapping[str, list[str]]
MOST = 100


def one(query: Query, name: str) -> str | None:
    """A parameter that is given at most once."""
    return query[name][0] if query.get(name) else None


def page(items: Mapping[str, Any], query: Query, member: str) -> dict[str, Any]:
    """The values of one page, in the order of their keys, as the answer's `member`.

    A token names the last key of its page, so that what comes or goes in between moves nothing.
    """
    size, last = _size(one(query, "maxResults")), _last(one(query, "nextToken"))
    left = sorted(key for key in items if key > last)
    shown = left[:size]
    more = {"nextToken": _token(shown[-1])} if len(left) > size else {}
    return {member: [items[key] for key in shown], **more}


def _size(text: str | None) -> int:
    if text is None:
        return MOST
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise invalid(f"maxResults must be between 1 and {MOST}")
    return int(text)


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(f"after:{key}".encode()).decode()


def _last(token: str | None) -> str:
    if not token:
        return ""
    try:
        start, found, key = base64.urlsafe_b64decode(token).decode().partition(":")
    except (binascii.Error, ValueError):
        raise invalid("nextToken is not valid") from None
    if (start, found) != ("after", ":"):
        raise invalid("nextToken is not valid")
    return key
