"""Lab control, which AWS has nothing of: the data plane says what it observed of targets.

``POST /moto-api/e2etls/elbv2``, ``Content-Type: application/json``, with
``{"TargetGroupArn": …, "Id": …, "Port": …, "State": …, "Reason": …, "Description": …}``: the health
of one registered target. ``GET`` answers with everything that a data plane is configured from.
"""

import json
from typing import Any

from moto.elbv2.models import elbv2_backends

from .snapshot import snapshot
from .target_group import TargetGroup

PATH = "/moto-api/e2etls/elbv2"
STATES = ("initial", "healthy", "unhealthy", "unused", "unavailable")


def handle(request: Any, full_url: str, headers: Any) -> tuple[int, dict[str, str], str]:
    if request.method == "GET":
        return 200, {}, json.dumps(snapshot())
    try:
        body = json.loads(request.data)
        _observe(body)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return 400, {}, json.dumps({"Error": f"{type(error).__name__}: {error}"})
    return 200, {}, json.dumps({})


def _observe(body: dict[str, Any]) -> None:
    arn, state = body["TargetGroupArn"], body["State"]
    if state not in STATES:
        raise ValueError(f"unknown state {state}")
    _, _, _, region, account, _ = arn.split(":", 5)
    group: TargetGroup = elbv2_backends[account][region].target_groups[arn]
    found = group.named(body)
    if not found:
        raise KeyError(body["Id"])
    # A target that drains is not asked any more.
    if found[0].health[0] != "draining":
        found[0].become(state, body.get("Reason"), body.get("Description"))
