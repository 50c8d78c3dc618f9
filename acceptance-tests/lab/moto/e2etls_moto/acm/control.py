"""Lab control, which AWS has nothing of: what takes days, a failure, or another service of AWS.

``POST /moto-api/e2etls/acm``, ``Content-Type: application/json``. With
``{"CertificateArn": …, "Action": …}`` it is about one certificate:

============ ===============================================================================
``issue``    ISSUED, without any record
``time_out`` VALIDATION_TIMED_OUT
``fail``     FAILED; ``"Reason"`` is its FailureReason (CAA_ERROR)
``expire``   EXPIRED
``revoke``   REVOKED
``use``      used by the resource that ``"By"`` names, until it is released
``release``  not used by that resource any more
``export``   as before; the answer has its ``Certificate``, ``Chain``, ``PrivateKey``, ``Names``
============ ===============================================================================

With ``{"DomainName": …, "Region": …, "Action": …}`` it is about every certificate with that name
among its own, now and later, that is not validated yet:

============ ===============================================================================
``time_out`` VALIDATION_TIMED_OUT, ``"AfterSeconds"`` (0) after the request
``fail``     FAILED, the same way; with ``"Reason"``
``clear``    as usual again; certificates that have ended stay what they are
``forget``   all idempotency tokens of the region have timed out, whatever the domain
============ ===============================================================================
"""

import json
from typing import Any

from cryptography import x509
from moto.acm.models import CertBundle, acm_backends
from moto.core import DEFAULT_ACCOUNT_ID

from .backend import CertificateManager
from .certificate import End

PATH = "/moto-api/e2etls/acm"
STATES = {
    "issue": "ISSUED",
    "time_out": "VALIDATION_TIMED_OUT",
    "fail": "FAILED",
    "expire": "EXPIRED",
    "revoke": "REVOKED",
}


def handle(request: Any, full_url: str, headers: Any) -> tuple[int, dict[str, str], str]:
    try:
        body = json.loads(request.data)
        answer = _certificate(body) if "CertificateArn" in body else _domain(body)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        return 400, {}, json.dumps({"Error": f"{type(error).__name__}: {error}"})
    return 200, {}, json.dumps(answer)


def _certificate(body: dict[str, Any]) -> dict[str, Any]:
    arn, action = body["CertificateArn"], body["Action"]
    _, _, _, region, account, _ = arn.split(":", 5)
    backend = acm_backends[account][region]
    with backend.lock:
        certificate = backend.certificates[arn]
        if action == "use":
            certificate.in_use_by.append(body["By"])
        elif action == "release":
            certificate.in_use_by.remove(body["By"])
        elif action == "export":
            return _export(certificate)
        else:
            certificate.finish(STATES[action], _reason(body))
        return {"Status": certificate.status}


def _export(certificate: CertBundle) -> dict[str, Any]:
    """For the lab's data plane, which terminates TLS as a load balancer does."""
    parts = {
        "Certificate": certificate.cert,
        "Chain": certificate.chain,
        "PrivateKey": certificate.key,
    }
    answer: dict[str, Any] = {name: part.decode() if part else "" for name, part in parts.items()}
    leaf = x509.load_pem_x509_certificate(certificate.cert)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return answer | {"Names": names.get_values_for_type(x509.DNSName)}


def _domain(body: dict[str, Any]) -> dict[str, Any]:
    backend: CertificateManager = acm_backends[DEFAULT_ACCOUNT_ID][body["Region"]]
    name, action = body["DomainName"], body["Action"]
    with backend.lock:
        if action == "forget":
            backend.tokens.forget()
        elif action == "clear":
            backend.ends.pop(name, None)
        elif action in ("time_out", "fail"):
            after = float(body.get("AfterSeconds", 0))
            backend.ends[name] = End(STATES[action], _reason(body), after)
        else:
            raise ValueError(f"unknown action {action}")
    return {}


def _reason(body: dict[str, Any]) -> str | None:
    return body.get("Reason", "CAA_ERROR") if body["Action"] == "fail" else None
