"""Keys, signing algorithms, validity and usage mode.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html
"""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from private_ca import csr, days, openssl_text, openssl_verifies, parse, refused

KEYS = {
    "RSA_2048": ("SHA256WITHRSA", 2048),
    "RSA_3072": ("SHA384WITHRSA", 3072),
    "RSA_4096": ("SHA512WITHRSA", 4096),
    "EC_prime256v1": ("SHA256WITHECDSA", "secp256r1"),
    "EC_secp384r1": ("SHA384WITHECDSA", "secp384r1"),
    "EC_secp521r1": ("SHA512WITHECDSA", "secp521r1"),
}
CLOCK_SLACK = timedelta(seconds=10)


@pytest.mark.parametrize("algorithm", KEYS)
def test_authority_has_a_key_of_its_algorithm_and_signs_with_it(pca, algorithm, tmp_path):
    signing, size = KEYS[algorithm]
    arn = pca.root(key=algorithm, signing=signing)
    pem, chain = pca.leaf(arn, signing=signing)
    key = parse(chain).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        assert key.key_size == size
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == size
    assert parse(pem).signature_hash_algorithm.name == signing[:6].lower()
    assert openssl_verifies(tmp_path, pem, chain)[0]


def test_signing_algorithm_of_the_request_decides(pca, root):
    pem, _ = pca.leaf(root, signing="SHA512WITHECDSA")
    assert parse(pem).signature_hash_algorithm.name == "sha512"


def test_probabilistic_signatures_of_an_rsa_key(pca, tmp_path):
    signing = "SHA384WITHRSA_PSS"
    pem, chain = pca.leaf(pca.root(key="RSA_2048", signing=signing), signing=signing)
    assert "rsassaPss" in openssl_text(pem)
    assert openssl_verifies(tmp_path, pem, chain)[0]


def test_signing_algorithm_must_be_of_the_family_of_the_key(pca, root):
    message = "Signing algorithm SHA256WITHRSA cannot be used with key type EC_prime256v1"
    with refused("InvalidArgsException", message):
        pca.issue(root, signing="SHA256WITHRSA")
    with refused("InvalidArgsException", message):
        pca.create(signing="SHA256WITHRSA")


def month_later(moment, months):
    years, month = divmod(moment.month - 1 + months, 12)
    for day in (moment.day, 30, 29, 28):
        try:
            return moment.replace(year=moment.year + years, month=month + 1, day=day)
        except ValueError:
            continue


def test_validity_types(pca, root):
    now = datetime.now(UTC).replace(microsecond=0)
    end = now + timedelta(days=40)
    wanted = [
        (days(2), now + timedelta(days=2)),
        ({"Type": "MONTHS", "Value": 2}, month_later(now, 2)),
        ({"Type": "YEARS", "Value": 1}, month_later(now, 12)),
        ({"Type": "ABSOLUTE", "Value": int(end.timestamp())}, end),
        ({"Type": "END_DATE", "Value": int(end.strftime("%y%m%d%H%M%S"))}, end),
        ({"Type": "END_DATE", "Value": int(end.strftime("%Y%m%d%H%M%S"))}, end),
    ]
    for validity, expected in wanted:
        leaf = parse(pca.leaf(root, validity=validity)[0])
        assert abs(leaf.not_valid_after_utc - expected) < CLOCK_SLACK, validity


def test_start_is_back_dated_by_an_hour(pca, root):
    now = datetime.now(UTC)
    leaf = parse(pca.leaf(root)[0])
    assert abs(now - timedelta(hours=1) - leaf.not_valid_before_utc) < CLOCK_SLACK


def test_start_can_be_chosen(pca, root):
    start = int(datetime.now(UTC).timestamp()) + 3600
    pem, _ = pca.leaf(root, ValidityNotBefore={"Type": "ABSOLUTE", "Value": start})
    assert parse(pem).not_valid_before_utc.timestamp() == start
    with refused("ValidationException"):
        pca.issue(root, ValidityNotBefore=days(1))


def test_certificate_cannot_outlive_its_authority(pca):
    arn = pca.root(validity=days(10))
    pca.issue(arn, validity=days(9))
    message = "The certificate validity specified exceeds the certificate authority validity"
    for name in ("EndEntityCertificate", "SubordinateCACertificate_PathLen0"):
        with refused("ValidationException", message):
            pca.issue(arn, name=name, validity=days(11))


def test_end_in_the_past_is_refused(pca, root):
    for validity in ({"Type": "ABSOLUTE", "Value": 1}, {"Type": "END_DATE", "Value": 991231235959}):
        with refused("ValidationException"):
            pca.issue(root, validity=validity)


def test_value_zero_is_refused_in_the_words_of_the_service(pca, root):
    message = (
        "1 validation error detected: Value '0' at 'validity.value' failed to satisfy constraint"
    )
    with refused("ValidationException", message):
        pca.issue(root, validity=days(0))


def test_usage_mode_is_kept(pca, root):
    assert pca.describe(root)["UsageMode"] == "GENERAL_PURPOSE"


def test_short_lived_mode_limits_leaves_to_seven_days(pca):
    arn = pca.root(UsageMode="SHORT_LIVED_CERTIFICATE")
    assert pca.describe(arn)["UsageMode"] == "SHORT_LIVED_CERTIFICATE"
    pca.issue(arn, validity=days(7))
    with refused("ValidationException", "seven days"):
        pca.issue(arn, validity=days(8))
    pca.issue(arn, name="SubordinateCACertificate_PathLen0", validity=days(30))


@pytest.mark.parametrize("request_", [b"no request", csr(common_name="", dns=())])
def test_malformed_request_is_refused(pca, root, request_):
    with refused("MalformedCSRException"):
        pca.issue(root, request_)


def test_request_without_a_subject_needs_a_name(pca, root):
    assert not list(parse(pca.leaf(root, csr(common_name=""))[0]).subject)
