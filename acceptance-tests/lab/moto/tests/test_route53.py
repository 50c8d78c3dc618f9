"""Batches of changes, and when they are in sync.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
"""

import time

import pytest
from hosted_zone import change, domain
from private_ca import refused


@pytest.fixture
def name():
    return domain()


@pytest.fixture
def zone(dns, name):
    return dns.zone(name)


def exists(name, kind):
    return (
        f"Tried to create resource record set [name='{name}.', type='{kind}'] but it already exists"
    )


def test_create_is_refused_for_the_same_name_and_type(dns, zone, name):
    dns.change(zone, change("CREATE", f"a.{name}"))
    for value in ("target.example.", "other.example."):
        with refused("InvalidChangeBatch", exists(f"a.{name}", "CNAME")):
            dns.change(zone, change("CREATE", f"A.{name}.", value=value))
    dns.change(zone, change("UPSERT", f"a.{name}", value="other.example."))
    [record] = [each for each in dns.records(zone) if each["Type"] == "CNAME"]
    assert record["ResourceRecords"] == [{"Value": "other.example."}]


def test_a_cname_stands_alone(dns, zone, name):
    dns.change(zone, change("CREATE", f"a.{name}"), change("CREATE", f"b.{name}", "A", "192.0.2.1"))
    for action in ("CREATE", "UPSERT"):
        with refused(
            "InvalidChangeBatch", "conflicting RRSet of type CNAME with the same DNS name"
        ):
            dns.change(zone, change(action, f"a.{name}", "A", "192.0.2.1"))
        with refused("InvalidChangeBatch", "conflicts with other records with the same DNS name"):
            dns.change(zone, change(action, f"b.{name}"))
    with refused("InvalidChangeBatch", "is not permitted at apex in zone"):
        dns.change(zone, change("CREATE", name))


def test_a_batch_is_all_or_nothing(dns, zone, name):
    dns.change(zone, change("CREATE", f"a.{name}"))
    before = dns.records(zone)
    with refused("InvalidChangeBatch"):
        dns.change(
            zone,
            change("CREATE", f"b.{name}"),
            change("DELETE", f"a.{name}"),
            change("CREATE", f"c.{domain()}"),
        )
    assert dns.records(zone) == before


def test_every_problem_is_named(dns, zone, name):
    dns.change(zone, change("CREATE", f"a.{name}"), change("CREATE", f"b.{name}"))
    problems = f"[{exists(f'a.{name}', 'CNAME')}, {exists(f'b.{name}', 'CNAME')}]"
    with refused("InvalidChangeBatch", problems):
        dns.change(zone, change("CREATE", f"a.{name}"), change("CREATE", f"b.{name}"))


def test_a_record_is_replaced_in_one_batch_but_not_made_twice(dns, zone, name):
    dns.change(zone, change("CREATE", f"a.{name}"))
    dns.change(zone, change("DELETE", f"a.{name}"), change("CREATE", f"a.{name}", "A", "192.0.2.1"))
    assert (f"a.{name}.", "A") in dns.names(zone)
    with refused("InvalidChangeBatch", "invalid set of changes for a resource record set"):
        dns.change(zone, change("UPSERT", f"b.{name}"), change("UPSERT", f"b.{name}"))


def test_deletion_names_the_current_values(dns, zone, name):
    values = ["192.0.2.1", "192.0.2.2"]
    dns.change(zone, change("CREATE", f"a.{name}", "A", values))
    for wrong in ({"value": "192.0.2.1"}, {"value": values, "ttl": 61}):
        with refused(
            "InvalidChangeBatch", "but the values provided do not match the current values"
        ):
            dns.change(zone, change("DELETE", f"a.{name}", "A", **wrong))
    with refused("InvalidChangeBatch", f"[name='b.{name}.', type='A'] but it was not found"):
        dns.change(zone, change("DELETE", f"b.{name}", "A", values))
    dns.change(zone, change("DELETE", f"a.{name}", "A", values[::-1]))
    assert len(dns.records(zone)) == 2, "NS and SOA"


