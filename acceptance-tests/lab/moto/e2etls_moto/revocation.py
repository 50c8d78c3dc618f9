"""Where a CA's certificates say that revocation can be checked.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_RevocationConfiguration.html
"""

from typing import Any

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from .errors import InvalidArgsException
from .templates import Extension


def merged(current: dict[str, Any], change: dict[str, Any] | None) -> dict[str, Any]:
    """The configuration after `change`; a part that is not supplied stays as it is.

    Raises `InvalidArgsException` for what the reference forbids. Whether the
    service may write to the bucket is not checked.
    """
    result = dict(current)
    for part, configuration in (change or {}).items():
        configuration = dict(configuration)
        if configuration["Enabled"]:
            _require_complete(part, configuration)
        elif len(configuration) > 1:
            raise InvalidArgsException(
                f"A disabled {part} must contain only the Enabled parameter."
            )
        result[part] = configuration
    return result


def initial() -> dict[str, Any]:
    """By default both mechanisms are disabled."""
    return {"CrlConfiguration": {"Enabled": False}, "OcspConfiguration": {"Enabled": False}}


def extensions(configuration: dict[str, Any], region: str, authority_id: str) -> list[Extension]:
    """The CRL distribution point and OCSP pointer of certificates issued now.

    Their URIs: https://docs.aws.amazon.com/privateca/latest/userguide/crl-planning.html#crl-url
    and https://docs.aws.amazon.com/privateca/latest/userguide/ocsp-customize.html
    """
    found = []
    crl, ocsp = configuration["CrlConfiguration"], configuration["OcspConfiguration"]
    omitted = crl.get("CrlDistributionPointExtensionConfiguration", {}).get("OmitExtension")
    if crl["Enabled"] and not omitted:
        host = crl.get("CustomCname") or f"{crl['S3BucketName']}.s3.{region}.amazonaws.com"
        folder = crl.get("CustomPath", "crl").strip("/")
        uri = "/".join(part for part in (f"http://{host}", folder, f"{authority_id}.crl") if part)
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(uri)], None, None, None)
        found.append(Extension(x509.CRLDistributionPoints([point]), False))
    if ocsp["Enabled"]:
        host = ocsp.get("OcspCustomCname") or f"ocsp.acm-pca.{region}.amazonaws.com"
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"http://{host}")
        )
        found.append(Extension(x509.AuthorityInformationAccess([access]), False))
    return found


def _require_complete(part: str, configuration: dict[str, Any]) -> None:
    if "://" in (configuration.get("CustomCname") or configuration.get("OcspCustomCname") or ""):
        raise InvalidArgsException("A CNAME must not include a protocol prefix.")
    if part == "CrlConfiguration":
        if "S3BucketName" not in configuration or "ExpirationInDays" not in configuration:
            raise InvalidArgsException(
                "An enabled CrlConfiguration must contain S3BucketName and ExpirationInDays."
            )
        configuration.setdefault("S3ObjectAcl", "PUBLIC_READ")
        configuration.setdefault("CrlType", "COMPLETE")
