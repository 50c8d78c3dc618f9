"""A load balancer: its names, its zone, its attributes, and the time that it takes to come up.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html
"""

import os
import time
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.elbv2.models import FakeLoadBalancer
from moto.moto_api._internal import mock_random

PROVISIONING = float(os.environ.get("E2ETLS_ELB_PROVISIONING_SECONDS", "0.5"))
# https://docs.aws.amazon.com/general/latest/gr/elb.html, for the lab's region.
ZONES = {"application": "Z215JYRZR1TBD5", "network": "Z3F0SRJ5LGBH90"}
COMMON = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
APPLICATION = {
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
}
NETWORK = {
    "dns_record.client_routing_policy": "any_availability_zone",
    "load_balancing.cross_zone.enabled": "false",
}


class LoadBalancer(FakeLoadBalancer):
    """moto's, with the answers that depend on its type."""

    def __init__(self, **named: Any):
        super().__init__(**named)
        self.scheme = self.scheme or "internet-facing"
        network = self.type == "network"
        prefix = "internal-" if self.scheme == "internal" and not network else ""
        zone = ("elb", self.region) if network else (self.region, "elb")
        number = mock_random.get_random_hex(16) if network else mock_random.randint(10**8, 10**9)
        self.dns_name = f"{prefix}{self.name}-{number}.{'.'.join(zone)}.amazonaws.com"
        self.canonical_hosted_zone_id = ZONES["network" if network else "application"]
        self.attrs = COMMON | (NETWORK if network else APPLICATION)
        # By their subnets.
        self.interfaces: dict[str, NetworkInterface] = {}
        self.active_at = time.monotonic() + PROVISIONING

    @property
    def region(self) -> str:
        return self.arn.split(":")[3]

    def activate(self) -> None:
        """moto's describing makes it active at once."""
        if self.state == "provisioning" and time.monotonic() >= self.active_at:
            self.state = "active"
