"""Pod Identity associations.

https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html
"""

from cluster import ROLE, refused


def test_an_association_exists_once(lab):
    made = lab.associate()
    assert "ownerArn" not in made
    with refused(
        "ResourceInUseException", f"Association already exists: {made['associationId']}", 409
    ):
        lab.associate()
    assert lab.associate("other")["associationId"] != made["associationId"]


def test_a_token_makes_one_association(lab):
    made = lab.associate(clientRequestToken="t")
    assert lab.associate(clientRequestToken="t")["associationId"] == made["associationId"]
    for other in ({"clientRequestToken": "u"}, {"clientRequestToken": "t", "roleArn": ROLE + "2"}):
        with refused("ResourceInUseException"):
            lab.associate(**other)
    asked = {"clusterName": lab.name, "associationId": made["associationId"]}
    lab.client.delete_pod_identity_association(**asked)
    again = lab.associate(clientRequestToken="t")
    assert again["associationId"] != made["associationId"]


def test_what_ministack_checks_still_counts(lab):
    with refused("InvalidParameterException", "roleArn is required", 400):
        lab.associate(roleArn="")


def test_update_and_delete(lab):
    made = lab.associate(tags={"a": "1"})
    asked = {"clusterName": lab.name, "associationId": made["associationId"]}
    lab.client.tag_resource(resourceArn=made["associationArn"], tags={"b": "2"})
    answer = lab.client.update_pod_identity_association(**asked, roleArn=ROLE + "2")
    found = lab.association(made["associationId"])
    assert answer["association"] == found
    assert (found["roleArn"], found["tags"]) == (ROLE + "2", {"a": "1", "b": "2"})
    assert lab.client.delete_pod_identity_association(**asked)["association"] == found
    calls = (
        lab.client.describe_pod_identity_association,
        lab.client.update_pod_identity_association,
        lab.client.delete_pod_identity_association,
    )
    for call in calls:
        with refused("ResourceNotFoundException", made["associationId"], 404):
            call(**asked)


def test_associations_are_listed_in_pages(lab):
    made = sorted(lab.associate(f"app-{n}")["associationId"] for n in range(5))
    other = lab.associate("app-0", "other")["associationId"]
    pages = list(
        lab.client.get_paginator("list_pod_identity_associations").paginate(
            clusterName=lab.name, namespace="shop", PaginationConfig={"PageSize": 2}
        )
    )
    found = [[one["associationId"] for one in page["associations"]] for page in pages]
    assert found == [made[:2], made[2:4], made[4:]]
    (one,) = lab.client.list_pod_identity_associations(
        clusterName=lab.name, namespace="other", serviceAccount="app-0"
    )["associations"]
    assert one["associationId"] == other
    assert "ownerArn" not in one
