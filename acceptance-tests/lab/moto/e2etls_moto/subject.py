"""X.500 names, from the API's structure to the certificate's.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_ASN1Subject.html
"""

from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from .errors import InvalidArgsException

ATTRIBUTES = {
    "Country": NameOID.COUNTRY_NAME,
    "Organization": NameOID.ORGANIZATION_NAME,
    "OrganizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "DistinguishedNameQualifier": NameOID.DN_QUALIFIER,
    "State": NameOID.STATE_OR_PROVINCE_NAME,
    "CommonName": NameOID.COMMON_NAME,
    "SerialNumber": NameOID.SERIAL_NUMBER,
    "Locality": NameOID.LOCALITY_NAME,
    "Title": NameOID.TITLE,
    "Surname": NameOID.SURNAME,
    "GivenName": NameOID.GIVEN_NAME,
    "Initials": NameOID.INITIALS,
    "Pseudonym": NameOID.PSEUDONYM,
    "GenerationQualifier": NameOID.GENERATION_QUALIFIER,
}


def name(subject: dict[str, Any]) -> x509.Name:
    """Build the name; standard and custom attributes exclude each other."""
    standard = [
        x509.NameAttribute(oid, subject[key]) for key, oid in ATTRIBUTES.items() if subject.get(key)
    ]
    custom = [
        x509.NameAttribute(x509.ObjectIdentifier(item["ObjectIdentifier"]), item["Value"])
        for item in subject.get("CustomAttributes") or []
    ]
    if standard and custom:
        raise InvalidArgsException(
            "Custom attributes cannot be used in combination with standard attributes."
        )
    return x509.Name(standard or custom)
