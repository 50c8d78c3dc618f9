"""Tags of EKS's resources by ARN, Pod Identity associations among them.

https://docs.aws.amazon.com/eks/latest/APIReference/API_TagResource.html
"""

from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import get_account_id, get_region
from ministack.services import eks

from .errors import Answer, Refused
from .paging import Query

_others = eks._resolve_tag_resource_arn


def resolve(arn: str) -> tuple[str | None, Answer | None]:
    """In the place of ministack's function, which knows no associations."""
    try:
        spec = parse_arn(arn)
    except ArnParseError:
        return _others(arn)
    kind, _, rest = spec.resource.partition("/")
    here = ("eks", get_account_id(), get_region())
    if kind != "podidentityassociation" or (spec.service, spec.account_id, spec.region) != here:
        return _others(arn)
    cluster, _, identifier = rest.partition("/")
    if eks._pod_identity_associations.get(eks._pia_key(cluster, identifier)):
        return arn, None
    return None, not_found(arn)


def untag(arn: str, query: Query) -> Answer:
    """All keys of the request: ministack's routing hands on the first alone."""
    return eks._untag_resource(arn, {"tagKeys": query.get("tagKeys", [])})


def not_found(arn: str) -> Answer:
    """The tag operations have exceptions of their own, unlike the rest of EKS."""
    return Refused(404, "NotFoundException", f"No resource found for ARN: {arn}.").answer()


def not_valid(arn: str) -> Answer:
    return Refused(400, "BadRequestException", f"Invalid resourceArn: {arn}").answer()


def fill() -> None:
    eks._resolve_tag_resource_arn = resolve
    eks._tag_resource_not_found = not_found
    eks._invalid_tag_resource_arn = not_valid


def tag(arn: str, body: dict[str, Any]) -> Answer:
    return eks._tag_resource(arn, body)


def list_all(arn: str) -> Answer:
    return eks._list_tags(arn)
