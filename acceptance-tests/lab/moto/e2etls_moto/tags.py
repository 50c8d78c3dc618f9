"""Tags of a CA or of a certificate.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_TagCertificateAuthority.html
https://docs.aws.amazon.com/acm/latest/APIReference/API_AddTagsToCertificate.html
"""

from .errors import InvalidTagException, TooManyTagsException

LIMIT = 50


def add(current: dict[str, str], tags: list[dict[str, str]]) -> None:
    """Set the tags, all of them or none."""
    keys = [tag["Key"] for tag in tags]
    for key in keys:
        if key.lower().startswith("aws:"):
            raise InvalidTagException(f"The tag key {key} has the reserved prefix aws:.")
        if keys.count(key) > 1:
            raise InvalidTagException(f"The tag key {key} is supplied more than once.")
    if len(current.keys() | set(keys)) > LIMIT:
        raise TooManyTagsException(f"You can associate up to {LIMIT} tags with a resource.")
    current.update({tag["Key"]: tag.get("Value", "") for tag in tags})


def remove(current: dict[str, str], tags: list[dict[str, str]]) -> None:
    """Remove tags: by key, and where a value is given only if it is the tag's."""
    for tag in tags:
        if tag.get("Value") in (None, current.get(tag["Key"])):
            current.pop(tag["Key"], None)
