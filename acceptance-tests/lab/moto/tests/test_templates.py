"""https://docs.aws.amazon.com/privateca/latest/userguide/template-definitions.html"""

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from private_ca import csr, days, openssl_text, openssl_verifies, parse, refused, template

LEAVES = {
    "EndEntityCertificate": {Eku.SERVER_AUTH, Eku.CLIENT_AUTH},
    "EndEntityServerAuthCertificate": {Eku.SERVER_AUTH},
    "EndEntityClientAuthCertificate": {Eku.CLIENT_AUTH},
}


def get(certificate, kind):
    return certificate.extensions.get_extension_for_class(kind)


@pytest.mark.parametrize("name", LEAVES)
def test_leaf_carries_the_documented_extensions(pca, root, name, tmp_path):
    pem, chain = pca.leaf(root, name=name)
    leaf, issuer = parse(pem), parse(chain)
    constraints = get(leaf, x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (False, False)
    usage = get(leaf, x509.KeyUsage)
    assert usage.critical and usage.value.digital_signature and usage.value.key_encipherment
    assert not (usage.value.key_cert_sign or usage.value.key_agreement)
    assert set(get(leaf, x509.ExtendedKeyUsage).value) == LEAVES[name]
    identifier = get(leaf, x509.AuthorityKeyIdentifier).value.key_identifier
    assert identifier == get(issuer, x509.SubjectKeyIdentifier).value.digest
    assert get(leaf, x509.SubjectKeyIdentifier)
    names = get(leaf, x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["leaf.example"]
    assert leaf.subject.rfc4514_string() == "CN=leaf.example"
    assert leaf.issuer == issuer.subject
    ok, output = openssl_verifies(tmp_path, pem, chain, "-verify_hostname", "leaf.example")
    assert ok, output


def test_purpose_follows_the_template(pca, root, tmp_path):
    pem, chain = pca.leaf(root, name="EndEntityServerAuthCertificate")
    assert openssl_verifies(tmp_path, pem, chain, "-purpose", "sslserver")[0]
    assert not openssl_verifies(tmp_path, pem, chain, "-purpose", "sslclient")[0]


def test_default_template_is_end_entity(pca, root):
    pem, _ = pca.leaf(root)
    assert set(get(parse(pem), x509.ExtendedKeyUsage).value) == LEAVES["EndEntityCertificate"]


def test_requested_extensions_do_not_pass_through_a_base_template(pca, root):
    wanted = [(x509.ExtendedKeyUsage([Eku.CODE_SIGNING]), True)]
    pem, _ = pca.leaf(root, csr(extensions=wanted), "EndEntityServerAuthCertificate")
    assert set(get(parse(pem), x509.ExtendedKeyUsage).value) == {Eku.SERVER_AUTH}


def test_blank_template_passes_extensions_of_the_csr(pca, root):
    wanted = [
        (x509.ExtendedKeyUsage([Eku.CODE_SIGNING]), True),
        (x509.BasicConstraints(ca=True, path_length=None), True),
    ]
    name = "BlankEndEntityCertificate_APICSRPassthrough"
    leaf = parse(pca.leaf(root, csr(extensions=wanted), name)[0])
    usage = get(leaf, x509.ExtendedKeyUsage)
    assert usage.critical and set(usage.value) == {Eku.CODE_SIGNING}
    assert not get(leaf, x509.BasicConstraints).value.ca
    with pytest.raises(x509.ExtensionNotFound):
        get(leaf, x509.KeyUsage)


def test_blank_template_prefers_the_api_to_the_csr(pca, root):
    passed = {
        "Subject": {"CommonName": "api.example"},
        "Extensions": {
            "KeyUsage": {"DigitalSignature": True},
            "ExtendedKeyUsage": [{"ExtendedKeyUsageType": "CLIENT_AUTH"}],
            "SubjectAlternativeNames": [{"DnsName": "api.example"}, {"IpAddress": "127.0.0.1"}],
        },
    }
    wanted = [(x509.ExtendedKeyUsage([Eku.CODE_SIGNING]), False)]
    name = "BlankEndEntityCertificate_APICSRPassthrough"
    leaf = parse(pca.leaf(root, csr(extensions=wanted), name, ApiPassthrough=passed)[0])
    assert leaf.subject.rfc4514_string() == "CN=api.example"
    assert set(get(leaf, x509.ExtendedKeyUsage).value) == {Eku.CLIENT_AUTH}
    names = get(leaf, x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["api.example"]
    assert get(leaf, x509.KeyUsage).critical


def test_root_certificate(pca, root):
    answer = pca.client.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    certificate = parse(answer["Certificate"])
    constraints = get(certificate, x509.BasicConstraints)
    assert constraints.critical and constraints.value == x509.BasicConstraints(True, None)
    usage = get(certificate, x509.KeyUsage)
    assert usage.critical and usage.value.key_cert_sign and usage.value.crl_sign
    assert {type(item.value) for item in certificate.extensions} == {
        x509.BasicConstraints, x509.KeyUsage, x509.SubjectKeyIdentifier,
    }  # fmt: skip
    assert "CertificateChain" not in answer
    assert "CA:TRUE" in openssl_text(answer["Certificate"])


@pytest.mark.parametrize("length", range(4))
def test_subordinate_certificate(pca, root, length):
    name = f"SubordinateCACertificate_PathLen{length}"
    certificate = parse(pca.leaf(root, name=name)[0])
    constraints = get(certificate, x509.BasicConstraints)
    assert constraints.critical and constraints.value == x509.BasicConstraints(True, length)
    usage = get(certificate, x509.KeyUsage)
    assert usage.critical and usage.value.key_cert_sign and usage.value.digital_signature
    assert get(certificate, x509.AuthorityKeyIdentifier)


def test_revocation_pointers_come_from_the_authority(pca):
    arn = pca.root(
        RevocationConfiguration={
            "CrlConfiguration": {
                "Enabled": True, "ExpirationInDays": 7, "S3BucketName": "crl-bucket",
                "S3ObjectAcl": "BUCKET_OWNER_FULL_CONTROL",
            },
            "OcspConfiguration": {"Enabled": True, "OcspCustomCname": "ocsp.example"},
        }
    )  # fmt: skip
    pem, chain = pca.leaf(arn)
    text = openssl_text(pem)
    uuid = arn.rpartition("/")[2]
    assert f"URI:http://crl-bucket.s3.eu-central-1.amazonaws.com/crl/{uuid}.crl" in text
    assert "OCSP - URI:http://ocsp.example" in text
    assert "CRL Distribution" not in openssl_text(chain)


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_template_of_any_partition(pca, root, partition):
    pca.issue(root, TemplateArn=template("EndEntityServerAuthCertificate", partition))


@pytest.mark.parametrize("arn", [template("NoSuchCertificate"), "arn:aws:acm-pca:::template/x"])
def test_unknown_template_is_refused(pca, root, arn):
    with refused("InvalidArgsException", "template"):
        pca.issue(root, TemplateArn=arn)


def test_root_template_signs_only_the_own_request(pca, root):
    with refused("InvalidArgsException"):
        pca.issue(pca.pending(), name="RootCACertificate")
    subordinate = pca.subordinate(root)
    with refused("InvalidStateException"):
        pca.issue(pca.pending("SUBORDINATE"), name="RootCACertificate")
    with refused("InvalidArgsException"):
        pca.issue(subordinate, pca.own_csr(subordinate), "RootCACertificate")


def test_subordinate_respects_the_path_length_of_its_parent(pca, root):
    parent = pca.subordinate(root, path_length=1)
    pca.issue(parent, name="SubordinateCACertificate_PathLen0", validity=days(2))
    with refused("InvalidArgsException", "path length"):
        pca.issue(parent, name="SubordinateCACertificate_PathLen1", validity=days(2))
