"""InUseBy, deletion, and what ELBv2 makes of a certificate.

https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
"""

from uuid import uuid4

import pytest
from hosted_zone import domain
from private_ca import refused


@pytest.fixture(scope="module")
def network(connect):
    ec2 = connect("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"eu-central-1{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]


class Balancer:
    """A load balancer with one HTTPS listener at most."""

    def __init__(self, client, subnets):
        self.client = client
        made = client.create_load_balancer(Name=f"b{uuid4().hex[:8]}", Subnets=subnets)
        self.arn = made["LoadBalancers"][0]["LoadBalancerArn"]

    def listen(self, certificate):
        answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        made = self.client.create_listener(
            LoadBalancerArn=self.arn,
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": certificate}],
            DefaultActions=[answer],
        )
        return made["Listeners"][0]["ListenerArn"]


@pytest.fixture
def balancer(connect, network):
    return Balancer(connect("elbv2"), network)


def test_a_listener_uses_a_certificate_until_it_goes(acm, balancer):
    arn = acm.issued(domain())
    assert acm.describe(arn)["InUseBy"] == []
    listener = balancer.listen(arn)
    found = acm.describe(arn)
    assert (found["InUseBy"], found["RenewalEligibility"]) == ([balancer.arn], "ELIGIBLE")
    assert acm.listed()[arn]["InUse"] is True
    account = arn.split(":")[4]
    with refused("ResourceInUseException", f"Certificate {arn} in account {account} is in use."):
        acm.delete(arn)
    balancer.client.delete_listener(ListenerArn=listener)
    assert acm.describe(arn)["InUseBy"] == []
    acm.delete(arn)


def test_a_changed_listener_uses_the_other_certificate(acm, balancer):
    old, new, extra = (acm.issued(domain()) for _ in range(3))
    listener = balancer.listen(old)
    more = {"ListenerArn": listener, "Certificates": [{"CertificateArn": extra}]}
    balancer.client.add_listener_certificates(**more)
    balancer.client.modify_listener(
        ListenerArn=listener, Certificates=[{"CertificateArn": new}], DefaultActions=[]
    )
    assert acm.describe(new)["InUseBy"] == [balancer.arn]
    acm.delete(old)


def test_a_certificate_for_other_names_of_a_listener_is_in_use(acm, balancer):
    arn, extra = acm.issued(domain()), acm.issued(domain())
    listener = balancer.listen(arn)
    more = {"ListenerArn": listener, "Certificates": [{"CertificateArn": extra}]}
    balancer.client.add_listener_certificates(**more)
    assert acm.describe(extra)["InUseBy"] == [balancer.arn]
    balancer.client.remove_listener_certificates(**more)
    acm.delete(extra)


def test_a_deleted_load_balancer_uses_nothing(acm, balancer):
    arn = acm.issued(domain())
    balancer.listen(arn)
    balancer.client.delete_load_balancer(LoadBalancerArn=balancer.arn)
    acm.delete(arn)


def test_a_listener_takes_issued_certificates_only(acm, balancer):
    pending, gone = acm.request(domain()), acm.delete(acm.request(domain()))
    with refused("UnsupportedCertificate", pending):
        balancer.listen(pending)
    with refused("CertificateNotFound", gone):
        balancer.listen(gone)
    listener = balancer.listen(acm.issued(domain()))
    wanted = {"ListenerArn": listener, "Certificates": [{"CertificateArn": pending}]}
    with refused("UnsupportedCertificate"):
        balancer.client.add_listener_certificates(**wanted)
    with refused("UnsupportedCertificate"):
        balancer.client.modify_listener(**wanted, DefaultActions=[])


def test_control_plays_another_service(acm):
    arn, user = acm.request(domain()), "arn:aws:cloudfront::123456789012:distribution/EXAMPLE"
    acm.control(CertificateArn=arn, Action="use", By=user)
    assert acm.describe(arn)["InUseBy"] == [user]
    with refused("ResourceInUseException"):
        acm.delete(arn)
    acm.control(CertificateArn=arn, Action="release", By=user)
    acm.delete(arn)


def test_a_deleted_certificate_is_unknown(acm):
    arn = acm.delete(acm.request(domain()))
    account = arn.split(":")[4]
    message = f"Could not find certificate {arn} in account {account}."
    for action in (acm.delete, acm.describe):
        with refused("ResourceNotFoundException", message):
            action(arn)
    with refused("ValidationException"):
        acm.describe("arn:aws:acm:nothing-like-it")
