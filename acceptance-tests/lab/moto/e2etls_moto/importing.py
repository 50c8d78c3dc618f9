"""Importing a CA's own certificate.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_ImportCertificateAuthorityCertificate.html
"""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID

from . import validity
from .authority import Authority
from .errors import (
    CertificateMismatchException,
    InvalidRequestException,
    InvalidStateException,
    MalformedCertificateException,
    RequestInProgressException,
)

# "Enforcement of Critical Constraints" on the reference page.
MAY_BE_CRITICAL = {
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.INHIBIT_ANY_POLICY,
    ExtensionOID.ISSUER_ALTERNATIVE_NAME,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.NAME_CONSTRAINTS,
    ExtensionOID.POLICY_MAPPINGS,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.SUBJECT_DIRECTORY_ATTRIBUTES,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.SUBJECT_INFORMATION_ACCESS,
}


def install(authority: Authority, certificate_pem: bytes, chain_pem: bytes) -> None:
    """Check certificate and chain, then make the CA ACTIVE with them.

    Works again for a renewed certificate of the same key. A CA that expired while
    it was disabled is DISABLED again, as the user guide's page on status says.
    """
    _require_state(authority)
    certificate = _only_one(certificate_pem)
    chain = _parse(chain_pem) if chain_pem.strip() else []
    if _public_key(certificate) != authority.key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    ):
        raise MalformedCertificateException(
            "The public key of the certificate does not match the certificate authority's."
        )
    for item in (certificate, *chain):
        _require_ca(item)
    if certificate.not_valid_after_utc <= validity.now():
        raise MalformedCertificateException("The certificate has expired.")
    if authority.type == "ROOT":
        _require_root(certificate, chain)
    else:
        _require_subordinate(certificate, chain)
    authority.certificate, authority.chain = certificate, chain
    authority.forced_expiry = False
    authority.changed()


def _require_state(authority: Authority) -> None:
    authority.require_not_deleted()
    if authority.status == "CREATING":
        raise RequestInProgressException("The certificate authority is being created.")
    if authority.status not in ("PENDING_CERTIFICATE", "ACTIVE", "EXPIRED"):
        raise InvalidStateException(
            "The certificate authority is not in a valid state for importing a certificate."
        )


def _require_root(certificate: x509.Certificate, chain: list[x509.Certificate]) -> None:
    if chain:
        raise InvalidRequestException("There is no chain when a root CA certificate is imported.")
    if not _signed_by(certificate, certificate):
        raise MalformedCertificateException(
            "Only a self-signed certificate can be imported as a root CA."
        )


def _require_subordinate(certificate: x509.Certificate, chain: list[x509.Certificate]) -> None:
    if _signed_by(certificate, certificate):
        raise MalformedCertificateException(
            "A self-signed certificate cannot be imported as a subordinate CA."
        )
    if not chain:
        raise InvalidRequestException(
            "A chain must be supplied when a subordinate CA certificate is imported."
        )
    path = [certificate, *chain]
    for depth, (child, parent) in enumerate(zip(path, chain, strict=False)):
        if not _signed_by(child, parent):
            raise CertificateMismatchException(
                f"Certificate {depth} of the path was not signed by the one that follows it."
            )
        limit = _constraints(parent).value.path_length
        if limit is not None and depth + 1 > limit:
            raise CertificateMismatchException(
                f"The path length constraint of certificate {depth + 1} of the path is exceeded."
            )
        if child.not_valid_after_utc > parent.not_valid_after_utc:
            raise CertificateMismatchException(
                f"Certificate {depth} of the path outlives the one that signed it."
            )
    if not _signed_by(path[-1], path[-1]):
        raise CertificateMismatchException("The last certificate of the chain must be a root.")


def _require_ca(certificate: x509.Certificate) -> None:
    constraints = _constraints(certificate)
    if not constraints.critical or not constraints.value.ca:
        raise MalformedCertificateException("Basic constraints must be critical and CA:TRUE.")
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in MAY_BE_CRITICAL:
            raise MalformedCertificateException(
                f"The extension {extension.oid.dotted_string} must not be critical."
            )
        if isinstance(extension.value, x509.KeyUsage) and not extension.value.key_cert_sign:
            raise MalformedCertificateException("The key usage must include keyCertSign.")


def _constraints(certificate: x509.Certificate) -> x509.Extension[x509.BasicConstraints]:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, ValueError):
        raise MalformedCertificateException("The certificate has no basic constraints.") from None


def _only_one(pem: bytes) -> x509.Certificate:
    certificates = _parse(pem)
    if len(certificates) != 1:
        raise MalformedCertificateException("Exactly one certificate must be supplied.")
    return certificates[0]


def _parse(pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise MalformedCertificateException("The certificate is not valid PEM.") from None


def _signed_by(child: x509.Certificate, parent: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(parent)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _public_key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
