"""Lab control, which AWS has nothing of: what was asked of add-ons, and how they fail.

``GET /e2etls/eks/addons`` lists every add-on, deleted ones included. ``POST
/e2etls/eks/addons/NAME`` with ``{"status": …, "issue": {"code": …, "message": …, "resourceIds":
[…]}, "next": true, "clusterName": …}`` sets the status of the add-ons with that name at once, if
there are any. If there are none, or with ``next``, it is how the next create or update ends
instead. ``{"status": null}`` forgets it. Without ``clusterName``, all clusters are meant.
"""

import json
from typing import Any

from ministack.services import eks

from .errors import Answer
from .life import LOCK, Addon, become, gone, outcomes, settle

PATH = "/e2etls/eks/addons"
STATUSES = ("ACTIVE", "CREATE_FAILED", "DEGRADED", "UPDATE_FAILED")


def handle(method: str, path: str, sent: bytes) -> Answer | None:
    """Nothing if the path is not the control's."""
    if path != PATH and not path.startswith(f"{PATH}/"):
        return None
    name = path.removeprefix(PATH).strip("/")
    with LOCK:
        settle()
        if method == "GET" and not name:
            return eks._json_resp(200, _all())
        if method == "POST" and name:
            try:
                _tell(name, json.loads(sent))
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                return _wrong(f"{type(error).__name__}: {error}")
            return eks._json_resp(200, {})
    return _wrong(f"{method} {path} is not known")


def _wrong(message: str) -> Answer:
    return eks._json_resp(400, {"Error": message})


def _all() -> list[dict[str, Any]]:
    present = [addon for _, addon in eks._addons.all_items()]
    return [_entry(addon, True) for addon in gone] + [_entry(addon, False) for addon in present]


def _entry(addon: Addon, deleted: bool) -> dict[str, Any]:
    return {
        "addonName": addon["addonName"],
        "addonVersion": addon["addonVersion"],
        "clusterName": addon["clusterName"],
        "status": None if deleted else addon["status"],
        "deleted": deleted,
        "preserve": addon.get("_preserve"),
        "resolveConflicts": addon["_resolve"],
    }


def _tell(name: str, body: dict[str, Any]) -> None:
    status, issue, cluster = body["status"], body.get("issue"), body.get("clusterName")
    present = [
        addon
        for _, addon in eks._addons.all_items()
        if addon["addonName"] == name
        and cluster in (None, addon["clusterName"])
        and addon["status"] != "DELETING"
    ]
    if status is None:
        outcomes.pop((cluster, name), None)
        for addon in present:
            if addon["_told"]:
                become(addon, ("ACTIVE", []))
                addon["_told"] = False
        return
    if status not in STATUSES:
        raise ValueError(f"unknown status {status}")
    outcome = (status, [_issue(issue)] if issue else [])
    if not present or body.get("next"):
        outcomes[cluster, name] = outcome
        return
    for addon in present:
        become(addon, outcome)
        addon["_told"] = True


def _issue(issue: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": issue["code"],
        "message": issue["message"],
        "resourceIds": list(issue.get("resourceIds", [])),
    }
