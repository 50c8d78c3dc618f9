"""ELBv2 refuses a certificate that is not issued; all else about load balancers is moto's.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
"""

from typing import Any

from moto.acm.models import acm_backends
from moto.elbv2 import urls as elbv2_urls
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend, FakeListener

Certificates = list[dict[str, Any]] | None


class LoadBalancers(ELBv2Backend):
    """moto's backend, which asks ACM first."""

    @property
    def _url_module(self) -> Any:
        """moto derives this from a class's module; ours stands elsewhere."""
        return elbv2_urls

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
        self._require_issued(certificates)
        return super().modify_listener(arn, port, protocol, ssl_policy, certificates, actions)

    def add_listener_certificates(self, arn: str, certificates: Certificates) -> list[str]:
        self._require_issued(certificates)
        return super().add_listener_certificates(arn, certificates)

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
