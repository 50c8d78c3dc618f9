"""The clusters, which are ministack's own."""

from typing import Any

from ministack.services import eks

from .errors import absent


def existing(name: str) -> dict[str, Any]:
    cluster = eks._clusters.get(name)
    if cluster is None:
        raise absent(f"No cluster found for name: {name}.", clusterName=name)
    return cluster