def test_alias_records(dns, zone, name):
    def alias(action, target):
        wanted = {"HostedZoneId": "Z1", "DNSName": target, "EvaluateTargetHealth": True}
        return change(action, name, "A", AliasTarget=wanted)

    dns.change(zone, alias("CREATE", "LB-1.example"))
    [record] = [each for each in dns.records(zone) if each["Type"] == "A"]
    assert record["AliasTarget"]["DNSName"] == "lb-1.example."
    with refused("InvalidChangeBatch", "do not match the current values"):
        dns.change(zone, alias("DELETE", "lb-2.example"))
    dns.change(zone, {"Action": "DELETE", "ResourceRecordSet": record})


def test_what_is_no_valid_change(dns, zone, name):
    other = domain()
    with refused("InvalidChangeBatch", f"DNS name a.{other}. is not permitted in zone {name}."):
        dns.change(zone, change("CREATE", f"a.{other}"))
    with refused("InvalidChangeBatch", "should be enclosed in quotation marks"):
        dns.change(zone, change("CREATE", f"a.{name}", "TXT", "bare"))
    without_values = {"Action": "DELETE", "ResourceRecordSet": {"Name": f"a.{name}", "Type": "A"}}
    with refused("InvalidInput", "Expected exactly one of"):
        dns.change(zone, without_values)
    with refused("NoSuchHostedZone", "No hosted zone found with ID: Z404"):
        dns.change("Z404", change("CREATE", f"a.{name}"))


def test_weighted_records_stand_side_by_side(dns, zone, name):
    for identifier in ("one", "two"):
        more = {"SetIdentifier": identifier, "Weight": 1}
        dns.change(zone, change("CREATE", f"a.{name}", "A", "192.0.2.1", **more))
    with refused("InvalidChangeBatch", "set-identifier='two'"):
        dns.change(zone, change("CREATE", f"a.{name}", "A", "192.0.2.9", **more))
    with refused("InvalidChangeBatch", exists(f"a.{name}", "A")):
        dns.change(zone, change("CREATE", f"a.{name}", "A", "192.0.2.1"))


def test_a_change_is_pending_until_it_is_in_sync(dns, zone, name):
    info = dns.change(zone, change("CREATE", f"a.{name}"))
    assert info["Status"] == "PENDING"
    deadline = time.time() + 20
    while dns.client.get_change(Id=info["Id"])["ChangeInfo"]["Status"] != "INSYNC":
        assert time.time() < deadline
        time.sleep(0.02)
    with refused("NoSuchChange"):
        dns.client.get_change(Id="C404")


def test_zones_say_whether_they_are_private(dns, zone, name):
    def of(zone):
        return dns.client.get_hosted_zone(Id=zone)["HostedZone"]

    private = dns.zone(name, private=True)
    assert (of(zone)["Name"], of(zone)["Config"]["PrivateZone"]) == (f"{name}.", False)
    assert of(private)["Config"]["PrivateZone"] is True
    with refused("NoSuchHostedZone", "No hosted zone found with ID: Z404"):
        of("Z404")


def test_lists_start_at_a_name_and_type(dns, zone, name):
    dns.change(
        zone,
        change("CREATE", f"b.{name}", "A", "192.0.2.1"),
        change("CREATE", f"b.{name}", "TXT", '"text"'),
        change("CREATE", f"*.{name}", "A", "192.0.2.1"),
    )
    start = {"StartRecordName": f"b.{name}"}
    assert dns.names(zone, **start) == [(f"b.{name}.", "A"), (f"b.{name}.", "TXT")]
    assert dns.names(zone, **start, StartRecordType="TXT") == [(f"b.{name}.", "TXT")]
    first = dns.names(zone, StartRecordName=f"*.{name}", StartRecordType="A", MaxItems="1")
    assert first == [(f"\\052.{name}.", "A")]
    with refused("InvalidInput"):
        dns.records(zone, StartRecordType="A")
    [soa] = [each for each in dns.records(zone) if each["Type"] == "SOA"]
    assert soa["ResourceRecords"][0]["Value"].startswith("ns-")
