"""All certificates of an account in a region, and what other services of moto ask about them."""

import os
from threading import RLock
from typing import Any

from moto.acm import urls as acm_urls
from moto.acm.models import AWSCertificateManagerBackend, CertBundle

from ..tokens import Tokens
from .certificate import End
from .errors import ResourceNotFoundException

# "Idempotency tokens time out after one hour."
TOKEN_SECONDS = float(os.environ.get("E2ETLS_ACM_TOKEN_SECONDS", "3600"))


class CertificateManager(AWSCertificateManagerBackend):
    """moto's backend with our certificates in it. Callers hold `lock` around an action."""

    SERVICE_NAMESPACE = "acm"

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.lock = RLock()
        self.tokens = Tokens(TOKEN_SECONDS)
        self.ends: dict[str, End] = {}

    @property
    def _url_module(self) -> Any:
        """moto derives this from a class's module; ours stands elsewhere."""
        return acm_urls

    @property
    def certificates(self) -> dict[str, CertBundle]:
        """Every certificate by ARN, in the order of creation."""
        return self._certificates

    def get_certificate(self, arn: str) -> CertBundle:
        """The certificate of that ARN, up to date."""
        certificate = self._certificates.get(arn)
        if certificate is None:
            raise ResourceNotFoundException(arn, self.account_id)
        certificate.check()
        return certificate

    def set_certificate_in_use_by(self, arn: str, load_balancer_name: str) -> None:
        """moto's listeners announce themselves, but never their end: `usage` looks at them."""
        self.get_certificate(arn)
