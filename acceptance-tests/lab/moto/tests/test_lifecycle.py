"""States of a CA: https://docs.aws.amazon.com/privateca/latest/userguide/PcaUpdateStatus.html"""

from datetime import UTC, datetime, timedelta

import pytest
from private_ca import csr, days, refused

MISSING = (
    "arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/"
    "00000000-0000-0000-0000-000000000000"
)


def test_creating_then_pending_then_active(pca):
    arn = pca.create()
    assert pca.status(arn) == "CREATING"
    with refused("RequestInProgressException"):
        pca.own_csr(arn)
    pca.until(arn, "PENDING_CERTIFICATE")
    assert pca.own_csr(arn) == pca.own_csr(arn)
    with refused("InvalidStateException", "not in the correct state"):
        pca.client.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
    with refused("InvalidStateException", "not in a valid state for issuing certificates"):
        pca.issue(arn)
    assert pca.status(pca.sign_root(arn)) == "ACTIVE"


def test_description(pca, root):
    pending = pca.describe(pca.pending())
    for member in ("NotBefore", "NotAfter", "Serial", "RestorableUntil", "FailureReason"):
        assert member not in pending
    assert pending["KeyStorageSecurityStandard"] == "FIPS_140_2_LEVEL_3_OR_HIGHER"
    assert pending["RevocationConfiguration"] == {
        "CrlConfiguration": {"Enabled": False},
        "OcspConfiguration": {"Enabled": False},
    }
    assert pending["OwnerAccount"] == "123456789012"
    active = pca.describe(root)
    assert active["NotAfter"] > active["CreatedAt"] > active["NotBefore"]
    assert active["LastStateChangeAt"] > active["CreatedAt"]
    assert active["Serial"]


def test_certificate_takes_a_moment(pca, root):
    arn = pca.issue(root)
    with refused("RequestInProgressException"):
        pca.client.get_certificate(CertificateAuthorityArn=root, CertificateArn=arn)
    pca.certificate(arn)


def test_only_a_disabled_authority_can_be_deleted(pca):
    arn = pca.root()
    with refused("InvalidStateException", "not in a valid state for deletion"):
        pca.delete(arn)
    pca.delete(pca.disable(arn))
    with refused("InvalidStateException"):
        pca.delete(arn)


def test_deleted_until_restored(pca):
    arn = pca.delete(pca.disable(pca.root()), PermanentDeletionTimeInDays=7)
    described = pca.describe(arn)
    assert described["Status"] == "DELETED"
    in_seven_days = datetime.now(UTC) + timedelta(days=7)
    assert abs(described["RestorableUntil"] - in_seven_days) < timedelta(seconds=10)
    pca.client.restore_certificate_authority(CertificateAuthorityArn=arn)
    assert pca.status(arn) == "DISABLED"
    assert "RestorableUntil" not in pca.describe(arn)
    pca.client.update_certificate_authority(CertificateAuthorityArn=arn, Status="ACTIVE")
    pca.certificate(pca.issue(arn))


def test_restore_returns_to_pending(pca):
    arn = pca.delete(pca.pending())
    in_thirty_days = datetime.now(UTC) + timedelta(days=30)
    assert abs(pca.describe(arn)["RestorableUntil"] - in_thirty_days) < timedelta(seconds=10)
    pca.client.restore_certificate_authority(CertificateAuthorityArn=arn)
    assert pca.status(arn) == "PENDING_CERTIFICATE"
    with refused("InvalidStateException"):
        pca.client.restore_certificate_authority(CertificateAuthorityArn=arn)


def test_deleted_while_creating_or_failed_cannot_be_restored(pca):
    failed = pca.pending()
    pca.control(failed, "fail")
    creating = pca.create()
    for arn in (creating, failed):
        pca.delete(arn)
        assert "RestorableUntil" not in pca.describe(arn)
        with refused("InvalidStateException"):
            pca.client.restore_certificate_authority(CertificateAuthorityArn=arn)


@pytest.mark.parametrize("period", [6, 31])
def test_restoration_period_has_limits(pca, period):
    with refused("ValidationException", "permanentDeletionTimeInDays"):
        pca.delete(pca.pending(), PermanentDeletionTimeInDays=period)


