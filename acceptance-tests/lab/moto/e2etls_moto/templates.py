"""Certificate templates: which extensions an issued certificate carries.

https://docs.aws.amazon.com/privateca/latest/userguide/template-definitions.html
"""

import re
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from cryptography.x509.oid import ExtensionOID

from . import passthrough
from .errors import InvalidArgsException

ARN = re.compile(r"arn:aws[a-z-]*:acm-pca:::template/(\w+)/V1")
DEFAULT = "EndEntityCertificate"

# Extensions that a template or the CA decides; a CSR or the API never does.
DECIDED = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
}


@dataclass(frozen=True)
class Extension:
    """An extension and whether it is critical."""

    value: x509.ExtensionType
    critical: bool


@dataclass(frozen=True)
class Template:
    """One row of the user guide's template definitions."""

    name: str
    kind: str  # ROOT, SUBORDINATE or END_ENTITY
    path_length: int | None = None
    key_usage: tuple[str, ...] = ()
    extended_key_usage: tuple[x509.ObjectIdentifier, ...] = ()
    passes_through: bool = False  # extensions of the API and of the CSR


_CA_USAGE = ("digital_signature", "key_cert_sign", "crl_sign")
_LEAF_USAGE = ("digital_signature", "key_encipherment")

TEMPLATES = {
    template.name: template
    for template in (
        Template("RootCACertificate", "ROOT", None, _CA_USAGE),
        *(
            Template(f"SubordinateCACertificate_PathLen{n}", "SUBORDINATE", n, _CA_USAGE)
            for n in range(4)
        ),
        Template(DEFAULT, "END_ENTITY", None, _LEAF_USAGE, (Eku.SERVER_AUTH, Eku.CLIENT_AUTH)),
        Template(
            "EndEntityServerAuthCertificate", "END_ENTITY", None, _LEAF_USAGE, (Eku.SERVER_AUTH,)
        ),
        Template(
            "EndEntityClientAuthCertificate", "END_ENTITY", None, _LEAF_USAGE, (Eku.CLIENT_AUTH,)
        ),
        Template("BlankEndEntityCertificate_APICSRPassthrough", "END_ENTITY", passes_through=True),
    )
}


def find(arn: str | None) -> Template:
    """The template of that ARN, in whatever partition; without an ARN, the default."""
    if arn is None:
        return TEMPLATES[DEFAULT]
    match = ARN.fullmatch(arn)
    if not match or match[1] not in TEMPLATES:
        raise InvalidArgsException(f"The template ARN {arn} is not valid.")
    return TEMPLATES[match[1]]


def extensions(
    template: Template,
    csr: x509.CertificateSigningRequest,
    issuer_key_identifier: x509.AuthorityKeyIdentifier,
    revocation: list[Extension],
    api_extensions: dict[str, Any],
) -> list[Extension]:
    """All extensions of the certificate.

    Order of precedence: the template, the CA's configuration, the API, the CSR
    (https://docs.aws.amazon.com/privateca/latest/userguide/template-order-of-operations.html).
    A root carries neither an authority key identifier nor revocation pointers.
    """
    is_ca = template.kind != "END_ENTITY"
    chosen = [
        Extension(x509.BasicConstraints(ca=is_ca, path_length=template.path_length), is_ca),
        Extension(x509.SubjectKeyIdentifier.from_public_key(csr.public_key()), False),
    ]
    if template.kind != "ROOT":
        chosen.append(Extension(issuer_key_identifier, False))
        chosen.extend(revocation)
    if template.key_usage:
        chosen.append(Extension(passthrough.key_usage(*template.key_usage), True))
    if template.extended_key_usage:
        chosen.append(Extension(x509.ExtendedKeyUsage(template.extended_key_usage), False))

    offered = [Extension(item.value, item.critical) for item in csr.extensions]
    if template.passes_through:
        from_api = [
            Extension(value, critical) for value, critical in passthrough.extensions(api_extensions)
        ]
        offered = from_api + offered
    else:
        offered = [
            item for item in offered if item.value.oid == ExtensionOID.SUBJECT_ALTERNATIVE_NAME
        ]
    present = {item.value.oid for item in chosen} | DECIDED
    for item in offered:
        if item.value.oid not in present:
            chosen.append(item)
            present.add(item.value.oid)
    return chosen
