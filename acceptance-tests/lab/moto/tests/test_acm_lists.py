"""ListCertificates: filters, summaries, pages.

https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html
https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html
"""

import pytest
from hosted_zone import domain
from private_ca import refused
from public_certificate import Certificates


@pytest.fixture
def other_region(endpoint, connect):
    """Certificates of a region that only the test of pages uses."""
    return Certificates(endpoint, connect("acm", region="eu-west-3"), "eu-west-3")


def test_only_rsa_is_listed_unless_key_types_are_named(acm):
    rsa, ec = acm.request(domain()), acm.request(domain(), KeyAlgorithm="EC_prime256v1")
    assert rsa in acm.listed() and ec not in acm.listed()
    assert ec in acm.listed("EC_prime256v1") and rsa not in acm.listed("EC_prime256v1")
    assert {rsa, ec} <= acm.listed("RSA_2048", "EC_prime256v1", "EC_secp384r1").keys()


def test_statuses_filter(acm):
    pending, issued = acm.request(domain()), acm.issued(domain())
    found = acm.listed(CertificateStatuses=["PENDING_VALIDATION"])
    assert pending in found and issued not in found
    found = acm.listed(CertificateStatuses=["ISSUED", "FAILED"])
    assert issued in found and pending not in found


def test_a_summary_holds_what_describe_says(acm):
    name = domain()
    arn = acm.issued(name, sans=[f"*.{name}", f"www.{name}"])
    summary, detail = acm.listed()[arn], acm.describe(arn)
    for same in ("DomainName", "Status", "Type", "KeyAlgorithm", "CreatedAt", "IssuedAt"):
        assert summary[same] == detail[same], same
    assert summary["SubjectAlternativeNameSummaries"] == detail["SubjectAlternativeNames"]
    assert (summary["HasAdditionalSubjectAlternativeNames"], summary["InUse"]) == (False, False)
    assert "InUseBy" not in summary and "DomainValidationOptions" not in summary


def test_pages_go_on_after_a_certificate_that_was_deleted(other_region):
    arns = [other_region.request(domain()) for _ in range(4)]
    first = other_region.client.list_certificates(MaxItems=2)
    found = [each["CertificateArn"] for each in first["CertificateSummaryList"]]
    assert found == arns[:2]
    other_region.delete(arns[1])
    second = other_region.client.list_certificates(MaxItems=2, NextToken=first["NextToken"])
    assert [each["CertificateArn"] for each in second["CertificateSummaryList"]] == arns[2:]
    assert "NextToken" not in second
    order = {"SortBy": "CREATED_AT", "SortOrder": "DESCENDING"}
    newest = other_region.client.list_certificates(MaxItems=1, **order)
    assert newest["CertificateSummaryList"][0]["CertificateArn"] == arns[3]


def test_deleted_certificates_are_not_listed(acm):
    arn = acm.request(domain())
    assert arn in acm.listed()
    acm.delete(arn)
    assert arn not in acm.listed()


def test_what_is_no_valid_list(acm):
    for code, more in (
        ("ValidationException", {"MaxItems": 1001}),
        ("ValidationException", {"CertificateStatuses": ["ASLEEP"]}),
        ("ValidationException", {"Includes": {"keyTypes": ["RSA-2048"]}}),
        ("InvalidArgsException", {"SortBy": "CREATED_AT"}),
        ("InvalidArgsException", {"NextToken": "made up"}),
    ):
        with refused(code):
            acm.client.list_certificates(**more)
