"""The network interfaces of a load balancer: one in each subnet, for as long as it is there.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html
"""

from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.elastic_network_interfaces import NetworkInterface

from .balancer import LoadBalancer

REQUESTER = "amazon-elb"
TYPES = {"network": "network_load_balancer", "gateway": "gateway_load_balancer"}


def settle(ec2: EC2Backend, balancer: LoadBalancer) -> None:
    """Make those that are missing; delete those in subnets that it has left."""
    wanted = {subnet.id: subnet for subnet in balancer.subnets}
    for subnet_id in balancer.interfaces.keys() - wanted.keys():
        _delete(ec2, balancer.interfaces.pop(subnet_id))
    for subnet_id in wanted.keys() - balancer.interfaces.keys():
        balancer.interfaces[subnet_id] = _create(ec2, balancer, wanted[subnet_id])


def remove(ec2: EC2Backend, balancer: LoadBalancer) -> None:
    while balancer.interfaces:
        _delete(ec2, balancer.interfaces.popitem()[1])


def _create(ec2: EC2Backend, balancer: LoadBalancer, subnet: Any) -> NetworkInterface:
    # moto would make up the groups that it does not know.
    groups = [it for it in balancer.security_groups or [] if ec2.get_security_group_from_id(it)]
    made = ec2.create_network_interface(
        subnet,
        subnet.get_available_subnet_ip(balancer),
        group_ids=groups,
        description=f"ELB {balancer.arn.split(':loadbalancer/')[1]}",
        ipv6_address_count=1 if balancer.ip_address_type == "dualstack" else 0,
    )
    made.requester_id, made.requester_managed = REQUESTER, True
    made.interface_type = TYPES.get(balancer.type, "interface")
    made.status = "in-use"
    return made


def _delete(ec2: EC2Backend, interface: NetworkInterface) -> None:
    # Somebody may have deleted it, or reset EC2.
    if interface.id in ec2.enis:
        interface.delete()
