"""Add-ons take their time, and refuse what EKS refuses.

https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from cluster import ROLE, Cluster, refused

IN_USE = "ResourceInUseException"
INVALID = "InvalidParameterException"
ABSENT = "ResourceNotFoundException"


def test_an_addon_is_created_after_a_while(lab):
    made = lab.create()
    assert made["status"] == lab.status() == "CREATING"
    lab.wait()
    found = lab.describe()
    assert found["status"] == "ACTIVE"
    assert found["health"] == {"issues": []}
    assert found["addonArn"] == made["addonArn"]
    assert found["namespaceConfig"] == {"namespace": "cert-manager"}
    # What was not asked for is left out, as EKS does, and nothing internal is shown.
    absent = ("serviceAccountRoleArn", "configurationValues", "podIdentityAssociations")
    assert not [name for name in found if name in absent or name.startswith("_")]


def test_an_update_takes_a_while(lab):
    lab.ready(addonVersion="v1.18.2-eksbuild.2", configurationValues='{"a": 1}')
    update = lab.update(addonVersion="v1.19.1-eksbuild.1", serviceAccountRoleArn=ROLE)
    assert (update["status"], update["type"]) == ("InProgress", "AddonUpdate")
    assert {"type": "AddonVersion", "value": "v1.19.1-eksbuild.1"} in update["params"]
    assert lab.status() == "UPDATING"
    lab.wait()
    found = lab.describe()
    assert (found["status"], found["addonVersion"]) == ("ACTIVE", "v1.19.1-eksbuild.1")
    assert (found["configurationValues"], found["serviceAccountRoleArn"]) == ('{"a": 1}', ROLE)
    lab.update(configurationValues="")
    assert "configurationValues" not in lab.describe()


def test_a_deleted_addon_is_there_for_a_while(lab):
    lab.ready(tags={"a": "1"})
    assert lab.delete()["status"] == lab.status() == "DELETING"
    assert lab.client.list_addons(clusterName=lab.name)["addons"] == ["cert-manager"]
    lab.wait()
    with refused(ABSENT, "No addon: cert-manager found", 404):
        lab.describe()
    assert lab.client.list_addons(clusterName=lab.name)["addons"] == []
    assert lab.create()["tags"] == {}


@pytest.mark.parametrize("state", ["CREATING", "UPDATING", "DELETING"])
def test_a_busy_addon_refuses(lab, state):
    lab.create()
    if state != "CREATING":
        lab.wait()
        lab.update() if state == "UPDATING" else lab.delete()
    for attempt in (lab.create, lab.update, lab.delete):
        with refused(IN_USE, f"Addon cert-manager is in {state} state", 409):
            attempt()
    assert lab.status() == state


def test_an_addon_exists_once(lab):
    lab.ready()
    with refused(IN_USE, "Addon already exists.", 409) as caught:
        lab.create()
    assert caught.value.response["addonName"] == "cert-manager"
    # The same name in another cluster is another add-on.
    other = Cluster(lab.endpoint, lab.client, lab.seconds)
    assert other.create()["addonArn"] != lab.describe()["addonArn"]


def test_creates_at_the_same_moment_make_one_addon(lab):
    def attempt(number):
        try:
            return lab.create(clientRequestToken=f"t-{number}")["addonArn"]
        except ClientError as error:
            assert error.response["Error"]["Code"] == IN_USE
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [arn for arn in pool.map(attempt, range(8)) if arn]
    assert made == [lab.describe()["addonArn"]]


def test_what_is_absent_is_not_found(lab):
    for attempt in (lab.describe, lab.update, lab.delete):
        with refused(ABSENT, "cert-manager", 404):
            attempt()
    lab.name = "nowhere"
    for attempt in (lab.create, lab.describe, lab.update, lab.delete, lab.associate):
        with refused(ABSENT, "No cluster found for name: nowhere.", 404):
            attempt()


def test_a_token_makes_one_addon(lab):
    asked = {"clientRequestToken": "t", "addonVersion": "v1.19.1-eksbuild.1"}
    made = lab.create(**asked)
    assert lab.create(**asked)["addonArn"] == made["addonArn"]
    lab.wait()
    assert lab.create(**asked)["status"] == "ACTIVE"
    with refused(IN_USE, "Addon already exists."):
        lab.create(clientRequestToken="t", addonVersion="v1.20.3-eksbuild.1")
    with refused(IN_USE, "Addon already exists."):
        lab.create(**asked | {"clientRequestToken": "u"})
    lab.delete()
    lab.wait()
    assert lab.create(**asked)["addonArn"] != made["addonArn"]


def test_a_token_makes_one_update(lab):
    lab.ready()
    first = lab.update(clientRequestToken="t")
    assert lab.update(clientRequestToken="t")["id"] == first["id"]
    with refused(IN_USE, "UPDATING"):
        lab.update(clientRequestToken="u")


def test_only_known_addons_and_versions(lab):
    with refused(INVALID, "Addon nothing specified is not supported in 1.36 kubernetes version"):
        lab.create("nothing")
    with refused(INVALID, "Addon version specified is not supported", 400):
        lab.create(addonVersion="v9.9.9-eksbuild.9")
    assert lab.ready()["addonVersion"] == "v1.20.3-eksbuild.1"
    with refused(INVALID, "Addon version specified is not supported"):
        lab.update(addonVersion="v9.9.9-eksbuild.9")
    assert lab.status() == "ACTIVE"
    old = Cluster(lab.endpoint, lab.client, lab.seconds, version="1.20")
    with refused(INVALID, "Addon cert-manager specified is not supported in 1.20 kubernetes"):
        old.create()


@pytest.mark.parametrize("values", ["3", "[1]", "a: b: c", '{"a": 1', "2001-99-99", "text"])
def test_a_configuration_is_an_object(lab, values):
    with refused(INVALID, "ConfigurationValue provided in request is not supported: ", 400):
        lab.create(configurationValues=values)
    lab.ready()
    with refused(INVALID, "ConfigurationValue provided in request is not supported: "):
        lab.update(configurationValues=values)


@pytest.mark.parametrize("values", ['{\n\t"crds": {"enabled": true}\n}', "crds:\n  enabled: true"])
def test_json_and_yaml_are_configurations(lab, values):
    assert lab.create(configurationValues=values)["configurationValues"] == values


def test_conflicts_are_resolved_in_one_of_three_ways(lab):
    with refused(INVALID, "resolveConflicts"):
        lab.create(resolveConflicts="SOMEHOW")
    lab.ready(resolveConflicts="PRESERVE")
    with refused(INVALID, "resolveConflicts"):
        lab.update(resolveConflicts="overwrite")
    assert [one["resolveConflicts"] for one in lab.asked()] == ["PRESERVE"]
    lab.update(resolveConflicts="OVERWRITE")
    assert [one["resolveConflicts"] for one in lab.asked()] == ["OVERWRITE"]
    lab.wait()
    lab.update()
    assert [one["resolveConflicts"] for one in lab.asked()] == [None]


def test_associations_come_and_go_with_their_addon(lab):
    name = "aws-privateca-connector-for-kubernetes"
    wanted = [{"serviceAccount": "issuer", "roleArn": ROLE}]
    arns = lab.ready(name, podIdentityAssociations=wanted)["podIdentityAssociations"]
    (found,) = lab.client.list_pod_identity_associations(clusterName=lab.name)["associations"]
    assert [found["associationArn"]] == arns
    assert (found["namespace"], found["serviceAccount"]) == ("aws-privateca-issuer", "issuer")
    assert found["ownerArn"] == lab.describe(name)["addonArn"]
    lab.associate("app", "cert-manager")
    with refused(IN_USE, "Association already exists: a-"):
        lab.create(podIdentityAssociations=[{"serviceAccount": "app", "roleArn": ROLE}])
    lab.update(name, podIdentityAssociations=[])
    assert "podIdentityAssociations" not in lab.describe(name)
    lab.wait()
    lab.update(name, podIdentityAssociations=wanted)
    lab.wait()
    lab.delete(name)
    lab.wait()
    (left,) = lab.client.list_pod_identity_associations(clusterName=lab.name)["associations"]
    assert left["serviceAccount"] == "app"


def test_addons_are_listed_in_pages(lab):
    names = ["cert-manager", "eks-pod-identity-agent", "vpc-cni"]
    for name in reversed(names):
        lab.create(name)
    pages = lab.client.get_paginator("list_addons").paginate(
        clusterName=lab.name, PaginationConfig={"PageSize": 2}
    )
    assert [page["addons"] for page in pages] == [names[:2], names[2:]]
    for wrong in ({"maxResults": 0}, {"maxResults": 101}, {"nextToken": "nonsense"}):
        with refused(INVALID, next(iter(wrong))):
            lab.client.list_addons(clusterName=lab.name, **wrong)
