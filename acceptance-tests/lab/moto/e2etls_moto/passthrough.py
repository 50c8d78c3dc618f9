"""X.509 information that a caller passes through the API.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_ApiPassthrough.html
"""

import base64
import ipaddress
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku

from . import subject
from .errors import InvalidArgsException

KEY_USAGES = {
    "DigitalSignature": "digital_signature",
    "NonRepudiation": "content_commitment",
    "KeyEncipherment": "key_encipherment",
    "DataEncipherment": "data_encipherment",
    "KeyAgreement": "key_agreement",
    "KeyCertSign": "key_cert_sign",
    "CRLSign": "crl_sign",
    "EncipherOnly": "encipher_only",
    "DecipherOnly": "decipher_only",
}
EXTENDED_KEY_USAGES = {
    "SERVER_AUTH": Eku.SERVER_AUTH,
    "CLIENT_AUTH": Eku.CLIENT_AUTH,
    "CODE_SIGNING": Eku.CODE_SIGNING,
    "EMAIL_PROTECTION": Eku.EMAIL_PROTECTION,
    "TIME_STAMPING": Eku.TIME_STAMPING,
    "OCSP_SIGNING": Eku.OCSP_SIGNING,
    "SMART_CARD_LOGIN": Eku.SMARTCARD_LOGON,
}


def key_usage(*usages: str) -> x509.KeyUsage:
    """A KeyUsage extension with the named bits set."""
    return x509.KeyUsage(**{bit: bit in usages for bit in KEY_USAGES.values()})


def extensions(passed: dict[str, Any]) -> list[tuple[x509.ExtensionType, bool]]:
    """The extensions of `ApiPassthrough.Extensions`, each with its critical flag."""
    if passed.get("CertificatePolicies"):
        raise InvalidArgsException("CertificatePolicies are not supported by this lab.")
    found: list[tuple[x509.ExtensionType, bool]] = []
    if usages := passed.get("KeyUsage"):
        found.append((key_usage(*(KEY_USAGES[name] for name, on in usages.items() if on)), True))
    if usages := passed.get("ExtendedKeyUsage"):
        found.append((x509.ExtendedKeyUsage([_extended(usage) for usage in usages]), False))
    if names := passed.get("SubjectAlternativeNames"):
        found.append((x509.SubjectAlternativeName([_general(name) for name in names]), False))
    for item in passed.get("CustomExtensions") or []:
        value = x509.UnrecognizedExtension(
            x509.ObjectIdentifier(item["ObjectIdentifier"]), base64.b64decode(item["Value"])
        )
        found.append((value, item.get("Critical", False)))
    return found


def _extended(usage: dict[str, str]) -> x509.ObjectIdentifier:
    if oid := usage.get("ExtendedKeyUsageObjectIdentifier"):
        return x509.ObjectIdentifier(oid)
    kind = usage.get("ExtendedKeyUsageType", "")
    if kind not in EXTENDED_KEY_USAGES:
        raise InvalidArgsException(f"Extended key usage {kind} is not supported by this lab.")
    return EXTENDED_KEY_USAGES[kind]


def _general(name: dict[str, Any]) -> x509.GeneralName:
    if len(name) != 1:
        raise InvalidArgsException("Exactly one option of a general name must be provided.")
    [(kind, value)] = name.items()
    if kind == "DnsName":
        return x509.DNSName(value)
    if kind == "IpAddress":
        try:
            return x509.IPAddress(ipaddress.ip_address(value))
        except ValueError as error:
            raise InvalidArgsException(str(error)) from None
    if kind == "UniformResourceIdentifier":
        return x509.UniformResourceIdentifier(value)
    if kind == "Rfc822Name":
        return x509.RFC822Name(value)
    if kind == "DirectoryName":
        return x509.DirectoryName(subject.name(value))
    raise InvalidArgsException(f"General name {kind} is not supported by this lab.")
