"""The add-ons that exist, and DescribeAddonVersions.

Names are EKS's own; which versions there are, and for which clusters, is the lab's own.
https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html
"""

from dataclasses import dataclass
from typing import Any

from .errors import invalid
from .paging import Query, one, page

CLUSTER_VERSIONS = ("1.34", "1.35", "1.36")


@dataclass(frozen=True)
class Product:
    """An add-on that can be created; its versions, the newest last."""

    versions: tuple[str, ...]
    type: str
    namespace: str = "kube-system"
    owner: str = "aws"
    publisher: str = "eks"
    needs_permissions: bool = False


PRODUCTS = {
    "aws-privateca-connector-for-kubernetes": Product(
        ("v1.6.0-eksbuild.1", "v1.10.1-eksbuild.1"),
        "security",
        namespace="aws-privateca-issuer",
        publisher="aws",
        needs_permissions=True,
    ),
    "cert-manager": Product(
        ("v1.18.2-eksbuild.2", "v1.19.1-eksbuild.1", "v1.20.3-eksbuild.1"),
        "security",
        namespace="cert-manager",
        owner="community",
    ),
    "eks-pod-identity-agent": Product(("v1.3.10-eksbuild.1", "v1.3.11-eksbuild.1"), "security"),
    "vpc-cni": Product(("v1.21.1-eksbuild.1",), "networking", needs_permissions=True),
}


def choose(name: str, version: str | None, cluster: dict[str, Any]) -> tuple[Product, str]:
    """The add-on and the version that a request means, the newest where it names none."""
    about = {"clusterName": cluster["name"], "addonName": name}
    product, kubernetes = PRODUCTS.get(name), cluster["version"]
    if product is None or kubernetes not in CLUSTER_VERSIONS:
        raise invalid(
            f"Addon {name} specified is not supported in {kubernetes} kubernetes version", **about
        )
    if not version:
        return product, product.versions[-1]
    if version not in product.versions:
        raise invalid("Addon version specified is not supported", **about)
    return product, version


def describe_versions(query: Query) -> dict[str, Any]:
    kubernetes, wanted = one(query, "kubernetesVersion"), one(query, "addonName")
    # An add-on or a cluster version that EKS doesn't know is an empty list, not an error.
    shown = {
        name: _info(name, product, kubernetes)
        for name, product in PRODUCTS.items()
        if wanted in (None, name)
        and (kubernetes is None or kubernetes in CLUSTER_VERSIONS)
        and _among(query, "types", product.type)
        and _among(query, "owners", product.owner)
        and _among(query, "publishers", product.publisher)
    }
    return page(shown, query, "addons")


def _among(query: Query, name: str, value: str) -> bool:
    return not query.get(name) or value in query[name]


def _info(name: str, product: Product, kubernetes: str | None) -> dict[str, Any]:
    newest = product.versions[-1]
    clusters = [version for version in CLUSTER_VERSIONS if kubernetes in (None, version)]
    return {
        "addonName": name,
        "type": product.type,
        "owner": product.owner,
        "publisher": product.publisher,
        "defaultNamespace": product.namespace,
        "addonVersions": [
            {
                "addonVersion": version,
                "architecture": ["amd64", "arm64"],
                "computeTypes": ["ec2", "auto"],
                "compatibilities": [
                    {
                        "clusterVersion": cluster,
                        "platformVersions": ["*"],
                        "defaultVersion": version == newest,
                    }
                    for cluster in reversed(clusters)
                ],
                "requiresConfiguration": False,
                "requiresIamPermissions": product.needs_permissions,
            }
            for version in reversed(product.versions)
        ],
    }
