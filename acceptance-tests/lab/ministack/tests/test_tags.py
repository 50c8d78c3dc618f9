"""Tags by ARN, and what descriptions say of them.

https://docs.aws.amazon.com/eks/latest/APIReference/API_TagResource.html
"""

import pytest
from cluster import refused

NOBODY = "arn:aws:eks:eu-central-1:123456789012:podidentityassociation"


def pairs(lab, arn):
    return lab.client.list_tags_for_resource(resourceArn=arn)["tags"]


@pytest.fixture(params=["addon", "association"])
def tagged(lab, request):
    """A resource with a tag, and how it is described."""
    if request.param == "addon":
        return lab.create(tags={"a": "1"})["addonArn"], lab.describe
    made = lab.associate(tags={"a": "1"})
    return made["associationArn"], lambda: lab.association(made["associationId"])


def test_descriptions_show_current_tags(lab, tagged):
    arn, describe = tagged
    assert describe()["tags"] == pairs(lab, arn) == {"a": "1"}
    lab.client.tag_resource(resourceArn=arn, tags={"a": "2", "b": "3", "c": "4"})
    assert describe()["tags"] == pairs(lab, arn) == {"a": "2", "b": "3", "c": "4"}
    # Several keys at once: each has to go.
    lab.client.untag_resource(resourceArn=arn, tagKeys=["a", "c", "unknown"])
    assert describe()["tags"] == pairs(lab, arn) == {"b": "3"}
    lab.client.untag_resource(resourceArn=arn, tagKeys=["b"])
    assert describe()["tags"] == pairs(lab, arn) == {}


def test_what_is_gone_has_no_tags(lab, tagged):
    arn, _ = tagged
    if ":addon/" in arn:
        lab.wait()
        lab.delete()
        lab.wait()
    else:
        identifier = arn.rsplit("/", 1)[1]
        lab.client.delete_pod_identity_association(clusterName=lab.name, associationId=identifier)
    for call, more in (
        (lab.client.list_tags_for_resource, {}),
        (lab.client.tag_resource, {"tags": {"a": "1"}}),
        (lab.client.untag_resource, {"tagKeys": ["a"]}),
    ):
        with refused("NotFoundException", arn, 404):
            call(resourceArn=arn, **more)


@pytest.mark.parametrize(
    "arn", ["nonsense", "arn:aws:eks:eu-central-1:123456789012:something/else"]
)
def test_other_arns_are_invalid(lab, arn):
    with refused("BadRequestException", "Invalid resourceArn", 400):
        pairs(lab, arn)


def test_an_association_is_known_by_its_whole_arn(lab):
    made = lab.associate()["associationId"]
    with refused("NotFoundException"):
        pairs(lab, f"{NOBODY}/other/{made}")
    assert pairs(lab, f"{NOBODY}/{lab.name}/{made}") == {}


def test_other_resources_have_tags_as_before(lab):
    arn = lab.client.describe_cluster(name=lab.name)["cluster"]["arn"]
    lab.client.tag_resource(resourceArn=arn, tags={"a": "1"})
    assert pairs(lab, arn) == {"a": "1"}
