"""What stays moto's own. Last, because a reset empties the server for everybody."""

import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError


def test_unfilled_action_is_loud(pca, root):
    with pytest.raises(ClientError) as caught:
        pca.client.create_certificate_authority_audit_report(
            CertificateAuthorityArn=root, S3BucketName="bucket", AuditReportResponseFormat="JSON"
        )
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_control_refuses_what_it_does_not_know(pca, root):
    for arn, action in ((root, "explode"), ("nothing", "fail")):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            pca.control(arn, action)


def test_other_services_are_served(connect):
    connect("s3").create_bucket(
        Bucket="lab", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    assert connect("sts").get_caller_identity()["Account"] == "123456789012"


def test_reset_forgets_every_authority(pca, endpoint):
    same = "the same token"
    before = pca.pending(IdempotencyToken=same)
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", b"")).close()
    assert pca.client.list_certificate_authorities()["CertificateAuthorities"] == []
    assert pca.create(IdempotencyToken=same) != before
    assert pca.status(pca.root()) == "ACTIVE"
