"""Issuing a certificate.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html
"""

import secrets
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID

from . import keys, revocation, subject, templates, validity
from .authority import Authority, IssuedCertificate
from .errors import (
    InvalidArgsException,
    InvalidStateException,
    MalformedCSRException,
    ValidationException,
)
from .templates import Template


def issue(authority: Authority, request: dict[str, Any]) -> str:
    """Issue a certificate, or find the one issued under the same token; return its ARN."""
    template = templates.find(request.get("TemplateArn"))
    _require_state(authority, template)
    token = request.get("IdempotencyToken")
    if known := authority.issue_tokens.answer(token):
        return known

    csr = _parse(request["Csr"])
    signing = keys.signing(request["SigningAlgorithm"], authority.key_algorithm)
    issued_at = validity.now()
    end = validity.not_after(request["Validity"], issued_at)
    start = validity.not_before(request.get("ValidityNotBefore"), issued_at, end)
    _require_allowed(authority, template, csr, end, issued_at)

    passed = request.get("ApiPassthrough", {}) if template.passes_through else {}
    serial = secrets.randbits(127) | 1 << 126
    builder = x509.CertificateBuilder(
        issuer_name=csr.subject if template.kind == "ROOT" else authority.certificate.subject,
        subject_name=subject.name(passed["Subject"]) if passed.get("Subject") else csr.subject,
        public_key=csr.public_key(),
        serial_number=serial,
        not_valid_before=start,
        not_valid_after=end,
    )
    for extension in templates.extensions(
        template,
        csr,
        _authority_key_identifier(authority),
        revocation.extensions(authority.revocation, authority.region, authority.id),
        passed.get("Extensions", {}),
    ):
        builder = builder.add_extension(extension.value, extension.critical)
    certificate = builder.sign(authority.key, signing.algorithm, rsa_padding=signing.rsa_padding)

    arn = f"{authority.arn}/certificate/{serial:032x}"
    is_root = template.kind == "ROOT"
    chain = [] if is_root else [authority.certificate, *authority.chain]
    authority.issued[arn] = IssuedCertificate(certificate, chain, is_root)
    authority.issue_tokens.remember(token, arn)
    return arn


def _require_state(authority: Authority, template: Template) -> None:
    """ACTIVE; a root's own certificate also before there is one, and after it expired."""
    authority.require_not_deleted()
    self_signing = authority.type == "ROOT" and template.kind == "ROOT"
    allowed = {"ACTIVE", "PENDING_CERTIFICATE", "EXPIRED"} if self_signing else {"ACTIVE"}
    if authority.status not in allowed:
        raise InvalidStateException(
            "The certificate authority is not in a valid state for issuing certificates"
        )


def _parse(pem: bytes) -> x509.CertificateSigningRequest:
    try:
        csr = x509.load_pem_x509_csr(pem)
        valid = csr.is_signature_valid
        names = list(csr.subject)
        extensions = {extension.oid for extension in csr.extensions}
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.DuplicateExtension):
        raise MalformedCSRException("The certificate signing request is invalid.") from None
    if not valid:
        raise MalformedCSRException("The signature of the certificate signing request is invalid.")
    if not names and ExtensionOID.SUBJECT_ALTERNATIVE_NAME not in extensions:
        raise MalformedCSRException(
            "A CSR must provide either a subject name or a subject alternative name."
        )
    return csr


def _require_allowed(
    authority: Authority,
    template: Template,
    csr: x509.CertificateSigningRequest,
    end: datetime,
    issued_at: datetime,
) -> None:
    if template.kind == "ROOT":
        if authority.type != "ROOT" or not _same_key(csr.public_key(), authority.key.public_key()):
            raise InvalidArgsException(
                "The template RootCACertificate/V1 signs only the own request of a root."
            )
        return
    if end > authority.certificate.not_valid_after_utc:
        raise ValidationException(
            "The certificate validity specified exceeds the certificate authority validity"
        )
    if template.kind == "SUBORDINATE":
        limit = _path_length(authority.certificate)
        if limit is not None and template.path_length >= limit:
            raise InvalidArgsException(
                f"The path length {template.path_length} exceeds the limit set by the CA."
            )
    elif (
        authority.usage_mode == "SHORT_LIVED_CERTIFICATE"
        and end - issued_at > validity.SHORT_LIVED_LIMIT
    ):
        raise ValidationException(
            "The certificate validity specified exceeds the limit of seven days of a certificate "
            "authority in the SHORT_LIVED_CERTIFICATE mode."
        )


def _path_length(certificate: x509.Certificate) -> int | None:
    return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length


def _authority_key_identifier(authority: Authority) -> x509.AuthorityKeyIdentifier:
    """The CA certificate's own identifier, which an external parent may have chosen."""
    for extension in authority.certificate.extensions if authority.certificate else ():
        if isinstance(extension.value, x509.SubjectKeyIdentifier):
            return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(extension.value)
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())


def _same_key(one: Any, other: Any) -> bool:
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return one.public_bytes(*form) == other.public_bytes(*form)
