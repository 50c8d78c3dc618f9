"""Add-ons: records that take their time, and refuse what EKS refuses.

https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateAddon.html and its neighbours.
"""

import json
from typing import Any

import yaml
from ministack.services import eks

from . import catalog, pod_identity, tokens
from .clusters import existing
from .errors import absent, in_use, invalid
from .life import BUSY, Addon, begin
from .paging import Query, one, page

RESOLUTIONS = ("NONE", "OVERWRITE", "PRESERVE")
SETTINGS = ("serviceAccountRoleArn", "configurationValues")


def create(cluster: str, body: dict[str, Any]) -> dict[str, Any]:
    found, name = existing(cluster), body.get("addonName")
    if not name:
        raise invalid("Addon name is required.", clusterName=cluster)
    about = {"clusterName": cluster, "addonName": name}
    product, version = catalog.choose(name, body.get("addonVersion"), found)
    _check(body, about)
    key = f"{cluster}/{name}"
    there = eks._addons.get(key)
    if there:
        if tokens.recall("CreateAddon", key, body) == there["addonArn"]:
            return {"addon": show(there)}
        _idle(there)
        raise in_use("Addon already exists.", **about)
    now = eks._now()
    namespace = (body.get("namespaceConfig") or {}).get("namespace") or product.namespace
    addon = {
        "addonName": name,
        "clusterName": cluster,
        "addonVersion": version,
        "addonArn": eks._addon_arn(cluster, name),
        "createdAt": now,
        "modifiedAt": now,
        "health": {"issues": []},
        "namespaceConfig": {"namespace": namespace},
        "owner": product.owner,
        "publisher": product.publisher,
        "_resolve": body.get("resolveConflicts"),
    }
    _set(addon, body)
    begin(addon, "CREATING")
    eks._addons[key] = addon
    if body.get("tags"):
        eks._tags[addon["addonArn"]] = dict(body["tags"])
    tokens.remember("CreateAddon", key, body, addon["addonArn"])
    return {"addon": show(addon)}


def describe(cluster: str, name: str) -> dict[str, Any]:
    return {"addon": show(_find(cluster, name))}


def list_all(cluster: str, query: Query) -> dict[str, Any]:
    existing(cluster)
    names = [
        addon["addonName"] for addon in eks._addons.values() if addon["clusterName"] == cluster
    ]
    return page(dict(zip(names, names, strict=True)), query, "addons")


def update(cluster: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    addon = _find(cluster, name)
    place = addon["addonArn"]
    if again := tokens.recall("UpdateAddon", place, body):
        return {"update": again}
    _idle(addon)
    about = {"clusterName": cluster, "addonName": name}
    _check(body, about)
    version = body.get("addonVersion") or addon["addonVersion"]
    catalog.choose(name, version, existing(cluster))
    _set(addon, body)
    addon["addonVersion"] = version
    addon["_resolve"] = body.get("resolveConflicts")
    addon["modifiedAt"] = eks._now()
    begin(addon, "UPDATING")
    update = {
        "id": eks.new_uuid(),
        "status": "InProgress",
        "type": "AddonUpdate",
        "params": _params(body),
        "createdAt": eks._now(),
        "errors": [],
    }
    tokens.remember("UpdateAddon", place, body, update)
    return {"update": update}


def delete(cluster: str, name: str, query: Query) -> dict[str, Any]:
    addon = _find(cluster, name)
    _idle(addon)
    preserve = one(query, "preserve")
    addon["_preserve"] = None if preserve is None else preserve == "true"
    begin(addon, "DELETING")
    return {"addon": show(addon)}


def show(addon: Addon) -> dict[str, Any]:
    """What answers say of an add-on; its tags are those of TagResource."""
    shown = eks._sanitize(addon)
    shown["tags"] = dict(eks._tags.get(addon["addonArn"], {}))
    owned = pod_identity.owned(addon["addonArn"])
    if owned:
        shown["podIdentityAssociations"] = owned
    return shown


def _find(cluster: str, name: str) -> Addon:
    existing(cluster)
    addon = eks._addons.get(f"{cluster}/{name}")
    if addon is None:
        raise absent(
            f"No addon: {name} found in cluster: {cluster}", clusterName=cluster, addonName=name
        )
    return addon


def _idle(addon: Addon) -> None:
    if addon["status"] in BUSY:
        name, status = addon["addonName"], addon["status"]
        raise in_use(
            f"Addon {name} is in {status} state", clusterName=addon["clusterName"], addonName=name
        )


def _check(body: dict[str, Any], about: dict[str, str]) -> None:
    resolution = body.get("resolveConflicts")
    if resolution is not None and resolution not in RESOLUTIONS:
        raise invalid(f"resolveConflicts must be one of {', '.join(RESOLUTIONS)}", **about)
    values = body.get("configurationValues")
    reason = _fault(values) if values else None
    if reason:
        raise invalid(f"ConfigurationValue provided in request is not supported: {reason}", **about)


def _fault(values: Any) -> str | None:
    """Why a text is no configuration."""
    if not isinstance(values, str):
        return "it is not a text"
    try:
        # JSON has a parser of its own, since PyYAML refuses the tabs that it may be indented with.
        content = json.loads(values)
    except ValueError:
        try:
            content = yaml.safe_load(values)
        except (ValueError, yaml.YAMLError) as error:
            return str(error)
    return None if isinstance(content, dict) else "it is not an object"


def _set(addon: Addon, body: dict[str, Any]) -> None:
    """Take over what a create or update says; what it doesn't mention stays."""
    if "podIdentityAssociations" in body:
        pod_identity.replace_owned(addon, body["podIdentityAssociations"] or [])
    for name in SETTINGS:
        if body.get(name):
            addon[name] = body[name]
        elif name in body:
            addon.pop(name, None)


def _params(body: dict[str, Any]) -> list[dict[str, str]]:
    names = ("addonVersion", "serviceAccountRoleArn", "resolveConflicts", "configurationValues")
    return [
        {"type": name[0].upper() + name[1:], "value": body[name]} for name in names if name in body
    ]
