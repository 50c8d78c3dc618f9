"""Keys of a CA, and the signing algorithms that fit them.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_CertificateAuthorityConfiguration.html
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from .errors import InvalidArgsException

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

RSA_BITS = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
CURVES = {
    "EC_prime256v1": ec.SECP256R1,
    "EC_secp384r1": ec.SECP384R1,
    "EC_secp521r1": ec.SECP521R1,
}
HASHES = {"SHA256": hashes.SHA256, "SHA384": hashes.SHA384, "SHA512": hashes.SHA512}


@dataclass(frozen=True)
class Signing:
    """How to sign: the arguments of a builder's ``sign`` besides the key."""

    algorithm: hashes.HashAlgorithm
    rsa_padding: padding.AsymmetricPadding | None


def generate(key_algorithm: str) -> PrivateKey:
    """Make a key. The algorithm was checked by `require_supported`."""
    if key_algorithm in RSA_BITS:
        return rsa.generate_private_key(65537, RSA_BITS[key_algorithm])
    return ec.generate_private_key(CURVES[key_algorithm]())


def require_supported(key_algorithm: str) -> None:
    """Refuse the kinds of key that this stand-in has no implementation of."""
    if key_algorithm not in RSA_BITS and key_algorithm not in CURVES:
        raise InvalidArgsException(f"Key algorithm {key_algorithm} is not supported by this lab.")


def signing(signing_algorithm: str, key_algorithm: str) -> Signing:
    """Parse a signing algorithm, which must be of the family of the CA's key.

    https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html
    ("The specified signing algorithm family (RSA or ECDSA) must match").
    """
    family = "RSA" if key_algorithm in RSA_BITS else "ECDSA"
    digest, _, scheme = signing_algorithm.partition("WITH")
    if scheme.removesuffix("_PSS") != family:
        valid = ", ".join(f"{name}WITH{family}" for name in HASHES)
        raise InvalidArgsException(
            f"Signing algorithm {signing_algorithm} cannot be used with key type {key_algorithm}. "
            f"Valid signing algorithms are: {valid}."
        )
    algorithm = HASHES[digest]()
    if family == "ECDSA":
        return Signing(algorithm, None)
    if scheme.endswith("_PSS"):
        return Signing(algorithm, padding.PSS(padding.MGF1(algorithm), padding.PSS.DIGEST_LENGTH))
    return Signing(algorithm, padding.PKCS1v15())
