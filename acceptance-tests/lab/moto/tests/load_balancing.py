"""The steps of a user of Elastic Load Balancing."""

import json
import urllib.request
from uuid import uuid4

NOT_FOUND = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


def forward(group):
    return {"Type": "forward", "TargetGroupArn": group}


class LoadBalancing:
    """A client with the usual sequences of calls."""

    def __init__(self, endpoint, client, network):
        self.url, self.client = f"{endpoint}/moto-api/e2etls/elbv2", client
        self.vpc, self.subnets = network

    def balancer(self, kind="application", **more):
        more.setdefault("Name", f"b{uuid4().hex[:8]}")
        more.setdefault("Scheme", "internal")
        made = self.client.create_load_balancer(Subnets=self.subnets, Type=kind, **more)
        return made["LoadBalancers"][0]

    def state(self, arn):
        found = self.client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
        return found[0]["State"]["Code"]

    def group(self, protocol="HTTP", **more):
        made = self.client.create_target_group(
            Name=f"t{uuid4().hex[:8]}",
            Protocol=protocol,
            Port=8080,
            VpcId=self.vpc,
            TargetType="ip",
            **more,
        )
        return made["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, balancer, action=NOT_FOUND, port=80, protocol="HTTP", **more):
        made = self.client.create_listener(
            LoadBalancerArn=balancer, Protocol=protocol, Port=port, DefaultActions=[action], **more
        )
        return made["Listeners"][0]

    def shown(self, arn):
        return self.client.describe_listeners(ListenerArns=[arn])["Listeners"][0]

    def health(self, group, **more):
        found = self.client.describe_target_health(TargetGroupArn=group, **more)
        return {
            (each["Target"]["Id"], each["Target"]["Port"]): each["TargetHealth"]
            for each in found["TargetHealthDescriptions"]
        }

    def observe(self, group, **body):
        data = json.dumps({"TargetGroupArn": group} | body).encode()
        headers = {"content-type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(self.url, data, headers)).close()

    def snapshot(self):
        with urllib.request.urlopen(self.url) as answer:
            return json.load(answer)
