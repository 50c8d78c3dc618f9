"""https://docs.aws.amazon.com/privateca/latest/APIReference/API_ImportCertificateAuthorityCertificate.html"""

import subprocess

import pytest
from private_ca import days, openssl_verifies, parse, refused

PATH_LENGTH_1 = "SubordinateCACertificate_PathLen1"
SUBORDINATE = """\
basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
"""


@pytest.fixture
def external(tmp_path):
    """An openssl root outside of AWS: `sign(csr, extensions)` returns PEM and the root's PEM."""

    def run(*arguments):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650")
    usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")
    out = ("-keyout", "key", "-out", "root.pem")
    run("req", "-x509", *new, *usage, "-subj", "/CN=on premises", *out)

    def sign(request, extensions=SUBORDINATE):
        (tmp_path / "csr.pem").write_bytes(request)
        (tmp_path / "extensions").write_text(extensions)
        signer = ("-CA", "root.pem", "-CAkey", "key", "-CAcreateserial", "-extfile", "extensions")
        run("x509", "-req", "-in", "csr.pem", *signer, "-days", "30", "-out", "signed.pem")
        return (tmp_path / "signed.pem").read_text(), (tmp_path / "root.pem").read_text()

    return sign


def test_hierarchy_of_three(pca, root, tmp_path):
    middle = pca.subordinate(root, path_length=1)
    arn = pca.pending("SUBORDINATE")
    name = "SubordinateCACertificate_PathLen0"
    pem, chain = pca.leaf(middle, pca.own_csr(arn), name, days(30))
    assert chain.count("BEGIN") == 2
    pca.install(arn, pem, chain)
    answer = pca.client.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
    assert (answer["Certificate"], answer["CertificateChain"]) == (pem, chain)

    leaf, leaf_chain = pca.leaf(arn, name="EndEntityServerAuthCertificate")
    assert leaf_chain == f"{pem}\n{chain}"
    ok, output = openssl_verifies(tmp_path, leaf, leaf_chain, "-purpose", "sslserver")
    assert ok, output


def test_root_issued_leaf_has_the_root_as_chain(pca, root):
    answer = pca.client.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    assert pca.leaf(root)[1] == answer["Certificate"]


def test_external_parent(pca, external, tmp_path):
    arn = pca.pending("SUBORDINATE")
    pca.install(arn, *external(pca.own_csr(arn)))
    assert pca.status(arn) == "ACTIVE"
    ok, output = openssl_verifies(tmp_path, *pca.leaf(arn))
    assert ok, output


def test_renewed_certificate_of_the_same_key(pca, root):
    for arn in (pca.root(validity=days(30)), pca.subordinate(root)):
        before = pca.describe(arn)
        if before["Type"] == "ROOT":
            pca.sign_root(arn, days(60))
        else:
            pca.install(arn, *pca.leaf(root, pca.own_csr(arn), PATH_LENGTH_1, days(700)))
        after = pca.describe(arn)
        assert after["Status"] == "ACTIVE"
        assert after["NotAfter"] > before["NotAfter"] and after["Serial"] != before["Serial"]


def test_certificate_of_another_key_is_refused(pca, root):
    pem, chain = pca.leaf(root, name=PATH_LENGTH_1)
    with refused("MalformedCertificateException", "public key"):
        pca.install(pca.pending("SUBORDINATE"), pem, chain)


def test_chain_is_required_and_verified(pca, root):
    arn = pca.pending("SUBORDINATE")
    pem, chain = pca.leaf(root, pca.own_csr(arn), PATH_LENGTH_1)
    stranger = pca.leaf(pca.root())[1]
    with refused("InvalidRequestException", "chain"):
        pca.install(arn, pem)
    with refused("CertificateMismatchException", "not signed"):
        pca.install(arn, pem, stranger)
    with refused("MalformedCertificateException"):
        pca.install(arn, pem, "not a chain")
    assert pca.status(arn) == "PENDING_CERTIFICATE"
    pca.install(arn, pem, chain)


def test_root_takes_no_chain_and_only_a_self_signed_certificate(pca, root):
    arn = pca.pending()
    pem, chain = pca.leaf(root, pca.own_csr(arn), PATH_LENGTH_1)
    with refused("MalformedCertificateException", "self-signed"):
        pca.install(arn, pem)
    with refused("InvalidRequestException"):
        pca.install(arn, pem, chain)


def test_self_signed_certificate_is_no_subordinate(pca, root):
    middle = pca.subordinate(root, path_length=1)
    answer = pca.client.get_certificate_authority_certificate(CertificateAuthorityArn=root)
    with refused("MalformedCertificateException"):
        pca.install(middle, answer["Certificate"], answer["Certificate"])


@pytest.mark.parametrize(
    "extensions",
    ["basicConstraints=critical,CA:FALSE", "basicConstraints=CA:TRUE", "keyUsage=keyCertSign"],
)
def test_certificate_must_be_a_ca(pca, external, extensions):
    arn = pca.pending("SUBORDINATE")
    with refused("MalformedCertificateException"):
        pca.install(arn, *external(pca.own_csr(arn), extensions))


def test_critical_extension_outside_of_the_list_is_refused(pca, external):
    arn = pca.pending("SUBORDINATE")
    extensions = (
        "basicConstraints=critical,CA:TRUE\ncrlDistributionPoints=critical,URI:http://crl.example"
    )
    with refused("MalformedCertificateException", "critical"):
        pca.install(arn, *external(pca.own_csr(arn), extensions))


def test_disabled_authority_takes_no_certificate(pca, root):
    arn = pca.subordinate(root)
    renewed = pca.leaf(root, pca.own_csr(arn), PATH_LENGTH_1)
    pca.disable(arn)
    with refused("InvalidStateException"):
        pca.install(arn, *renewed)


def test_issuer_of_a_leaf_is_the_subject_that_the_parent_signed(pca, external):
    arn = pca.pending("SUBORDINATE")
    pem, chain = external(pca.own_csr(arn))
    pca.install(arn, pem, chain)
    assert parse(pca.leaf(arn)[0]).issuer == parse(pem).subject
