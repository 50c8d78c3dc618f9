"""One private CA: its key, its certificate and its state.

https://docs.aws.amazon.com/privateca/latest/userguide/PcaUpdateStatus.html
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from . import keys, revocation, subject
from .errors import InvalidArgsException, InvalidStateException, RequestInProgressException
from .keys import PrivateKey
from .tokens import Tokens

CREATING_SECONDS = float(os.environ.get("E2ETLS_PCA_CREATING_SECONDS", "0.2"))
ISSUING_SECONDS = float(os.environ.get("E2ETLS_PCA_ISSUING_SECONDS", "0.2"))
DELETABLE = {"CREATING", "PENDING_CERTIFICATE", "DISABLED", "EXPIRED", "FAILED"}
DELETED_MESSAGE = (
    "The certificate authority is in the DELETED state and must be restored to complete "
    "this action."
)

_key_makers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="ca-key")


@dataclass
class IssuedCertificate:
    """A certificate of this CA, and the chain as it was when it was issued."""

    certificate: x509.Certificate
    chain: list[x509.Certificate]
    is_root: bool
    ready_at: float = field(default_factory=lambda: time.time() + ISSUING_SECONDS)
    revoked: bool = False


class Authority:
    """A CA. Its status is derived from what has happened to it."""

    def __init__(self, arn: str, account_id: str, region: str, request: dict[str, Any]):
        configuration = request["CertificateAuthorityConfiguration"]
        keys.require_supported(configuration["KeyAlgorithm"])
        if configuration.get("CsrExtensions"):
            raise InvalidArgsException("CsrExtensions are not supported by this lab.")
        self.csr_signing = keys.signing(
            configuration["SigningAlgorithm"], configuration["KeyAlgorithm"]
        )
        self.subject = subject.name(configuration["Subject"])
        self.arn, self.account_id, self.region = arn, account_id, region
        self.configuration = configuration
        self.type = request["CertificateAuthorityType"]
        self.usage_mode = request.get("UsageMode", "GENERAL_PURPOSE")
        self.key_storage = request.get("KeyStorageSecurityStandard", "FIPS_140_2_LEVEL_3_OR_HIGHER")
        self.revocation = revocation.merged(
            revocation.initial(), request.get("RevocationConfiguration")
        )
        self.created_at = self.changed_at = time.time()
        self.certificate: x509.Certificate | None = None
        self.chain: list[x509.Certificate] = []
        self.issued: dict[str, IssuedCertificate] = {}
        self.issue_tokens = Tokens()
        self.tags: dict[str, str] = {}
        self.permissions: dict[tuple[str, str], dict[str, Any]] = {}
        self.policy: str | None = None
        self.disabled = False
        self.deleted = False
        self.forced_expiry = False
        self.restorable_until: float | None = None
        self.failure_reason: str | None = None
        self._csr: str | None = None
        self._key = _key_makers.submit(keys.generate, configuration["KeyAlgorithm"])

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def key(self) -> PrivateKey:
        return self._key.result()

    @property
    def key_algorithm(self) -> str:
        return self.configuration["KeyAlgorithm"]

    @property
    def status(self) -> str:
        if self.deleted:
            return "DELETED"
        return self.undeleted_status

    @property
    def undeleted_status(self) -> str:
        """The status, or what it was before the CA was deleted."""
        if self.failure_reason:
            return "FAILED"
        if self.certificate is None:
            created = self._key.done() and time.time() >= self.created_at + CREATING_SECONDS
            return "PENDING_CERTIFICATE" if created else "CREATING"
        if self.forced_expiry or self.certificate.not_valid_after_utc.timestamp() <= time.time():
            return "EXPIRED"
        return "DISABLED" if self.disabled else "ACTIVE"

    @property
    def csr(self) -> str:
        """The request for the CA's own certificate, the same on every call."""
        self.require_not_deleted()
        if self.status == "CREATING":
            raise RequestInProgressException("The certificate authority is being created.")
        if self._csr is None:
            request = (
                x509.CertificateSigningRequestBuilder()
                .subject_name(self.subject)
                .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
                .sign(
                    self.key,
                    self.csr_signing.algorithm,
                    rsa_padding=self.csr_signing.rsa_padding,
                )
            )
            self._csr = request.public_bytes(Encoding.PEM).decode().strip()
        return self._csr

    def require_not_deleted(self) -> None:
        """Every action but Describe, List, Delete and Restore starts with this."""
        if self.deleted:
            raise InvalidStateException(DELETED_MESSAGE)

    def changed(self) -> None:
        self.changed_at = time.time()

    def delete(self, days: int) -> None:
        """https://docs.aws.amazon.com/privateca/latest/APIReference/API_DeleteCertificateAuthority.html"""
        if self.status not in DELETABLE:
            raise InvalidStateException(
                "The certificate authority is not in a valid state for deletion."
            )
        # Deleted while CREATING or FAILED, a CA has no restoration period.
        if self.status not in ("CREATING", "FAILED"):
            self.restorable_until = time.time() + timedelta(days=days).total_seconds()
        self.deleted = True
        self.changed()

    def restore(self) -> None:
        """https://docs.aws.amazon.com/privateca/latest/APIReference/API_RestoreCertificateAuthority.html"""
        if not self.deleted or self.restorable_until is None:
            raise InvalidStateException(
                "The certificate authority is not in a valid state for restoration."
            )
        self.deleted = False
        self.restorable_until = None
        self.changed()

    def describe(self) -> dict[str, Any]:
        """https://docs.aws.amazon.com/privateca/latest/APIReference/API_CertificateAuthority.html"""
        answer: dict[str, Any] = {
            "Arn": self.arn,
            "OwnerAccount": self.account_id,
            "CreatedAt": self.created_at,
            "LastStateChangeAt": self.changed_at,
            "Type": self.type,
            "Status": self.status,
            "CertificateAuthorityConfiguration": self.configuration,
            "RevocationConfiguration": self.revocation,
            "KeyStorageSecurityStandard": self.key_storage,
            "UsageMode": self.usage_mode,
        }
        if self.certificate is not None:
            answer["Serial"] = colon_hex(self.certificate.serial_number)
            answer["NotBefore"] = self.certificate.not_valid_before_utc.timestamp()
            answer["NotAfter"] = self.certificate.not_valid_after_utc.timestamp()
        if self.failure_reason:
            answer["FailureReason"] = self.failure_reason
        if self.restorable_until is not None:
            answer["RestorableUntil"] = self.restorable_until
        return answer


def new_arn(partition: str, region: str, account_id: str) -> str:
    return f"arn:{partition}:acm-pca:{region}:{account_id}:certificate-authority/{uuid4()}"


def colon_hex(serial: int) -> str:
    digits = f"{serial:x}"
    return bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2)).hex(":")
