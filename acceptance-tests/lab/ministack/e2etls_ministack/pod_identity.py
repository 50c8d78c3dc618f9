"""Pod Identity associations: tokens, pages and current tags.

https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html
"""

import json
from typing import Any

from ministack.services import eks

from . import tokens
from .clusters import existing
from .errors import Answer, absent, in_use
from .paging import Query, one, page

Association = dict[str, Any]
ADDON_MEMBERS = ("serviceAccount", "roleArn")


def create(cluster: str, body: dict[str, Any]) -> dict[str, Any] | Answer:
    existing(cluster)
    there = _of_account(cluster, body.get("namespace"), body.get("serviceAccount"))
    if there:
        made = tokens.recall("CreatePodIdentityAssociation", cluster, body)
        if made == there["associationArn"]:
            return {"association": show(there)}
        raise in_use(f"Association already exists: {there['associationId']}", clusterName=cluster)
    answer = eks._create_pod_identity_association(cluster, body)
    if answer[0] != 200:
        return answer
    association = _find(cluster, json.loads(answer[2])["association"]["associationId"])
    tokens.remember("CreatePodIdentityAssociation", cluster, body, association["associationArn"])
    return {"association": show(association)}


def describe(cluster: str, identifier: str) -> dict[str, Any]:
    existing(cluster)
    return {"association": show(_find(cluster, identifier))}


def list_all(cluster: str, query: Query) -> dict[str, Any]:
    existing(cluster)
    namespace, account = one(query, "namespace"), one(query, "serviceAccount")
    shown = {
        found["associationId"]: _plain(eks._pod_identity_summary(found))
        for found in _of_cluster(cluster)
        if namespace in (None, found["namespace"]) and account in (None, found["serviceAccount"])
    }
    return page(shown, query, "associations")


def update(cluster: str, identifier: str, body: dict[str, Any]) -> dict[str, Any] | Answer:
    existing(cluster)
    association = _find(cluster, identifier)
    answer = eks._update_pod_identity_association(cluster, identifier, body)
    return answer if answer[0] != 200 else {"association": show(association)}


def delete(cluster: str, identifier: str) -> dict[str, Any]:
    existing(cluster)
    shown = show(_find(cluster, identifier))
    eks._delete_pod_identity_association(cluster, identifier)
    return {"association": shown}


def show(association: Association) -> dict[str, Any]:
    tags = eks._tags.get(association["associationArn"], {})
    return _plain(association) | {"tags": dict(tags)}


def owned(arn: str) -> list[str]:
    """The associations that an add-on has made, as its description names them."""
    return sorted(
        association["associationArn"]
        for association in eks._pod_identity_associations.values()
        if association["ownerArn"] == arn
    )


def replace_owned(addon: dict[str, Any], wanted: list[dict[str, str]]) -> None:
    """Make an add-on's associations those of a request."""
    cluster, arn = addon["clusterName"], addon["addonArn"]
    namespace = addon["namespaceConfig"]["namespace"]
    # First everything that may refuse, so that a refused request changes nothing.
    for one_wanted in wanted:
        there = _of_account(cluster, namespace, one_wanted.get("serviceAccount"))
        if there and there["ownerArn"] != arn:
            raise in_use(
                f"Association already exists: {there['associationId']}", clusterName=cluster
            )
    for association in _of_cluster(cluster):
        if association["ownerArn"] == arn:
            eks._delete_pod_identity_association(cluster, association["associationId"])
    for one_wanted in wanted:
        body = {name: one_wanted.get(name) for name in ADDON_MEMBERS} | {"namespace": namespace}
        answer = eks._create_pod_identity_association(cluster, body)
        if answer[0] == 200:
            made = json.loads(answer[2])["association"]["associationId"]
            _find(cluster, made)["ownerArn"] = arn


def _of_cluster(cluster: str) -> list[Association]:
    found = eks._pod_identity_associations.values()
    return [association for association in found if association["clusterName"] == cluster]


def _of_account(cluster: str, namespace: str | None, account: str | None) -> Association | None:
    for found in _of_cluster(cluster):
        if (found["namespace"], found["serviceAccount"]) == (namespace, account):
            return found
    return None


def _find(cluster: str, identifier: str) -> Association:
    found = eks._pod_identity_associations.get(eks._pia_key(cluster, identifier))
    if found is None:
        raise absent(
            f"No pod identity association found for ID: {identifier}.", clusterName=cluster
        )
    return found


def _plain(association: Association) -> dict[str, Any]:
    """ministack says that nobody owns an association with an empty text, EKS by leaving it out."""
    return {name: value for name, value in association.items() if (name, value) != ("ownerArn", "")}
