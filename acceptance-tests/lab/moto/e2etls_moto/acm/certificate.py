"""One public certificate: from the request through its validation to a final state.

Nothing runs in the background: each look at a certificate first brings it up to date.
https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
"""

import os
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from moto.acm.models import CertBundle

from . import leaf, names, validation

RECORDS_SECONDS = float(os.environ.get("E2ETLS_ACM_RECORDS_SECONDS", "0.3"))
ISSUING_SECONDS = float(os.environ.get("E2ETLS_ACM_ISSUING_SECONDS", "0.3"))
# "Requests for ACM certificates time out if they are not validated within 72 hours."
VALIDATION_SECONDS = float(
    os.environ.get("E2ETLS_ACM_VALIDATION_SECONDS", timedelta(hours=72).total_seconds())
)


@dataclass(frozen=True)
class End:
    """How lab control ends a validation: this state, `after` seconds from the request."""

    status: str
    reason: str | None = None
    after: float = 0


class PublicCertificate(CertBundle):
    """A certificate of type AMAZON_ISSUED. `ends` is shared by all of a region, by domain name."""

    def __init__(self, account_id: str, region: str, request: dict[str, Any], ends: dict[str, End]):
        self.names = names.requested(request)
        self.key_algorithm = request.get("KeyAlgorithm", "RSA_2048")
        leaf.require_supported(self.key_algorithm)
        options = {"CertificateTransparencyLoggingPreference": "ENABLED", "Export": "DISABLED"}
        certificate, key = leaf.make(self.names, self.key_algorithm)
        super().__init__(
            account_id,
            certificate,
            key,
            region=region,
            cert_type="AMAZON_ISSUED",
            cert_status="PENDING_VALIDATION",
            cert_options=options | request.get("Options", {}),
        )
        self.records = {name: validation.record(account_id, name) for name in self.names}
        self.requested_at = time.time()
        self.issued_at: float | None = None
        self.failure_reason: str | None = None
        self._ends = ends
        self._validated: set[str] = set()
        self._complete_at: float | None = None

    @property
    def has_records(self) -> bool:
        """Whether ACM has made up the validation records."""
        return time.time() >= self.requested_at + RECORDS_SECONDS

    def finish(self, status: str, reason: str | None = None) -> None:
        """Put it into a final state, or issue it."""
        self.status, self.failure_reason = status, reason
        if status == "ISSUED":
            self.issued_at = time.time()

    def validation_status(self, name: str) -> str:
        if name in self._validated or self.issued_at is not None:
            return "SUCCESS"
        return "PENDING_VALIDATION" if self.status == "PENDING_VALIDATION" else "FAILED"

    def check(self) -> None:
        """Bring it up to date. moto calls this whenever it reads a certificate."""
        if self.status != "PENDING_VALIDATION" or not self.has_records:
            return
        now = time.time()
        end = next((self._ends[name] for name in self.names if name in self._ends), None)
        if end and now >= self.requested_at + end.after:
            return self.finish(end.status, end.reason)
        for name in self.names:
            if name not in self._validated and validation.is_published(self.records[name]):
                self._validated.add(name)
        if len(self._validated) == len(self.names):
            self._complete_at = self._complete_at or now
            if now >= self._complete_at + ISSUING_SECONDS:
                self.finish("ISSUED")
        elif now >= self.requested_at + VALIDATION_SECONDS:
            self.finish("VALIDATION_TIMED_OUT")
        return None
