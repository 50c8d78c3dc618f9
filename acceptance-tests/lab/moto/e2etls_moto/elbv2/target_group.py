"""A target group whose health somebody observes: the lab tells it through ``control``.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
"""

import os
import time
from dataclasses import dataclass, field
from typing import Any

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup

# The default delay is five minutes.
DRAINING_LIMIT = float(os.environ.get("E2ETLS_ELB_DRAINING_SECONDS", "10"))
INITIAL = ("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
DRAINING = ("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
UNUSED = (
    "unused",
    "Target.NotInUse",
    "Target group is not configured to receive traffic from the load balancer",
)
GONE = ("unused", "Target.NotRegistered", "Target is not registered to the target group")
NETWORK = {
    "deregistration_delay.connection_termination.enabled": "false",
    "preserve_client_ip.enabled": "false",
    "proxy_protocol_v2.enabled": "false",
}
KNOWN = {
    "stickiness.app_cookie.cookie_name",
    "stickiness.app_cookie.duration_seconds",
    "stickiness.lb_cookie.duration_seconds",
    "load_balancing.algorithm.anomaly_mitigation",
    "target_group_health.dns_failover.minimum_healthy_targets.count",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
    "target_health_state.unhealthy.connection_termination.enabled",
    "target_health_state.unhealthy.draining_interval_seconds",
}


@dataclass
class Observed:
    """A target as DescribeTargetHealth shows it."""

    id: str
    port: int
    health: tuple[str, str | None, str | None] = INITIAL
    since: float = field(default_factory=time.monotonic)

    def become(self, *health: str | None) -> None:
        self.health, self.since = (health[0] or "", health[1], health[2]), time.monotonic()


class TargetGroup(FakeTargetGroup):
    """moto's, which invents nothing about its targets."""

    def __init__(self, *positional: Any, **named: Any):
        super().__init__(*positional, **named)
        self.observed: dict[tuple[str, int], Observed] = {}
        self.attributes = {name: str(value) for name, value in self.attributes.items()}
        if self.protocol in ("TCP", "TLS"):
            del self.attributes["slow_start.duration_seconds"]
            del self.attributes["load_balancing.algorithm.type"]
            self.attributes |= NETWORK
            if self.target_type == "instance":
                self.attributes["preserve_client_ip.enabled"] = "true"

    @property
    def drain_seconds(self) -> float:
        return min(float(self.attributes["deregistration_delay.timeout_seconds"]), DRAINING_LIMIT)

    def require_attributes(self, wanted: dict[str, Any]) -> None:
        for name in wanted:
            if name not in self.attributes and name not in KNOWN:
                raise ELBClientError(
                    "ValidationError", f"Target group attribute key '{name}' is not recognized"
                )

    def register(self, targets: list[dict[str, Any]]) -> None:
        super().register(targets)
        for target in targets:
            key = target["Id"], int(target.get("Port") or self.port)
            old = self.observed.get(key)
            if old is None or old.health[0] == "draining":
                self.observed[key] = Observed(*key)

    def deregister(self, targets: list[dict[str, Any]]) -> None:
        for target in targets:
            for observed in self.named(target):
                observed.become(*DRAINING)
                self.targets.pop(observed.id, None)

    def named(self, target: dict[str, Any]) -> list[Observed]:
        """The targets that a description means; without a port, that of the group."""
        self.forget_drained()
        key = target["Id"], int(target.get("Port") or self.port)
        return [self.observed[key]] if key in self.observed else []

    def forget_drained(self) -> None:
        now = time.monotonic()
        for key, target in list(self.observed.items()):
            if target.health[0] == "draining" and now - target.since >= self.drain_seconds:
                del self.observed[key]

    def describe(self, wanted: list[dict[str, Any]], in_use: bool) -> list[FakeHealthStatus]:
        self.forget_drained()
        found = [
            self._status(target.id, target.port, target.health if in_use else UNUSED)
            for target in self.observed.values()
        ]
        if not wanted:
            return found
        answer = []
        for target in wanted:
            port = int(target.get("Port") or self.port)
            same = [it for it in found if (it.instance_id, it.port) == (target["Id"], port)]
            answer += same or [self._status(target["Id"], port, GONE)]
        return answer

    def _status(self, id_: str, port: int, health: tuple[Any, ...]) -> FakeHealthStatus:
        check = str(port) if self.health_check_port == "traffic-port" else self.health_check_port
        return FakeHealthStatus(id_, port, check, *health)  # type: ignore[arg-type]
