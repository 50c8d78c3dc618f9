"""A cluster and its add-ons, as tests ask for them."""

import json
import time
import urllib.request
from contextlib import contextmanager
from itertools import count

import pytest
from botocore.exceptions import ClientError

NAMES = (f"lab-{number}" for number in count(1))
ROLE = "arn:aws:iam::123456789012:role/lab"


@contextmanager
def refused(code, message="", status=None):
    with pytest.raises(ClientError) as caught:
        yield caught
    answer = caught.value.response
    assert answer["Error"]["Code"] == code
    assert message in answer["Error"]["Message"]
    assert status in (None, answer["ResponseMetadata"]["HTTPStatusCode"])


class Cluster:
    def __init__(self, endpoint, client, seconds, version="1.36"):
        self.endpoint, self.client, self.seconds = endpoint, client, seconds
        self.name = next(NAMES)
        client.create_cluster(name=self.name, version=version, roleArn=ROLE, resourcesVpcConfig={})

    def wait(self):
        time.sleep(self.seconds + 0.1)

    def create(self, name="cert-manager", **more):
        return self.client.create_addon(clusterName=self.name, addonName=name, **more)["addon"]

    def ready(self, name="cert-manager", **more):
        self.create(name, **more)
        self.wait()
        return self.describe(name)

    def describe(self, name="cert-manager"):
        return self.client.describe_addon(clusterName=self.name, addonName=name)["addon"]

    def status(self, name="cert-manager"):
        return self.describe(name)["status"]

    def update(self, name="cert-manager", **more):
        return self.client.update_addon(clusterName=self.name, addonName=name, **more)["update"]

    def delete(self, name="cert-manager", **more):
        return self.client.delete_addon(clusterName=self.name, addonName=name, **more)["addon"]

    def associate(self, account="app", namespace="shop", **more):
        asked = {"namespace": namespace, "serviceAccount": account, "roleArn": ROLE} | more
        return self.client.create_pod_identity_association(clusterName=self.name, **asked)[
            "association"
        ]

    def association(self, identifier):
        return self.client.describe_pod_identity_association(
            clusterName=self.name, associationId=identifier
        )["association"]

    def asked(self, name="cert-manager"):
        """What the lab's control says of one add-on of this cluster, oldest first."""
        with urllib.request.urlopen(f"{self.endpoint}/e2etls/eks/addons", timeout=5) as answer:
            known = json.load(answer)
        return [one for one in known if (one["clusterName"], one["addonName"]) == (self.name, name)]

    def tell(self, status, name="cert-manager", **more):
        body = json.dumps({"status": status, "clusterName": self.name, **more}).encode()
        url = f"{self.endpoint}/e2etls/eks/addons/{name}"
        urllib.request.urlopen(urllib.request.Request(url, body), timeout=5).close()
