"""moto's load balancers, with what the service refuses and what moto forgets.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html
"""

from typing import Any

from moto.acm.models import acm_backends
from moto.elbv2 import models
from moto.elbv2 import urls as elbv2_urls
from moto.elbv2.exceptions import (
    DuplicateListenerError,
    DuplicateLoadBalancerName,
    ELBClientError,
    LoadBalancerNotFoundError,
    TargetGroupNotFoundError,
)
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeListener, FakeLoadBalancer

from . import interfaces
from .balancer import LoadBalancer
from .listener import SECURE, Listener, require_certificate, require_policy
from .target_group import TargetGroup

Certificates = list[dict[str, Any]] | None


def fill() -> None:
    """moto's backend makes its objects by these names."""
    models.FakeListener = Listener  # type: ignore[misc]
    models.FakeLoadBalancer = LoadBalancer  # type: ignore[misc]
    models.FakeTargetGroup = TargetGroup  # type: ignore[misc]


class LoadBalancers(ELBv2Backend):
    """moto's backend, which asks ACM first and knows what is in use."""

    @property
    def _url_module(self) -> Any:
        """moto derives this from a class's module; ours stands elsewhere."""
        return elbv2_urls

    def create_load_balancer(self, name: str, *others: Any, **named: Any) -> FakeLoadBalancer:
        if any(balancer.name == name for balancer in self.load_balancers.values()):
            raise DuplicateLoadBalancerName()
        made = super().create_load_balancer(name, *others, **named)
        if made.type == "network":
            self._rename(made, made.arn.replace("/app/", "/net/"))
        interfaces.settle(self.ec2_backend, made)
        return made

    def _rename(self, balancer: FakeLoadBalancer, arn: str) -> None:
        tags = self.tagging_service.get_tag_dict_for_resource(balancer.arn)
        del self.load_balancers[balancer.arn]
        balancer.arn = arn
        self.load_balancers[arn] = balancer
        self.tagging_service.tag_resource(arn, [{"Key": k, "Value": v} for k, v in tags.items()])

    def describe_load_balancers(
        self, arns: list[str] | None, names: list[str] | None
    ) -> list[FakeLoadBalancer]:
        """moto finds the one before for a name that it doesn't know."""
        for known, wanted in (("arn", arns or []), ("name", names or [])):
            there = {getattr(balancer, known) for balancer in self.load_balancers.values()}
            if not there.issuperset(wanted):
                raise LoadBalancerNotFoundError()
        return super().describe_load_balancers(arns, names)

    def delete_load_balancer(self, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer and balancer.attrs["deletion_protection.enabled"] == "true":
            raise ELBClientError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        super().delete_load_balancer(arn)
        if balancer:
            interfaces.remove(self.ec2_backend, balancer)

    def set_subnets(self, arn: str, *others: Any, **named: Any) -> Any:
        zones = super().set_subnets(arn, *others, **named)
        interfaces.settle(self.ec2_backend, self.load_balancers[arn])
        return zones

    def create_listener(
        self,
        load_balancer_arn: str,
        protocol: str,
        port: str,
        ssl_policy: str,
        certificate: str | None,
        *others: Any,
        **named: Any,
    ) -> FakeListener:
        balancer = self.load_balancers.get(load_balancer_arn)
        if balancer and any(it.port == port for it in balancer.listeners.values()):
            raise DuplicateListenerError()
        require_policy(ssl_policy)
        require_certificate(protocol, certificate)
        self._require_issued([{"CertificateArn": certificate}] if certificate else None)
        return super().create_listener(
            load_balancer_arn, protocol, port, ssl_policy, certificate, *others, **named
        )

    def modify_listener(
        self,
        arn: str,
        port: str | None = None,
        protocol: str | None = None,
        ssl_policy: str | None = None,
        certificates: Certificates = None,
        actions: list[dict[str, Any]] | None = None,
    ) -> FakeListener:
        require_policy(ssl_policy)
        self._require_issued(certificates)
        old = self.describe_listeners(None, [arn])[0]
        wanted, given = protocol or old.protocol, (certificates or [{}])[0].get("CertificateArn")
        require_certificate(wanted, given or old.certificate)
        # moto knows no TLS here, and no certificate but of HTTPS.
        known = None if wanted == "TLS" else protocol
        listener = super().modify_listener(arn, port, known, ssl_policy, certificates, actions)
        listener.protocol = wanted
        if given and wanted in SECURE:
            listener.certificate = given
        listener.settle()
        return listener

    def add_listener_certificates(self, arn: str, certificates: Certificates) -> list[str]:
        self._require_issued(certificates)
        listener = self.describe_listeners(None, [arn])[0]
        added = [entry["CertificateArn"] for entry in certificates or []]
        listener.others += [it for it in added if it not in listener.others]
        return added

    def describe_listener_certificates(self, arn: str) -> list[str]:
        return self.describe_listeners(None, [arn])[0].every_certificate

    def remove_listener_certificates(self, arn: str, certificates: Certificates) -> None:
        listener = self.describe_listeners(None, [arn])[0]
        gone = [entry["CertificateArn"] for entry in certificates or []]
        if listener.certificate in gone:
            raise ELBClientError(
                "OperationNotPermitted", "You cannot remove the default certificate of a listener"
            )
        listener.others = [it for it in listener.others if it not in gone]

    def modify_target_group(self, arn: str, *checks: Any, **named: Any) -> TargetGroup:
        group = super().modify_target_group(arn, *checks, **named)
        codes = named.get("http_codes", checks[7] if len(checks) > 7 else None)
        if codes is not None and group.health_check_protocol in ("HTTP", "HTTPS"):
            group.matcher = {"HttpCode": codes}
        return group

    def modify_target_group_attributes(
        self, target_group_arn: str, attributes: dict[str, Any]
    ) -> None:
        self._group(target_group_arn).require_attributes(attributes)
        super().modify_target_group_attributes(target_group_arn, attributes)

    def describe_target_groups(
        self, load_balancer_arn: str | None, target_group_arns: list[str], names: list[str] | None
    ) -> Any:
        """moto notes who used a group, and never that somebody does not any more."""
        for group in self.target_groups.values():
            group.load_balancer_arns = self.users(group.arn)
        return super().describe_target_groups(load_balancer_arn, target_group_arns, names)

    def describe_target_health(
        self, target_group_arn: str, targets: list[dict[str, Any]]
    ) -> list[FakeHealthStatus]:
        group = self._group(target_group_arn)
        return group.describe(targets or [], bool(self.users(target_group_arn)))

    def users(self, target_group_arn: str) -> list[str]:
        """The load balancers that send traffic to a target group."""
        return [
            balancer.arn
            for balancer in self.load_balancers.values()
            if any(
                target_group_arn in self._get_target_group_arns_from(action.data)
                for listener in balancer.listeners.values()
                for rule in listener.rules.values()
                for action in rule.actions
            )
        ]

    def _group(self, arn: str) -> TargetGroup:
        if arn not in self.target_groups:
            raise TargetGroupNotFoundError()
        return self.target_groups[arn]  # type: ignore[return-value]

    def _require_issued(self, certificates: Certificates) -> None:
        known = acm_backends[self.account_id][self.region_name].certificates
        for arn in (entry["CertificateArn"] for entry in certificates or []):
            if ":acm:" not in arn:
                continue
            if arn not in known:
                raise ELBClientError("CertificateNotFound", f"Certificate '{arn}' not found")
            known[arn].check()
            if known[arn].status != "ISSUED":
                raise ELBClientError(
                    "UnsupportedCertificate",
                    f"The certificate '{arn}' must have a fully-qualified domain name, a supported "
                    "signature, and a supported key size.",
                )
