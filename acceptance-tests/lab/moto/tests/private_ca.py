"""The steps of a user of Private CA, and a verdict by the openssl command line."""

import json
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID


def template(name, partition="aws"):
    return f"arn:{partition}:acm-pca:::template/{name}/V1"


def days(count):
    return {"Type": "DAYS", "Value": count}


def csr(common_name="leaf.example", dns=("leaf.example",), extensions=(), key=None):
    """A PEM request with a P-256 key."""
    names = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    if dns:
        names = x509.SubjectAlternativeName([x509.DNSName(name) for name in dns])
        builder = builder.add_extension(names, critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    key = key or ec.generate_private_key(ec.SECP256R1())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@contextmanager
def refused(code, message=""):
    """The call inside fails with this exception, whose message holds `message`."""
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    assert message in error["Message"]


def parse(pem):
    return x509.load_pem_x509_certificate(pem.encode())


def openssl_text(pem):
    command = ["openssl", "x509", "-noout", "-text"]
    return subprocess.run(command, input=pem, text=True, capture_output=True, check=True).stdout


def openssl_verifies(tmp_path, leaf, chain, *options):
    """Whether openssl builds a path from `leaf` through `chain`, whose last is the root."""
    blocks = [
        block + "-----END CERTIFICATE-----\n" for block in chain.split("-----END CERTIFICATE-----")
    ]
    blocks = [block for block in blocks if "BEGIN" in block]
    files = {"leaf": leaf, "untrusted": "".join(blocks[:-1]), "root": blocks[-1]}
    for name, text in files.items():
        (tmp_path / name).write_text(text + "\n")
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(tmp_path / "root"), *options]
    if files["untrusted"]:
        command += ["-untrusted", str(tmp_path / "untrusted")]
    result = subprocess.run([*command, str(tmp_path / "leaf")], capture_output=True, text=True)
    return result.returncode == 0, result.stdout + result.stderr


class PrivateCa:
    """A client with the usual sequences of calls."""

    def __init__(self, endpoint, client):
        self.endpoint, self.client = endpoint, client

    def create(self, kind="ROOT", key="EC_prime256v1", signing="SHA256WITHECDSA", **more):
        configuration = {
            "KeyAlgorithm": key,
            "SigningAlgorithm": signing,
            "Subject": {
                "CommonName": f"{kind} {uuid4().hex[:8]}",
                "Organization": "Example",
                "Country": "DE",
            },
        }
        return self.client.create_certificate_authority(
            CertificateAuthorityConfiguration=configuration, CertificateAuthorityType=kind, **more
        )["CertificateAuthorityArn"]

    def describe(self, arn):
        answer = self.client.describe_certificate_authority(CertificateAuthorityArn=arn)
        return answer["CertificateAuthority"]

    def status(self, arn):
        return self.describe(arn)["Status"]

    def until(self, arn, status):
        deadline = time.time() + 20
        while self.status(arn) != status:
            assert time.time() < deadline, f"{arn} is {self.status(arn)}, not {status}"
            time.sleep(0.02)
        return arn

    def pending(self, kind="ROOT", **more):
        return self.until(self.create(kind, **more), "PENDING_CERTIFICATE")

    def own_csr(self, arn):
        answer = self.client.get_certificate_authority_csr(CertificateAuthorityArn=arn)
        return answer["Csr"].encode()

    def issue(self, arn, request=None, name=None, validity=None, signing="SHA256WITHECDSA", **more):
        if name:
            more["TemplateArn"] = template(name)
        return self.client.issue_certificate(
            CertificateAuthorityArn=arn,
            Csr=request or csr(),
            SigningAlgorithm=signing,
            Validity=validity or days(3),
            **more,
        )["CertificateArn"]

    def certificate(self, arn):
        """Wait for an issued certificate: the PEM and the chain's PEM, if any."""
        authority = arn.partition("/certificate/")[0]
        self.client.get_waiter("certificate_issued").wait(
            CertificateAuthorityArn=authority,
            CertificateArn=arn,
            WaiterConfig={"Delay": 0.05, "MaxAttempts": 100},
        )
        answer = self.client.get_certificate(CertificateAuthorityArn=authority, CertificateArn=arn)
        return answer["Certificate"], answer.get("CertificateChain")

    def leaf(self, arn, *args, **more):
        return self.certificate(self.issue(arn, *args, **more))

    def install(self, arn, pem, chain=None):
        more = {"CertificateChain": chain.encode()} if chain else {}
        self.client.import_certificate_authority_certificate(
            CertificateAuthorityArn=arn, Certificate=pem.encode(), **more
        )

    def sign_root(self, arn, validity=None, signing="SHA256WITHECDSA"):
        name, validity = "RootCACertificate", validity or days(3650)
        pem, _ = self.leaf(arn, self.own_csr(arn), name, validity, signing)
        self.install(arn, pem)
        return arn

    def root(self, validity=None, signing="SHA256WITHECDSA", **more):
        return self.sign_root(self.pending(signing=signing, **more), validity, signing)

    def subordinate(self, parent, path_length=0, **more):
        arn = self.pending("SUBORDINATE", **more)
        name = f"SubordinateCACertificate_PathLen{path_length}"
        self.install(arn, *self.leaf(parent, self.own_csr(arn), name, days(365)))
        return arn

    def disable(self, arn):
        self.client.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
        return arn

    def delete(self, arn, **more):
        self.client.delete_certificate_authority(CertificateAuthorityArn=arn, **more)
        return arn

    def control(self, arn, action):
        body = json.dumps({"CertificateAuthorityArn": arn, "Action": action}).encode()
        url = f"{self.endpoint}/moto-api/e2etls/acm-pca"
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
