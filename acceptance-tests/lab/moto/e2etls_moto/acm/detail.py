"""What DescribeCertificate and ListCertificates tell of a certificate.

https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateSummary.html
"""

import calendar
from typing import Any

from cryptography.x509 import Certificate
from moto.acm.models import CertBundle

from .certificate import PublicCertificate
from .usage import users

SERVER_AUTH = {"Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1"}
SIGNATURES = {
    "RSA_2048": "SHA256WITHRSA",
    "EC_prime256v1": "SHA256WITHECDSA",
    "EC_secp384r1": "SHA384WITHECDSA",
}
COPIED = ("CertificateArn", "DomainName", "Status", "Type", "KeyAlgorithm", "RenewalEligibility")
TIMES = ("CreatedAt", "IssuedAt", "ImportedAt", "NotBefore", "NotAfter")


def describe(certificate: CertBundle) -> dict[str, Any]:
    """A CertificateDetail."""
    if isinstance(certificate, PublicCertificate):
        answer = _public(certificate)
    else:
        answer = certificate.describe()["Certificate"]
    # Requests say RSA_2048 and answers RSA-2048, whatever the service's model says.
    answer["KeyAlgorithm"] = answer["KeyAlgorithm"].replace("_", "-", 1)
    answer["InUseBy"] = users(certificate)
    return answer


def summarize(certificate: CertBundle) -> dict[str, Any]:
    """A CertificateSummary."""
    detail = describe(certificate)
    return {
        **{name: detail[name] for name in (*COPIED, *TIMES) if name in detail},
        "SubjectAlternativeNameSummaries": detail["SubjectAlternativeNames"],
        "HasAdditionalSubjectAlternativeNames": False,
        "KeyUsages": [usage["Name"] for usage in detail.get("KeyUsages", [])],
        "ExtendedKeyUsages": [usage["Name"] for usage in detail.get("ExtendedKeyUsages", [])],
        "ExportOption": certificate.cert_options["Export"],
        "InUse": bool(detail["InUseBy"]),
    }


def _public(certificate: PublicCertificate) -> dict[str, Any]:
    answer = {
        "CertificateArn": certificate.arn,
        "DomainName": certificate.names[0],
        "SubjectAlternativeNames": certificate.names,
        "DomainValidationOptions": [_validation(certificate, name) for name in certificate.names],
        "Subject": f"CN={certificate.names[0]}",
        "Issuer": "Amazon",
        "CreatedAt": certificate.requested_at,
        "Status": certificate.status,
        "KeyAlgorithm": certificate.key_algorithm,
        "SignatureAlgorithm": SIGNATURES[certificate.key_algorithm],
        "Type": certificate.type,
        "KeyUsages": [],
        "ExtendedKeyUsages": [],
        "RenewalEligibility": "INELIGIBLE",
        "Options": certificate.cert_options,
    }
    if certificate.failure_reason:
        answer["FailureReason"] = certificate.failure_reason
    if certificate.issued_at is not None:
        answer |= {"IssuedAt": certificate.issued_at, **_issued(certificate, certificate._cert)}
    return answer


def _validation(certificate: PublicCertificate, name: str) -> dict[str, Any]:
    answer = {
        "DomainName": name,
        "ValidationDomain": name,
        "ValidationStatus": certificate.validation_status(name),
        "ValidationMethod": "DNS",
    }
    if certificate.has_records:
        answer["ResourceRecord"] = certificate.records[name]
    return answer


def _issued(certificate: PublicCertificate, leaf: Certificate) -> dict[str, Any]:
    """What is known once there is a certificate."""
    serial = f"{leaf.serial_number:040x}"
    is_rsa = certificate.key_algorithm.startswith("RSA")
    usages = ["DIGITAL_SIGNATURE", "KEY_ENCIPHERMENT"] if is_rsa else ["DIGITAL_SIGNATURE"]
    return {
        "Serial": ":".join(serial[start : start + 2] for start in range(0, len(serial), 2)),
        "NotBefore": calendar.timegm(leaf.not_valid_before_utc.utctimetuple()),
        "NotAfter": calendar.timegm(leaf.not_valid_after_utc.utctimetuple()),
        "KeyUsages": [{"Name": usage} for usage in usages],
        "ExtendedKeyUsages": [SERVER_AUTH],
        "RenewalEligibility": "ELIGIBLE" if users(certificate) else "INELIGIBLE",
    }
