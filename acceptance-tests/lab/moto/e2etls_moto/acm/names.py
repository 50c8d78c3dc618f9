"""The domain names of a request.

https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
"""

from typing import Any

from .errors import InvalidParameterException, LimitExceededException

COMMON_NAME_LIMIT = 64  # RFC 5280: ub-common-name
QUOTA = 10  # names in a certificate, unless AWS was asked for more


def requested(request: dict[str, Any]) -> list[str]:
    """All names of the certificate: the domain first, each other name once, sorted."""
    domain = request["DomainName"]
    if len(domain) > COMMON_NAME_LIMIT:
        raise InvalidParameterException(
            f"The first domain name can be no longer than {COMMON_NAME_LIMIT} characters."
        )
    others = {*request.get("SubjectAlternativeNames", [])} - {domain}
    if len(others) >= QUOTA:
        raise LimitExceededException(
            "An ACM limit has been exceeded. Need to request SAN limit to be raised"
        )
    return [domain, *sorted(others)]
