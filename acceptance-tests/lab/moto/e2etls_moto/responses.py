"""The wire: JSON 1.1 requests to `actions.PrivateCa` and back.

https://docs.aws.amazon.com/privateca/latest/APIReference/CommonParameters.html
"""

import json
from collections.abc import Callable
from typing import Any

from moto.acmpca.models import acmpca_backends
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores

from . import request

OPERATIONS = (
    "CreateCertificateAuthority",
    "CreatePermission",
    "DeleteCertificateAuthority",
    "DeletePermission",
    "DeletePolicy",
    "DescribeCertificateAuthority",
    "GetCertificate",
    "GetCertificateAuthorityCertificate",
    "GetCertificateAuthorityCsr",
    "GetPolicy",
    "ImportCertificateAuthorityCertificate",
    "IssueCertificate",
    "ListCertificateAuthorities",
    "ListPermissions",
    "ListTags",
    "PutPolicy",
    "RestoreCertificateAuthority",
    "RevokeCertificate",
    "TagCertificateAuthority",
    "UntagCertificateAuthority",
    "UpdateCertificateAuthority",
)


class PrivateCaResponse(BaseResponse):
    """moto calls the method named after the action; they are made below."""

    def __init__(self) -> None:
        super().__init__(service_name="acm-pca")


def _handler(operation: str) -> Callable[[PrivateCaResponse], Any]:
    action = camelcase_to_underscores(operation)

    def handle(self: PrivateCaResponse) -> Any:
        parameters = request.parse("acm-pca", operation, json.loads(self.body or "{}"))
        backend = acmpca_backends[self.current_account][self.region]
        with backend.lock:
            answer = getattr(backend, action)(parameters)
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer)

    handle.__name__ = action
    return handle


for _operation in OPERATIONS:
    setattr(PrivateCaResponse, camelcase_to_underscores(_operation), _handler(_operation))
