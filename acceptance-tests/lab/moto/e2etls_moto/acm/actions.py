"""The actions of the ACM API that are filled, in one account and region.

https://docs.aws.amazon.com/acm/latest/APIReference/API_Operations.html
Each function has the name of its action and takes the request that
`request.parse` has checked against the service's model.
"""

from typing import Any

from .. import tags
from . import detail, names
from .backend import CertificateManager
from .certificate import PublicCertificate
from .errors import (
    InvalidParameterException,
    RequestInProgressException,
    ResourceInUseException,
)
from .listing import list_certificates as list_certificates
from .usage import users

Request = dict[str, Any]
Answer = dict[str, Any]

NEVER_ISSUED = ("PENDING_VALIDATION", "VALIDATION_TIMED_OUT", "FAILED")


def request_certificate(backend: CertificateManager, request: Request) -> Answer:
    """A token that comes again with the same names is answered with the first ARN, also when that
    certificate was deleted meanwhile; with other names it asks for another certificate."""
    wanted, token = names.requested(request), request.get("IdempotencyToken")
    key = f"{token} {' '.join(wanted)}" if token else None
    arn = backend.tokens.answer(key)
    if arn is None:
        arn = _private(backend, request) or _public(backend, request)
        backend.tokens.remember(key, arn)
    return {"CertificateArn": arn}


def describe_certificate(backend: CertificateManager, request: Request) -> Answer:
    return {"Certificate": detail.describe(backend.get_certificate(request["CertificateArn"]))}


def get_certificate(backend: CertificateManager, request: Request) -> Answer:
    certificate = backend.get_certificate(request["CertificateArn"])
    if certificate.status in NEVER_ISSUED:
        raise RequestInProgressException(
            f"Certificate {certificate.arn} in account {backend.account_id} is not issued yet."
        )
    chain = certificate.chain.decode()
    return {"Certificate": certificate.cert.decode(), "CertificateChain": chain}


def delete_certificate(backend: CertificateManager, request: Request) -> Answer:
    certificate = backend.get_certificate(request["CertificateArn"])
    if users(certificate):
        raise ResourceInUseException(certificate.arn, backend.account_id)
    del backend.certificates[certificate.arn]
    return {}


def add_tags_to_certificate(backend: CertificateManager, request: Request) -> Answer:
    tags.add(backend.get_certificate(request["CertificateArn"]).tags, request["Tags"])
    return {}


def remove_tags_from_certificate(backend: CertificateManager, request: Request) -> Answer:
    tags.remove(backend.get_certificate(request["CertificateArn"]).tags, request["Tags"])
    return {}


def list_tags_for_certificate(backend: CertificateManager, request: Request) -> Answer:
    certificate = backend.get_certificate(request["CertificateArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in certificate.tags.items()]}


def _public(backend: CertificateManager, request: Request) -> str:
    method = request.get("ValidationMethod", "EMAIL")
    if method != "DNS":
        raise InvalidParameterException(f"Validation by {method} is not supported by this lab.")
    certificate = PublicCertificate(backend.account_id, backend.region_name, request, backend.ends)
    tags.add(certificate.tags, request.get("Tags", []))
    backend.certificates[certificate.arn] = certificate
    return certificate.arn


def _private(backend: CertificateManager, request: Request) -> str | None:
    """A certificate of a private CA is as moto makes it."""
    if "CertificateAuthorityArn" not in request:
        return None
    return backend.request_certificate(
        request["DomainName"],
        None,
        request.get("SubjectAlternativeNames", []),
        request.get("Tags", []),
        request["CertificateAuthorityArn"],
        request.get("Options"),
    )
