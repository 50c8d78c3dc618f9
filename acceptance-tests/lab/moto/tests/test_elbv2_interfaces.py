"""Load balancers have network interfaces in their subnets, and tell whose they are.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
"""

import urllib.parse
import urllib.request
from ipaddress import ip_address, ip_network

import pytest
from load_balancing import LoadBalancing

CIDRS = [f"10.8.{n}.0/24" for n in range(3)]
SCOPE = "AWS4-HMAC-SHA256 Credential=lab/20260101/eu-central-1/ec2/aws4_request"


@pytest.fixture(scope="module")
def ec2(connect):
    return connect("ec2")


@pytest.fixture
def network(ec2):
    """A VPC of its own, with three subnets."""
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"eu-central-1{zone}")
        for cidr, zone in zip(CIDRS, "abc", strict=True)
    ]
    return vpc, [it["Subnet"]["SubnetId"] for it in subnets]


@pytest.fixture
def elb(endpoint, connect, network):
    vpc, subnets = network
    return LoadBalancing(endpoint, connect("elbv2"), (vpc, subnets[:2]))


@pytest.fixture
def interfaces(ec2, network):
    def found():
        filters = [{"Name": "vpc-id", "Values": [network[0]]}]
        return ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]

    return found


@pytest.mark.parametrize(
    ("kind", "path", "interface_type"),
    [("application", "app", "interface"), ("network", "net", "network_load_balancer")],
)
def test_one_in_each_subnet_while_the_load_balancer_is_there(
    elb, network, interfaces, kind, path, interface_type
):
    made = elb.balancer(kind)
    arn = made["LoadBalancerArn"]
    number = arn.rsplit("/", 1)[1]
    found = interfaces()
    assert {it["SubnetId"] for it in found} == set(network[1][:2])
    for it in found:
        assert it["Description"] == f"ELB {path}/{made['LoadBalancerName']}/{number}"
        assert (it["RequesterId"], it["RequesterManaged"]) == ("amazon-elb", True)
        assert (it["InterfaceType"], it["Status"]) == (interface_type, "in-use")
        [address] = it["PrivateIpAddresses"]
        assert address["PrivateIpAddress"] == it["PrivateIpAddress"]
        cidr = CIDRS[network[1].index(it["SubnetId"])]
        assert ip_address(it["PrivateIpAddress"]) in ip_network(cidr)
    elb.client.delete_load_balancer(LoadBalancerArn=arn)
    assert interfaces() == []


def test_others_stay(ec2, elb, network, interfaces):
    own = ec2.create_network_interface(SubnetId=network[1][0], Description="own")
    own = own["NetworkInterface"]
    assert own["RequesterId"] != "amazon-elb"
    arns = [elb.balancer()["LoadBalancerArn"] for _ in range(2)]
    elb.client.delete_load_balancer(LoadBalancerArn=arns[0])
    number = arns[1].rsplit("/", 1)[1]
    rest = {it["NetworkInterfaceId"]: it["Description"] for it in interfaces()}
    assert rest.pop(own["NetworkInterfaceId"]) == "own"
    assert len(rest) == 2 and all(it.endswith(number) for it in rest.values())
    elb.client.delete_load_balancer(LoadBalancerArn=arns[1])
    assert [it["NetworkInterfaceId"] for it in interfaces()] == [own["NetworkInterfaceId"]]


def test_they_follow_the_subnets(elb, network, interfaces):
    arn = elb.balancer()["LoadBalancerArn"]
    stays = {it["SubnetId"]: it["NetworkInterfaceId"] for it in interfaces()}[network[1][1]]
    elb.client.set_subnets(LoadBalancerArn=arn, Subnets=network[1][1:])
    after = {it["SubnetId"]: it["NetworkInterfaceId"] for it in interfaces()}
    assert after.keys() == set(network[1][1:]) and after[network[1][1]] == stays


def test_one_that_was_deleted_is_not_missed(ec2, elb, interfaces):
    arn = elb.balancer()["LoadBalancerArn"]
    ec2.delete_network_interface(NetworkInterfaceId=interfaces()[0]["NetworkInterfaceId"])
    elb.client.delete_load_balancer(LoadBalancerArn=arn)
    assert interfaces() == []


def test_a_form_that_asks_for_pages_and_managed_ones_is_answered(endpoint, elb, network):
    """As the provider asks."""
    elb.balancer()
    form = {
        "Action": "DescribeNetworkInterfaces",
        "Version": "2016-11-15",
        "Filter.1.Name": "vpc-id",
        "Filter.1.Value.1": network[0],
        "MaxResults": "1000",
        "IncludeManagedResources": "true",
    }
    data = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(
        urllib.request.Request(endpoint, data, {"authorization": SCOPE})
    ) as answer:
        text = answer.read().decode()
    assert text.count("<requesterId>amazon-elb</requesterId>") == 2
    assert text.count("<interfaceType>interface</interfaceType>") == 2
