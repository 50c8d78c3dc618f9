"""Target health that somebody observes, and what load balancers refuse.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html
"""

import time
import urllib.error

import pytest
from hosted_zone import domain
from load_balancing import LoadBalancing, forward
from private_ca import refused

TARGET = {"Id": "10.9.0.10", "Port": 8080}
KEY = ("10.9.0.10", 8080)


@pytest.fixture(scope="module")
def elb(endpoint, connect):
    ec2 = connect("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"eu-central-1{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    return LoadBalancing(endpoint, connect("elbv2"), (vpc, subnets))


@pytest.fixture
def group(elb):
    """A target group that a load balancer uses, with one target."""
    arn = elb.group()
    elb.listener(elb.balancer()["LoadBalancerArn"], forward(arn))
    elb.client.register_targets(TargetGroupArn=arn, Targets=[TARGET])
    return arn


def test_health_is_what_was_observed(elb, group):
    assert elb.health(group)[KEY] == {
        "State": "initial",
        "Reason": "Elb.RegistrationInProgress",
        "Description": "Target registration is in progress",
    }
    failed = {"Reason": "Target.FailedHealthChecks", "Description": "Health checks failed"}
    elb.observe(group, **TARGET, State="unhealthy", **failed)
    assert elb.health(group)[KEY] == {"State": "unhealthy"} | failed
    elb.observe(group, **TARGET, State="healthy")
    assert elb.health(group)[KEY] == {"State": "healthy"}
    elb.client.register_targets(TargetGroupArn=group, Targets=[TARGET])
    assert elb.health(group)[KEY] == {"State": "healthy"}


def test_one_address_may_be_two_targets(elb, group):
    other = TARGET | {"Port": 8081}
    elb.client.register_targets(TargetGroupArn=group, Targets=[other])
    elb.observe(group, **other, State="healthy")
    states = {key: health["State"] for key, health in elb.health(group).items()}
    assert states == {KEY: "initial", ("10.9.0.10", 8081): "healthy"}


def test_a_target_drains_until_its_delay_is_over(elb, group):
    attributes = [{"Key": "deregistration_delay.timeout_seconds", "Value": "1"}]
    elb.client.modify_target_group_attributes(TargetGroupArn=group, Attributes=attributes)
    elb.client.deregister_targets(TargetGroupArn=group, Targets=[TARGET])
    elb.observe(group, **TARGET, State="healthy")
    found = elb.health(group)[KEY]
    assert (found["State"], found["Reason"]) == ("draining", "Target.DeregistrationInProgress")
    time.sleep(1.1)
    assert elb.health(group) == {}
    asked = elb.health(group, Targets=[TARGET])[KEY]
    assert (asked["State"], asked["Reason"]) == ("unused", "Target.NotRegistered")


def test_targets_of_a_group_without_load_balancer_are_unused(elb):
    arn = elb.group()
    elb.client.register_targets(TargetGroupArn=arn, Targets=[TARGET])
    assert elb.health(arn)[KEY]["Reason"] == "Target.NotInUse"


def test_control_refuses_what_it_does_not_know(elb, group):
    wrong = ({**TARGET, "State": "fine"}, {"Id": "10.9.0.99", "Port": 1, "State": "healthy"})
    for body in wrong:
        with pytest.raises(urllib.error.HTTPError, match="400"):
            elb.observe(group, **body)


def test_a_load_balancer_takes_a_moment(elb):
    made = elb.balancer()
    arn = made["LoadBalancerArn"]
    assert made["State"]["Code"] == elb.state(arn) == "provisioning"
    time.sleep(0.6)
    assert elb.state(arn) == "active"


def test_names_tell_type_and_scheme(elb):
    alb, nlb = elb.balancer(), elb.balancer("network", Scheme="internet-facing")
    assert alb["DNSName"].startswith(f"internal-{alb['LoadBalancerName']}-")
    assert alb["DNSName"].endswith(".eu-central-1.elb.amazonaws.com")
    assert nlb["DNSName"].endswith(".elb.eu-central-1.amazonaws.com")
    assert ":loadbalancer/net/" in nlb["LoadBalancerArn"]
    assert alb["CanonicalHostedZoneId"] != nlb["CanonicalHostedZoneId"]


def test_attributes_are_those_of_the_type(elb):
    def attributes(arn):
        found = elb.client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        return {each["Key"]: each["Value"] for each in found}

    alb, nlb = elb.balancer()["LoadBalancerArn"], elb.balancer("network")["LoadBalancerArn"]
    assert attributes(alb)["idle_timeout.timeout_seconds"] == "60"
    assert "idle_timeout.timeout_seconds" not in attributes(nlb)
    found = elb.client.describe_target_group_attributes(TargetGroupArn=elb.group("TCP"))
    of_group = {each["Key"]: each["Value"] for each in found["Attributes"]}
    assert of_group["preserve_client_ip.enabled"] == "false"
    wanted = [{"Key": "no.such.attribute", "Value": "1"}]
    with refused("ValidationError", "no.such.attribute"):
        elb.client.modify_target_group_attributes(TargetGroupArn=elb.group(), Attributes=wanted)


def test_what_is_in_use_or_protected_stays(elb, group):
    with refused("ResourceInUse", group):
        elb.client.delete_target_group(TargetGroupArn=group)
    name = elb.balancer()["LoadBalancerName"]
    with refused("DuplicateLoadBalancerName"):
        elb.balancer(Name=name)
    arn = elb.balancer()["LoadBalancerArn"]
    protect = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    elb.client.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=protect)
    with refused("OperationNotPermitted"):
        elb.client.delete_load_balancer(LoadBalancerArn=arn)


def test_a_group_forgets_a_load_balancer_that_is_gone(elb):
    arn = elb.group()
    balancer = elb.balancer()["LoadBalancerArn"]
    elb.listener(balancer, forward(arn))
    users = elb.client.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    assert users["LoadBalancerArns"] == [balancer]
    elb.client.delete_load_balancer(LoadBalancerArn=balancer)
    users = elb.client.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"][0]
    assert not users.get("LoadBalancerArns")
    elb.client.delete_target_group(TargetGroupArn=arn)


def test_listeners_go_with_their_protocol(elb, acm):
    balancer = elb.balancer()["LoadBalancerArn"]
    plain = elb.listener(balancer)
    assert "SslPolicy" not in plain
    assert "MutualAuthentication" not in plain
    with refused("ValidationError", "A certificate must be specified for HTTPS listeners"):
        elb.listener(balancer, port=443, protocol="HTTPS")
    certificate = [{"CertificateArn": acm.issued(domain())}]
    with refused("SSLPolicyNotFound"):
        elb.listener(balancer, port=443, protocol="HTTPS", Certificates=certificate, SslPolicy="no")
    secure = elb.listener(balancer, port=443, protocol="HTTPS", Certificates=certificate)
    assert secure["SslPolicy"] == "ELBSecurityPolicy-2016-08"
    assert secure["MutualAuthentication"]["Mode"] == "off"
    with refused("DuplicateListener"):
        elb.listener(balancer, port=443, protocol="HTTPS", Certificates=certificate)
    elb.client.modify_listener(
        ListenerArn=secure["ListenerArn"],
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        MutualAuthentication={"Mode": "passthrough"},
    )
    shown = elb.shown(secure["ListenerArn"])
    assert shown["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert shown["MutualAuthentication"]["Mode"] == "passthrough"


def test_a_tls_listener_changes_in_place(elb, acm):
    balancer = elb.balancer("network")["LoadBalancerArn"]
    old, new, other = ({"CertificateArn": acm.issued(domain())} for _ in range(3))
    more = {"port": 443, "protocol": "TLS", "Certificates": [old], "AlpnPolicy": ["HTTP2Optional"]}
    listener = elb.listener(balancer, forward(elb.group("TLS")), **more)["ListenerArn"]
    elb.client.add_listener_certificates(ListenerArn=listener, Certificates=[other])
    elb.client.modify_listener(
        ListenerArn=listener, Protocol="TLS", Certificates=[new], AlpnPolicy=["HTTP1Only"]
    )
    shown = elb.shown(listener)
    assert [each["CertificateArn"] for each in shown["Certificates"]] == [new["CertificateArn"]]
    assert (shown["Protocol"], shown["AlpnPolicy"]) == ("TLS", ["HTTP1Only"])
    found = elb.client.describe_listener_certificates(ListenerArn=listener)["Certificates"]
    arns = {each["CertificateArn"]: each["IsDefault"] for each in found}
    assert arns == {new["CertificateArn"]: True, other["CertificateArn"]: False}


def test_the_data_plane_gets_everything_at_once(elb, acm, group):
    certificate = acm.issued(domain())
    balancer = elb.balancer()["LoadBalancerArn"]
    more = {"port": 443, "protocol": "HTTPS", "Certificates": [{"CertificateArn": certificate}]}
    elb.listener(balancer, **more)
    seen = elb.snapshot()
    found = next(each for each in seen["LoadBalancers"] if each["Arn"] == balancer)
    assert found["Listeners"][0]["Certificates"][0]["Arn"] == certificate
    assert found["Listeners"][0]["TlsVersions"]
    of_group = next(each for each in seen["TargetGroups"] if each["Arn"] == group)
    assert of_group["Targets"] == [{**TARGET, "State": "initial"}]
    exported = acm.control(CertificateArn=certificate, Action="export")
    assert "PRIVATE KEY" in exported["PrivateKey"] and exported["Names"]
