"""The actions of the Private CA API, in one account and region.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_Operations.html
Each method has the name of its action and takes the request that
`request.parse` has checked against the service's model.
"""

import re
import time
from threading import RLock
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from moto.acmpca import urls as acmpca_urls
from moto.core.base_backend import BaseBackend

from . import importing, issuing, revocation, tags
from .authority import Authority, colon_hex, new_arn
from .errors import (
    InvalidArgsException,
    InvalidArnException,
    InvalidRequestException,
    InvalidStateException,
    PermissionAlreadyExistsException,
    RequestAlreadyProcessedException,
    RequestInProgressException,
    ResourceNotFoundException,
    ValidationException,
)
from .paging import page
from .tokens import Tokens

AUTHORITY_ARN = re.compile(r"arn:[\w-]+:acm-pca:[\w-]+:\d{12}:certificate-authority/[0-9a-f-]{36}")
PAGE_LIMIT = 100  # "the action only returns a maximum of 100 items"
PERMISSION_PRINCIPAL = "acm.amazonaws.com"


class PrivateCa(BaseBackend):
    """All CAs of an account in a region. Callers hold `lock` around an action."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.lock = RLock()
        self.authorities: dict[str, Authority] = {}
        self.create_tokens = Tokens()

    @property
    def _url_module(self) -> Any:
        """moto derives this from a class's module; ours stands elsewhere."""
        return acmpca_urls

    def find(self, arn: str) -> Authority:
        """The CA of that ARN, deleted or not, until its restoration period has ended."""
        if not AUTHORITY_ARN.fullmatch(arn):
            raise InvalidArnException(f"{arn} is not the ARN of a certificate authority.")
        authority = self.known().get(arn)
        if authority is None:
            raise ResourceNotFoundException(f"The certificate authority {arn} does not exist.")
        return authority

    def known(self) -> dict[str, Authority]:
        """All CAs by ARN, in the order of their creation."""
        for arn, authority in list(self.authorities.items()):
            if authority.restorable_until is not None and authority.restorable_until < time.time():
                del self.authorities[arn]
        return self.authorities

    def living(self, request: dict[str, Any], member: str = "CertificateAuthorityArn") -> Authority:
        """The CA that a request names, which must not be DELETED."""
        authority = self.find(request[member])
        authority.require_not_deleted()
        return authority

    def create_certificate_authority(self, request: dict[str, Any]) -> dict[str, Any]:
        token = request.get("IdempotencyToken")
        arn = self.create_tokens.answer(token)
        if arn is None:
            arn = new_arn(self.partition, self.region_name, self.account_id)
            authority = Authority(arn, self.account_id, self.region_name, request)
            tags.add(authority.tags, request.get("Tags", []))
            self.authorities[arn] = authority
            self.create_tokens.remember(token, arn)
        return {"CertificateAuthorityArn": arn}

    def describe_certificate_authority(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"CertificateAuthority": self.find(request["CertificateAuthorityArn"]).describe()}

    def list_certificate_authorities(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("ResourceOwner") == "OTHER_ACCOUNTS":
            return {"CertificateAuthorities": []}
        limit = min(request.get("MaxResults", PAGE_LIMIT), PAGE_LIMIT)
        entries = [(arn, authority.describe()) for arn, authority in self.known().items()]
        return page("CertificateAuthorities", entries, limit, request.get("NextToken"))

    def update_certificate_authority(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.living(request)
        status = request.get("Status")
        if authority.status not in ("ACTIVE", "DISABLED"):
            raise InvalidStateException(
                "The certificate authority must be in the ACTIVE or DISABLED state to be updated."
            )
        if status not in (None, "ACTIVE", "DISABLED"):
            raise InvalidArgsException(f"The status of a CA cannot be set to {status}.")
        authority.revocation = revocation.merged(
            authority.revocation, request.get("RevocationConfiguration")
        )
        if status is not None:
            authority.disabled = status == "DISABLED"
        authority.changed()
        return {}

    def delete_certificate_authority(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.find(request["CertificateAuthorityArn"])
        authority.delete(request.get("PermanentDeletionTimeInDays", 30))
        return {}

    def restore_certificate_authority(self, request: dict[str, Any]) -> dict[str, Any]:
        self.find(request["CertificateAuthorityArn"]).restore()
        return {}

    def get_certificate_authority_csr(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"Csr": self.living(request).csr}

    def get_certificate_authority_certificate(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.living(request)
        if authority.certificate is None:
            raise InvalidStateException(
                f"The certificate authority {authority.arn} is not in the correct state to have a "
                "certificate signing request."
            )
        return _certificate(authority.certificate, authority.chain)

    def import_certificate_authority_certificate(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.find(request["CertificateAuthorityArn"])
        importing.install(authority, request["Certificate"], request.get("CertificateChain", b""))
        return {}

    def issue_certificate(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.find(request["CertificateAuthorityArn"])
        return {"CertificateArn": issuing.issue(authority, request)}

    def get_certificate(self, request: dict[str, Any]) -> dict[str, Any]:
        authority, arn = self.find(request["CertificateAuthorityArn"]), request["CertificateArn"]
        if authority.deleted:
            raise InvalidStateException(
                f"The certificate authority {authority.arn} is not in the correct state to have "
                "issued certificates."
            )
        if not re.fullmatch(AUTHORITY_ARN.pattern + r"/certificate/\w+", arn):
            raise InvalidArnException(f"{arn} is not the ARN of a certificate.")
        issued = authority.issued.get(arn)
        if issued is None:
            raise ResourceNotFoundException(f"The certificate {arn} does not exist.")
        if time.time() < issued.ready_at:
            raise RequestInProgressException("The certificate is being issued.")
        return _certificate(issued.certificate, issued.chain)

    def revoke_certificate(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.living(request)
        if authority.status not in ("ACTIVE", "DISABLED"):
            raise InvalidStateException(
                "The certificate authority is not in a valid state for revoking certificates."
            )
        serial = request["CertificateSerial"].replace(":", "").lower().lstrip("0")
        for issued in authority.issued.values():
            if colon_hex(issued.certificate.serial_number).replace(":", "").lstrip("0") == serial:
                break
        else:
            raise ResourceNotFoundException("The certificate does not exist.")
        if issued.is_root:
            raise InvalidRequestException("A root CA self-signed certificate cannot be revoked.")
        if issued.revoked:
            raise RequestAlreadyProcessedException("The certificate has already been revoked.")
        issued.revoked = True
        return {}

    def tag_certificate_authority(self, request: dict[str, Any]) -> dict[str, Any]:
        tags.add(self.living(request).tags, request["Tags"])
        return {}

    def untag_certificate_authority(self, request: dict[str, Any]) -> dict[str, Any]:
        tags.remove(self.living(request).tags, request["Tags"])
        return {}

    def list_tags(self, request: dict[str, Any]) -> dict[str, Any]:
        entries = [
            (key, {"Key": key, "Value": value}) for key, value in self.living(request).tags.items()
        ]
        return page("Tags", entries, request.get("MaxResults", 50), request.get("NextToken"))

    def create_permission(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.living(request)
        if request["Principal"] != PERMISSION_PRINCIPAL:
            raise ValidationException(f"The only valid principal is {PERMISSION_PRINCIPAL}.")
        key = (request["Principal"], request.get("SourceAccount", self.account_id))
        if key in authority.permissions:
            raise PermissionAlreadyExistsException(
                "The designated permission has already been given to the user."
            )
        authority.permissions[key] = {
            "CertificateAuthorityArn": authority.arn,
            "CreatedAt": time.time(),
            "Principal": key[0],
            "SourceAccount": key[1],
            "Actions": request["Actions"],
        }
        return {}

    def list_permissions(self, request: dict[str, Any]) -> dict[str, Any]:
        entries = [
            ("/".join(key), permission)
            for key, permission in self.living(request).permissions.items()
        ]
        limit = request.get("MaxResults", PAGE_LIMIT)
        return page("Permissions", entries, limit, request.get("NextToken"))

    def delete_permission(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.living(request)
        key = (request["Principal"], request.get("SourceAccount", self.account_id))
        if authority.permissions.pop(key, None) is None:
            raise ResourceNotFoundException("The permission does not exist.")
        return {}

    def put_policy(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.living(request, "ResourceArn")
        if authority.status != "ACTIVE":
            raise InvalidStateException("The certificate authority is not in the ACTIVE state.")
        authority.policy = request["Policy"]
        return {}

    def get_policy(self, request: dict[str, Any]) -> dict[str, Any]:
        authority = self.living(request, "ResourceArn")
        if authority.policy is None:
            raise ResourceNotFoundException("No policy is attached to the certificate authority.")
        return {"Policy": authority.policy}

    def delete_policy(self, request: dict[str, Any]) -> dict[str, Any]:
        self.living(request, "ResourceArn").policy = None
        return {}


def _certificate(certificate: Certificate, chain: list[Certificate]) -> dict[str, str]:
    """A certificate and, unless it is self-signed, the chain from its issuer to the root."""
    answer = {"Certificate": _pem(certificate)}
    if chain:
        answer["CertificateChain"] = "\n".join(_pem(item) for item in chain)
    return answer


def _pem(certificate: Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode().strip()
