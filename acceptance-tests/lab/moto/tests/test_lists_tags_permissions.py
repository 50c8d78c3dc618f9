"""Lists and their pages, tags, permissions.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_ListCertificateAuthorities.html
https://docs.aws.amazon.com/privateca/latest/APIReference/API_TagCertificateAuthority.html
https://docs.aws.amazon.com/privateca/latest/APIReference/API_CreatePermission.html
"""

import pytest
from private_ca import refused

PERMISSION = {
    "Principal": "acm.amazonaws.com",
    "Actions": ["IssueCertificate", "GetCertificate", "ListPermissions"],
}


@pytest.fixture
def other_region(pca, connect):
    return type(pca)(pca.endpoint, connect(region="eu-west-3"))


def test_list_holds_what_describe_says_and_deleted_ones(other_region):
    arns = [other_region.pending() for _ in range(3)]
    other_region.delete(arns[0])
    pages = other_region.client.get_paginator("list_certificate_authorities").paginate(
        PaginationConfig={"PageSize": 2}
    )
    listed = [entry for page in pages for entry in page["CertificateAuthorities"]]
    assert [entry["Arn"] for entry in listed] == arns
    assert [entry["Status"] for entry in listed] == ["DELETED"] + ["PENDING_CERTIFICATE"] * 2
    assert listed == [other_region.describe(arn) for arn in arns]
    owned = other_region.client.list_certificate_authorities(ResourceOwner="SELF")
    assert "NextToken" not in owned and len(owned["CertificateAuthorities"]) == 3
    shared = other_region.client.list_certificate_authorities(ResourceOwner="OTHER_ACCOUNTS")
    assert shared["CertificateAuthorities"] == []


def test_page_size_and_token_are_checked(pca):
    with refused("ValidationException", "maxResults"):
        pca.client.list_certificate_authorities(MaxResults=1001)
    with refused("InvalidNextTokenException"):
        pca.client.list_certificate_authorities(NextToken="made up")


def tags_of(pca, arn, **more):
    return pca.client.list_tags(CertificateAuthorityArn=arn, **more)["Tags"]


def test_tags(pca):
    arn = pca.create(Tags=[{"Key": "e2etls:owner", "Value": "a+b=c/d@e"}])
    change = {"CertificateAuthorityArn": arn}
    pca.client.tag_certificate_authority(**change, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    assert tags_of(pca, arn) == [
        {"Key": "e2etls:owner", "Value": "a+b=c/d@e"},
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": ""},
    ]
    assert tags_of(pca, arn, MaxResults=1) == [{"Key": "e2etls:owner", "Value": "a+b=c/d@e"}]
    pca.client.untag_certificate_authority(**change, Tags=[{"Key": "a", "Value": "2"}])
    assert {"Key": "a", "Value": "1"} in tags_of(pca, arn)
    removed = [{"Key": "a", "Value": "1"}, {"Key": "b"}]
    pca.client.untag_certificate_authority(**change, Tags=removed)
    assert [tag["Key"] for tag in tags_of(pca, arn)] == ["e2etls:owner"]


def test_limits_of_tags(pca):
    arn = pca.create(Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(50)])
    change = {"CertificateAuthorityArn": arn}
    pca.client.tag_certificate_authority(**change, Tags=[{"Key": "k0", "Value": "new"}])
    for code, tags in (
        ("TooManyTagsException", [{"Key": "k50", "Value": "v"}]),
        ("InvalidTagException", [{"Key": "aws:x", "Value": "v"}]),
        ("InvalidTagException", [{"Key": "k1", "Value": "v"}] * 2),
        ("ValidationException", [{"Key": "k1", "Value": "a,b"}]),
        ("ValidationException", [{"Key": "k" * 129, "Value": "v"}]),
        ("ValidationException", [{"Key": "k1", "Value": "v" * 257}]),
    ):
        with refused(code):
            pca.client.tag_certificate_authority(**change, Tags=tags)


def test_permissions(pca):
    named = {"CertificateAuthorityArn": pca.pending()}
    pca.client.create_permission(**named, **PERMISSION)
    with refused("PermissionAlreadyExistsException"):
        pca.client.create_permission(**named, **PERMISSION)
    [permission] = pca.client.list_permissions(**named)["Permissions"]
    assert permission.pop("CreatedAt")
    assert permission == {**named, **PERMISSION, "SourceAccount": "123456789012"}
    pca.client.delete_permission(**named, Principal=PERMISSION["Principal"])
    assert pca.client.list_permissions(**named)["Permissions"] == []
    with refused("ResourceNotFoundException"):
        pca.client.delete_permission(**named, Principal=PERMISSION["Principal"])


@pytest.mark.parametrize(
    "change", [{"Principal": "ec2.amazonaws.com"}, {"Actions": ["RevokeCertificate"]}]
)
def test_permission_is_for_acm_and_its_three_actions(pca, change):
    with refused("ValidationException"):
        permission = {**PERMISSION, **change}
        pca.client.create_permission(CertificateAuthorityArn=pca.pending(), **permission)


def test_policy(pca, root):
    named = {"ResourceArn": root}
    with refused("ResourceNotFoundException"):
        pca.client.get_policy(**named)
    pca.client.put_policy(**named, Policy="{}")
    assert pca.client.get_policy(**named)["Policy"] == "{}"
    pca.client.delete_policy(**named)
