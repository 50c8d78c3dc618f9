"""Validation by DNS: what issues a certificate, and what ends it.

https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
"""

import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hosted_zone import domain
from private_ca import parse, refused


def settle(acm, arn):
    """Time enough to be issued, if it ever would be."""
    acm.status(arn)
    time.sleep(0.4)
    return acm.status(arn)


def test_issued_once_every_record_is_there(acm, dns):
    name = domain()
    zone = dns.zone(name)
    arn = acm.request(name, [f"*.{name}", f"www.{name}"], KeyAlgorithm="EC_prime256v1")
    records = acm.records(arn)
    dns.publish(zone, records[name])
    assert settle(acm, arn) == "PENDING_VALIDATION"
    states = {key: each["ValidationStatus"] for key, each in acm.options(arn).items()}
    assert states == {
        name: "SUCCESS",
        f"*.{name}": "SUCCESS",
        f"www.{name}": "PENDING_VALIDATION",
    }
    with refused("RequestInProgressException"):
        acm.client.get_certificate(CertificateArn=arn)
    dns.publish(zone, records[f"www.{name}"])
    acm.until(arn, "ISSUED")
    found = acm.describe(arn)
    assert found["IssuedAt"] >= found["CreatedAt"] and found["NotAfter"] > found["NotBefore"]
    assert [usage["Name"] for usage in found["ExtendedKeyUsages"]] == [
        "TLS_WEB_SERVER_AUTHENTICATION"
    ]
    leaf = parse(acm.client.get_certificate(CertificateArn=arn)["Certificate"])
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {*names.get_values_for_type(x509.DNSName)} == {name, f"*.{name}", f"www.{name}"}
    assert isinstance(leaf.public_key().curve, ec.SECP256R1)


def test_a_second_certificate_needs_no_second_record(acm, dns):
    name = domain()
    zone = dns.zone(name)
    first = acm.request(name)
    dns.publish(zone, acm.records(first)[name])
    acm.until(first, "ISSUED")
    acm.until(acm.request(name, [f"*.{name}"]), "ISSUED")


def test_a_record_counts_in_any_public_zone(acm, dns):
    name = domain()
    arn = acm.request(f"www.{name}")
    dns.publish(dns.zone(name), acm.records(arn)[f"www.{name}"])
    acm.until(arn, "ISSUED")


def test_a_private_zone_never_counts(acm, dns):
    name = domain()
    zone = dns.zone(name, private=True)
    arn = acm.request(name)
    dns.publish(zone, acm.records(arn)[name])
    assert settle(acm, arn) == "PENDING_VALIDATION"


def test_another_value_does_not_count(acm, dns):
    name = domain()
    arn = acm.request(name)
    dns.publish(dns.zone(name), acm.records(arn)[name], value="_other.acm-validations.aws.")
    assert settle(acm, arn) == "PENDING_VALIDATION"


def test_issued_stays_issued_without_its_record(acm, dns):
    name = domain()
    zone = dns.zone(name)
    arn = acm.request(name)
    record = acm.records(arn)[name]
    dns.publish(zone, record)
    acm.until(arn, "ISSUED")
    [kept] = [each for each in dns.records(zone) if each["Name"] == record["Name"]]
    dns.change(zone, {"Action": "DELETE", "ResourceRecordSet": kept})
    assert settle(acm, arn) == "ISSUED"


@pytest.mark.parametrize(
    ("action", "status", "reason"),
    [("time_out", "VALIDATION_TIMED_OUT", None), ("fail", "FAILED", "CAA_ERROR")],
)
def test_control_ends_the_validation_of_a_domain(acm, dns, action, status, reason):
    name = domain()
    rule = {"DomainName": name, "Region": acm.region}
    acm.control(**rule, Action=action)
    arn = acm.request(name)
    record = acm.records(arn)[name]
    acm.until(arn, status)
    assert acm.describe(arn).get("FailureReason") == reason
    assert acm.options(arn)[name]["ValidationStatus"] == "FAILED"
    acm.control(**rule, Action="clear")
    dns.publish(dns.zone(name), record)
    assert settle(acm, arn) == status, "a final state"
    acm.until(acm.request(name), "ISSUED")


def test_control_ends_it_after_a_while(acm):
    name = domain()
    acm.control(DomainName=name, Region=acm.region, Action="time_out", AfterSeconds=1)
    arn = acm.request(name)
    assert settle(acm, arn) == "PENDING_VALIDATION"
    acm.until(arn, "VALIDATION_TIMED_OUT")


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ("issue", "ISSUED"),
        ("time_out", "VALIDATION_TIMED_OUT"),
        ("fail", "FAILED"),
        ("expire", "EXPIRED"),
        ("revoke", "REVOKED"),
    ],
)
def test_control_ends_one_certificate(acm, action, status):
    name = domain()
    arn, other = acm.request(name), acm.request(name)
    assert acm.control(CertificateArn=arn, Action=action) == {"Status": status}
    assert (acm.status(arn), acm.status(other)) == (status, "PENDING_VALIDATION")
