"""What time does to an add-on, judged when somebody asks.

A record of ministack's table has these members that no answer shows:

============ ==================================================================
``_until``   when what it is busy with is over, absent while it is not busy
``_then``    status and issues that it has then
``_told``    the lab's control has set its status
``_resolve`` resolveConflicts of the last create or update, as sent
``_preserve`` ``preserve`` of the delete, as sent
============ ==================================================================
"""

import os
import threading
import time
from typing import Any

from ministack.services import eks

Addon = dict[str, Any]
Outcome = tuple[str, list[dict[str, Any]]]

# Requests run in threads of their own; a look and the write after it belong together.
LOCK = threading.RLock()
BUSY = ("CREATING", "UPDATING", "DELETING")
SECONDS = float(os.environ.get("E2ETLS_EKS_ADDON_SECONDS", "0.5"))

gone: list[Addon] = []
# How the next create or update of an add-on ends, by cluster (none is any) and name.
outcomes: dict[tuple[str | None, str], Outcome] = {}


def begin(addon: Addon, status: str) -> None:
    """Make an add-on busy; a create or update ends as the lab's control has planned."""
    planned = None if status == "DELETING" else _planned(addon)
    addon["status"] = status
    addon["_until"] = time.monotonic() + SECONDS
    addon["_then"] = planned or ("ACTIVE", [])
    addon["_told"] = planned is not None


def _planned(addon: Addon) -> Outcome | None:
    for cluster in (addon["clusterName"], None):
        if outcome := outcomes.pop((cluster, addon["addonName"]), None):
            return outcome
    return None


def become(addon: Addon, outcome: Outcome) -> None:
    addon.pop("_until", None)
    addon.pop("_then", None)
    addon["status"], issues = outcome
    addon["health"] = {"issues": issues}
    addon["modifiedAt"] = eks._now()


def settle() -> None:
    """Let everything happen whose time has come, in every account and Region."""
    now = time.monotonic()
    for scope, addon in eks._addons.all_items():
        if addon.get("_until", now + 1) > now:
            continue
        if addon["status"] == "DELETING":
            _remove(scope, addon)
        else:
            become(addon, addon["_then"])


def _remove(scope: tuple[str, str, str], addon: Addon) -> None:
    account, region, _ = scope
    eks._addons.pop_scoped(*scope, None)
    eks._tags.pop_scoped(account, region, addon["addonArn"], None)
    for key, association in eks._pod_identity_associations.items_scoped(account, region):
        if association["ownerArn"] == addon["addonArn"]:
            eks._pod_identity_associations.pop_scoped(account, region, key, None)
            eks._tags.pop_scoped(account, region, association["associationArn"], None)
    gone.append(addon)


def forget() -> None:
    gone.clear()
    outcomes.clear()
