"""What stays ministack's own. Last, because a reset empties the server for everybody."""

import urllib.request

from cluster import Cluster, refused


def test_other_requests_are_served(lab, connect):
    assert lab.name in lab.client.list_clusters()["clusters"]
    connect("s3").create_bucket(
        Bucket="e2etls", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    assert connect("sts").get_caller_identity()["Account"] == "123456789012"
    with refused("InvalidRequestException", "No route", 400):
        lab.client.describe_update(name=lab.name, updateId="u")


def test_regions_are_apart(lab, connect):
    lab.create()
    elsewhere = connect(region="eu-west-1")
    other = Cluster.__new__(Cluster)
    other.client, other.name = elsewhere, lab.name
    with refused("ResourceNotFoundException", "No cluster found"):
        other.describe()


def test_reset_forgets_everything(lab):
    made = lab.create(clientRequestToken="t")
    lab.tell("CREATE_FAILED", "vpc-cni", clusterName=None, next=True)
    reset = urllib.request.Request(f"{lab.endpoint}/_ministack/reset", b"")
    urllib.request.urlopen(reset, timeout=30).close()
    assert lab.asked() == []
    again = Cluster(lab.endpoint, lab.client, lab.seconds)
    again.name, name = lab.name, again.name
    with refused("ResourceNotFoundException"):
        again.create(clientRequestToken="t")
    again.name = name
    assert again.create(clientRequestToken="t")["addonArn"] != made["addonArn"]
    assert again.ready("vpc-cni")["status"] == "ACTIVE"