def test_deleted_refuses_everything_else(pca):
    arn = pca.root()
    issued = pca.issue(arn)
    pca.delete(pca.disable(arn))
    named = {"CertificateAuthorityArn": arn}
    tags = [{"Key": "a", "Value": "b"}]
    principal = "acm.amazonaws.com"
    client = pca.client
    for call in (
        lambda: client.list_tags(**named),
        lambda: client.tag_certificate_authority(**named, Tags=tags),
        lambda: client.untag_certificate_authority(**named, Tags=tags),
        lambda: client.get_certificate_authority_csr(**named),
        lambda: client.get_certificate_authority_certificate(**named),
        lambda: client.get_certificate(**named, CertificateArn=issued),
        lambda: client.update_certificate_authority(**named, Status="ACTIVE"),
        lambda: client.list_permissions(**named),
        lambda: client.delete_permission(**named, Principal=principal),
        lambda: client.import_certificate_authority_certificate(**named, Certificate=b"x"),
        lambda: pca.issue(arn, csr()),
    ):
        with refused("InvalidStateException"):
            call()


def test_update_is_for_active_and_disabled(pca, root):
    for arn in (pca.pending(), pca.create()):
        with refused("InvalidStateException"):
            pca.disable(arn)
    with refused("InvalidArgsException"):
        pca.client.update_certificate_authority(CertificateAuthorityArn=root, Status="EXPIRED")


def test_disabled_does_not_issue(pca):
    arn = pca.disable(pca.root())
    with refused("InvalidStateException"):
        pca.issue(arn)
    answer = pca.client.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
    assert answer["Certificate"]


def test_revocation_configuration_changes_part_by_part(pca):
    arn = pca.root()
    update = pca.client.update_certificate_authority
    ocsp = {"OcspConfiguration": {"Enabled": True}}
    update(CertificateAuthorityArn=arn, RevocationConfiguration=ocsp)
    crl = {"Enabled": True, "ExpirationInDays": 7, "S3BucketName": "crl-bucket"}
    update(CertificateAuthorityArn=arn, RevocationConfiguration={"CrlConfiguration": crl})
    configuration = pca.describe(arn)["RevocationConfiguration"]
    assert configuration["OcspConfiguration"]["Enabled"]
    assert configuration["CrlConfiguration"]["S3ObjectAcl"] == "PUBLIC_READ"
    with refused("InvalidArgsException", "Enabled"):
        crl = {"Enabled": False, "S3BucketName": "crl-bucket"}
        update(CertificateAuthorityArn=arn, RevocationConfiguration={"CrlConfiguration": crl})
    with refused("InvalidArgsException", "protocol"):
        ocsp = {"Enabled": True, "OcspCustomCname": "http://ocsp.example"}
        update(CertificateAuthorityArn=arn, RevocationConfiguration={"OcspConfiguration": ocsp})


def test_failed_is_final(pca):
    arn = pca.pending()
    assert pca.control(arn, "fail")["Status"] == "FAILED"
    assert pca.describe(arn)["FailureReason"] == "REQUEST_TIMED_OUT"
    with refused("InvalidStateException"):
        pca.install(arn, "x")
    assert pca.status(pca.delete(arn)) == "DELETED"


def test_expired_is_renewed_by_an_import(pca):
    arn = pca.root()
    pca.control(arn, "expire")
    assert pca.status(arn) == "EXPIRED"
    with refused("InvalidStateException"):
        pca.issue(arn)
    with refused("InvalidStateException"):
        pca.disable(arn)
    assert pca.status(pca.sign_root(arn, days(30))) == "ACTIVE"


def test_purged_is_gone(pca):
    arn = pca.delete(pca.pending())
    pca.control(arn, "purge")
    with refused("ResourceNotFoundException"):
        pca.describe(arn)


def test_arn_of_nothing_and_of_something_else(pca, root):
    with refused("ResourceNotFoundException"):
        pca.describe(MISSING)
    with refused("InvalidArnException"):
        pca.describe("arn:aws:acm-pca:::template/RootCACertificate/V1")
    with refused("ValidationException"):
        pca.describe("not an arn")
    with refused("InvalidArnException"):
        pca.client.get_certificate(CertificateAuthorityArn=root, CertificateArn=root)
    with refused("ResourceNotFoundException"):
        missing = f"{root}/certificate/0123456789abcdef0123456789abcdef"
        pca.client.get_certificate(CertificateAuthorityArn=root, CertificateArn=missing)


def test_revoked_certificate_can_still_be_fetched(pca, root):
    arn = pca.issue(root)
    pca.certificate(arn)
    serial = arn.rpartition("/")[2]
    revocation = {"CertificateSerial": serial, "RevocationReason": "SUPERSEDED"}
    pca.client.revoke_certificate(CertificateAuthorityArn=root, **revocation)
    pca.certificate(arn)
    with refused("RequestAlreadyProcessedException"):
        pca.client.revoke_certificate(CertificateAuthorityArn=root, **revocation)
