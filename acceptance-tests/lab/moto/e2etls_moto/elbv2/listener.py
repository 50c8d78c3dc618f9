"""A listener: one default certificate, others by name, client authentication.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html
"""

from typing import Any

from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import FakeListener
from moto.elbv2.ssl_policies import SSL_POLICIES

DEFAULT_POLICY = "ELBSecurityPolicy-2016-08"
SECURE = ("HTTPS", "TLS")


class Listener(FakeListener):
    """moto's, which knows what a protocol goes with."""

    mutual_authentication: dict[str, Any] | None = None

    def __init__(self, *positional: Any):
        self.others: list[str] = []
        super().__init__(*positional)
        self.settle()
        if self.protocol in ("HTTP", "HTTPS"):
            self.attributes = {"routing.http.response.server.enabled": "true"}

    @property
    def certificates(self) -> list[str]:
        """What DescribeListeners shows: the default certificate alone."""
        return [self.certificate] if self.certificate else []

    @certificates.setter
    def certificates(self, arns: list[str]) -> None:
        self.certificate = arns[0] if arns else None

    @property
    def every_certificate(self) -> list[str]:
        return self.certificates + [arn for arn in self.others if arn != self.certificate]

    def settle(self) -> None:
        """Puts right what does not go with the protocol."""
        if self.protocol not in SECURE:
            self.certificate, self.others = None, []
            self.ssl_policy = None
            self.mutual_authentication = None
        elif self.protocol == "HTTPS" and self.mutual_authentication is None:
            self.mutual_authentication = {"Mode": "off"}


def require_policy(name: str | None) -> None:
    if name is not None and name not in SSL_POLICIES:
        raise ELBClientError("SSLPolicyNotFound", f"SSL policy '{name}' not found")


def require_certificate(protocol: str, certificate: str | None) -> None:
    if protocol in SECURE and not certificate:
        raise ELBClientError(
            "ValidationError", f"A certificate must be specified for {protocol} listeners"
        )


def authentication(wanted: dict[str, Any]) -> dict[str, Any]:
    """The MutualAuthentication of a request, as the service takes it."""
    mode = wanted.get("Mode")
    if mode not in ("off", "passthrough", "verify"):
        raise ELBClientError("ValidationError", f"Mutual authentication mode '{mode}' is not valid")
    if (mode == "verify") != ("TrustStoreArn" in wanted):
        raise ELBClientError(
            "ValidationError", "A trust store ARN goes with mutual authentication mode 'verify'"
        )
    return wanted
