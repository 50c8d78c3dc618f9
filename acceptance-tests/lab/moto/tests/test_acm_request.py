"""RequestCertificate: names, keys, tokens, tags.

https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
"""

from uuid import uuid4

import pytest
from hosted_zone import domain
from private_ca import refused


def token():
    return uuid4().hex


def test_request_is_pending_and_its_records_come_later(acm):
    name = domain()
    arn = acm.request(name, [f"*.{name}", f"www.{name}"])
    found = acm.describe(arn)
    assert (found["Status"], found["Type"]) == ("PENDING_VALIDATION", "AMAZON_ISSUED")
    assert found["DomainName"] == name
    assert {*found["SubjectAlternativeNames"]} == {name, f"*.{name}", f"www.{name}"}
    assert "NotAfter" not in found and "Serial" not in found and "IssuedAt" not in found
    assert not any("ResourceRecord" in each for each in found["DomainValidationOptions"])
    for each in acm.records(arn).values():
        assert each["Type"] == "CNAME" and each["Name"].endswith(f"{name}.")
        assert each["Value"].endswith(".acm-validations.aws.")


def test_a_name_and_its_wildcard_share_a_record(acm):
    name = domain()
    records = acm.records(acm.request(name, [f"*.{name}", f"www.{name}"]))
    assert records[name] == records[f"*.{name}"] != records[f"www.{name}"]


def test_records_are_those_of_account_and_domain(acm, connect):
    name = domain()
    elsewhere = type(acm)(acm.endpoint, connect("acm", region="us-east-1"))
    first = acm.records(acm.request(name))
    assert acm.records(acm.request(name)) == first
    assert elsewhere.records(elsewhere.request(name)) == first


@pytest.mark.parametrize("algorithm", ["RSA_2048", "EC_prime256v1", "EC_secp384r1"])
def test_key_algorithms_are_answered_with_a_hyphen(acm, algorithm):
    arn = acm.request(domain(), KeyAlgorithm=algorithm)
    assert acm.describe(arn)["KeyAlgorithm"] == algorithm.replace("_", "-", 1)


def test_what_is_no_valid_request(acm):
    name = domain()
    for code, more in (
        ("ValidationException", {"KeyAlgorithm": "EC_unheard"}),
        ("InvalidParameterException", {"KeyAlgorithm": "RSA_4096"}),
        ("ValidationException", {"IdempotencyToken": "t" * 33}),
        ("ValidationException", {"IdempotencyToken": "a-b"}),
        ("ValidationException", {"sans": ["no_name"]}),
        ("LimitExceededException", {"sans": [f"n{n}.{name}" for n in range(10)]}),
        ("InvalidParameterException", {"ValidationMethod": "EMAIL"}),
    ):
        with refused(code):
            acm.request(name, **more)
    with refused("InvalidParameterException"):
        acm.request(f"{'a' * 60}.{name}")


def test_a_token_asks_for_one_certificate(acm):
    name, same = domain(), token()
    arn = acm.request(name, [f"a.{name}", f"b.{name}"], IdempotencyToken=same)
    assert acm.request(name, [f"b.{name}", f"a.{name}"], IdempotencyToken=same) == arn
    assert acm.request(name, [f"a.{name}", f"b.{name}"], IdempotencyToken=token()) != arn
    assert acm.request(name) != acm.request(name)


def test_a_token_with_other_names_asks_for_another(acm):
    name, same = domain(), token()
    arn = acm.request(name, IdempotencyToken=same)
    assert acm.request(name, [f"a.{name}"], IdempotencyToken=same) != arn
    assert acm.request(domain(), IdempotencyToken=same) != arn
    assert acm.request(name, IdempotencyToken=same, KeyAlgorithm="EC_prime256v1") == arn


def test_a_token_is_answered_with_a_deleted_certificate_until_it_times_out(acm):
    name, same = domain(), token()
    arn = acm.delete(acm.request(name, IdempotencyToken=same))
    assert acm.request(name, IdempotencyToken=same) == arn
    with refused("ResourceNotFoundException"):
        acm.describe(arn)
    acm.control(DomainName=name, Region=acm.region, Action="forget")
    assert acm.request(name, IdempotencyToken=same) != arn


def tags_of(acm, arn):
    return acm.client.list_tags_for_certificate(CertificateArn=arn)["Tags"]


def test_tags(acm):
    arn = acm.request(domain(), Tags=[{"Key": "e2etls:owner", "Value": "a+b=c/d@e"}])
    named = {"CertificateArn": arn}
    acm.client.add_tags_to_certificate(**named, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    assert tags_of(acm, arn) == [
        {"Key": "e2etls:owner", "Value": "a+b=c/d@e"},
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": ""},
    ]
    acm.client.remove_tags_from_certificate(**named, Tags=[{"Key": "a", "Value": "other"}])
    assert {"Key": "a", "Value": "1"} in tags_of(acm, arn)
    acm.client.remove_tags_from_certificate(
        **named, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}]
    )
    assert [tag["Key"] for tag in tags_of(acm, arn)] == ["e2etls:owner"]


def test_limits_of_tags(acm):
    arn = acm.request(domain(), Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(50)])
    for code, tags in (
        ("TooManyTagsException", [{"Key": "k50", "Value": "v"}]),
        ("InvalidTagException", [{"Key": "aws:x", "Value": "v"}]),
        ("ValidationException", []),
        ("ValidationException", [{"Key": "k1", "Value": "v" * 257}]),
    ):
        with refused(code):
            acm.client.add_tags_to_certificate(CertificateArn=arn, Tags=tags)
    with refused("InvalidTagException"):
        acm.request(domain(), Tags=[{"Key": "aws:x", "Value": "v"}])


def test_tags_of_an_unknown_certificate(acm):
    arn = acm.delete(acm.request(domain()))
    with refused("ResourceNotFoundException"):
        tags_of(acm, arn)
    for action in (acm.client.add_tags_to_certificate, acm.client.remove_tags_from_certificate):
        with refused("ResourceNotFoundException"):
            action(CertificateArn=arn, Tags=[{"Key": "a"}])
