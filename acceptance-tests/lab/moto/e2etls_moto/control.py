"""Lab control, which AWS has nothing of: bring a CA into a state that takes long or luck.

``POST /moto-api/e2etls/acm-pca``, ``Content-Type: application/json``, with
``{"CertificateAuthorityArn": …, "Action": …}``:

========== ==============================================================
``fail``   FAILED, with FailureReason REQUEST_TIMED_OUT
``expire`` EXPIRED, until a certificate is imported
``purge``  gone, as after the restoration period
``forget`` all its idempotency tokens and its region's have timed out
========== ==============================================================
"""

import json
from typing import Any

from moto.acmpca.models import acmpca_backends

PATH = "/moto-api/e2etls/acm-pca"


def handle(request: Any, full_url: str, headers: Any) -> tuple[int, dict[str, str], str]:
    try:
        body = json.loads(request.data)
        arn, action = body["CertificateAuthorityArn"], body["Action"]
        _, _, _, region, account, _ = arn.split(":")
        backend = acmpca_backends[account][region]
        authority = backend.authorities[arn]
    except (KeyError, TypeError, ValueError) as error:
        return 400, {}, json.dumps({"Error": f"{type(error).__name__}: {error}"})
    with backend.lock:
        if action == "fail":
            authority.failure_reason = "REQUEST_TIMED_OUT"
        elif action == "expire":
            authority.forced_expiry = True
        elif action == "purge":
            del backend.authorities[arn]
        elif action == "forget":
            authority.issue_tokens.forget()
            backend.create_tokens.forget()
        else:
            return 400, {}, json.dumps({"Error": f"unknown action {action}"})
        authority.changed()
    return 200, {}, json.dumps({"Status": authority.status})
