"""The wire: JSON 1.1 requests to `actions` and back. Import, export and renewal are moto's own."""

import json
from collections.abc import Callable
from typing import Any

from moto.acm.models import acm_backends
from moto.acm.responses import AWSCertificateManagerResponse
from moto.core.utils import camelcase_to_underscores

from .. import request
from . import actions

OPERATIONS = (
    "AddTagsToCertificate",
    "DeleteCertificate",
    "DescribeCertificate",
    "GetCertificate",
    "ListCertificates",
    "ListTagsForCertificate",
    "RemoveTagsFromCertificate",
    "RequestCertificate",
)


class CertificateManagerResponse(AWSCertificateManagerResponse):
    """moto calls the method named after the action; ours are made below."""


def _handler(operation: str) -> Callable[[CertificateManagerResponse], Any]:
    name = camelcase_to_underscores(operation)
    action = getattr(actions, name)

    def handle(self: CertificateManagerResponse) -> Any:
        parameters = request.parse("acm", operation, json.loads(self.body or "{}"))
        backend = acm_backends[self.current_account][self.region]
        with backend.lock:
            answer = action(backend, parameters)
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer)

    handle.__name__ = name
    return handle


for _operation in OPERATIONS:
    setattr(CertificateManagerResponse, camelcase_to_underscores(_operation), _handler(_operation))
