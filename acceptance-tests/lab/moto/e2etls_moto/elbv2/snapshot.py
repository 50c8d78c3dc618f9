"""All load balancers with their listeners, rules and targets, as the data plane reads them."""

from hashlib import sha256
from typing import Any

from moto.acm.models import acm_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.elbv2.models import elbv2_backends
from moto.elbv2.ssl_policies import SSL_POLICIES

from .backend import LoadBalancers
from .balancer import LoadBalancer
from .listener import Listener
from .target_group import TargetGroup


def snapshot() -> dict[str, Any]:
    backends: list[LoadBalancers] = list(elbv2_backends[DEFAULT_ACCOUNT_ID].values())
    balancers = [it for backend in backends for it in list(backend.load_balancers.values())]
    for balancer in balancers:
        balancer.activate()
    return {
        "LoadBalancers": [_balancer(it) for it in balancers],
        "TargetGroups": [
            _group(group, backend.users(group.arn))
            for backend in backends
            for group in list(backend.target_groups.values())
        ],
    }


def _balancer(balancer: LoadBalancer) -> dict[str, Any]:
    return {
        "Arn": balancer.arn,
        "Name": balancer.name,
        "DnsName": balancer.dns_name,
        "Type": balancer.type,
        "State": balancer.state,
        "Attributes": balancer.attrs,
        "Listeners": [_listener(it) for it in list(balancer.listeners.values())],
    }


def _listener(listener: Listener) -> dict[str, Any]:
    policy = SSL_POLICIES.get(listener.ssl_policy or "", {})
    return {
        "Arn": listener.arn,
        "Port": int(listener.port),
        "Protocol": listener.protocol,
        "SslPolicy": listener.ssl_policy,
        "TlsVersions": policy.get("ssl_protocols", []),
        "Ciphers": policy.get("ciphers", []),
        "Certificates": [
            {"Arn": arn, "Digest": _digest(arn)} for arn in listener.every_certificate
        ],
        "AlpnPolicy": listener.alpn_policy,
        "MutualAuthentication": listener.mutual_authentication,
        "Rules": [
            {
                "Priority": str(rule.priority),
                "Conditions": rule.conditions,
                "Actions": [action.data for action in rule.actions],
            }
            for rule in list(listener.rules.values())
        ],
    }


def _digest(arn: str) -> str:
    """Changes with the certificate behind an ARN."""
    _, _, _, region, account, _ = arn.split(":", 5)
    certificate = acm_backends[account][region].certificates.get(arn)
    return sha256(certificate.cert).hexdigest() if certificate else ""


def _group(group: TargetGroup, users: list[str]) -> dict[str, Any]:
    group.forget_drained()
    targets = [
        {"Id": it.id, "Port": it.port, "State": it.health[0]} for it in group.observed.values()
    ]
    return {
        "Arn": group.arn,
        "Protocol": group.protocol,
        "ProtocolVersion": group.protocol_version,
        "LoadBalancerArns": users,
        "Attributes": group.attributes,
        "HealthCheck": {
            "Protocol": group.health_check_protocol,
            "Port": str(group.health_check_port),
            "Path": group.health_check_path or "/",
            "Codes": (getattr(group, "matcher", None) or {}).get("HttpCode", "200"),
            "IntervalSeconds": float(group.health_check_interval_seconds),
            "TimeoutSeconds": float(group.health_check_timeout_seconds),
            "Healthy": int(group.healthy_threshold_count),
            "Unhealthy": int(group.unhealthy_threshold_count),
        },
        "Targets": targets,
    }
