"""clientRequestToken: a request that is sent again has the answer of the first one.

Only the same parameters count as the same request; what EKS answers to others is not known.
"""

import json
from typing import Any

from ministack.core.responses import get_account_id, get_region

_made: dict[tuple[str, ...], Any] = {}


def recall(operation: str, place: str, body: dict[str, Any]) -> Any:
    """What was remembered for this very request, or nothing."""
    return _made.get(_key(operation, place, body)) if body.get("clientRequestToken") else None


def remember(operation: str, place: str, body: dict[str, Any], made: Any) -> None:
    if body.get("clientRequestToken"):
        _made[_key(operation, place, body)] = made


def forget() -> None:
    _made.clear()


def _key(operation: str, place: str, body: dict[str, Any]) -> tuple[str, ...]:
    return (get_account_id(), get_region(), operation, place, json.dumps(body, sort_keys=True))
