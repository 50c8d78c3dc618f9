"""ListCertificates: its filters, its order, its pages.

https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html
"""

import base64
import binascii
from typing import Any

from .backend import CertificateManager
from .detail import summarize
from .errors import InvalidArgsException

# "Default filtering returns only RSA_1024 and RSA_2048 certificates that have at least one domain."
DEFAULT_KEY_TYPES = ("RSA_1024", "RSA_2048")
PAGE_LIMIT = 1000


def list_certificates(backend: CertificateManager, request: dict[str, Any]) -> dict[str, Any]:
    if ("SortBy" in request) != ("SortOrder" in request):
        raise InvalidArgsException("SortBy and SortOrder must be specified together.")
    found = []
    for number, arn in enumerate(list(backend.certificates)):
        summary = summarize(backend.get_certificate(arn))
        if _wanted(summary, request):
            found.append((f"{summary.get('CreatedAt', 0):020.6f} {number:08} {arn}", summary))
    found.sort(key=lambda entry: entry[0], reverse=request.get("SortOrder") == "DESCENDING")
    return _page(found, request)


def _wanted(summary: dict[str, Any], request: dict[str, Any]) -> bool:
    statuses = request.get("CertificateStatuses")
    filters = request.get("Includes", {})
    key_type = summary["KeyAlgorithm"].replace("-", "_", 1)
    return (
        (not statuses or summary["Status"] in statuses)
        and key_type in (filters.get("keyTypes") or DEFAULT_KEY_TYPES)
        and _any(summary["KeyUsages"], filters.get("keyUsage"))
        and _any(summary["ExtendedKeyUsages"], filters.get("extendedKeyUsage"))
        and filters.get("exportOption", summary["ExportOption"]) == summary["ExportOption"]
        and "managedBy" not in filters
    )


def _any(values: list[str], wanted: list[str] | None) -> bool:
    return not wanted or bool({*values} & {*wanted})


def _page(entries: list[tuple[str, Any]], request: dict[str, Any]) -> dict[str, Any]:
    """The entries after the one that the token names, which may be gone by now."""
    limit, token = request.get("MaxItems", PAGE_LIMIT), request.get("NextToken")
    if token is not None:
        last = _key(token)
        is_descending = request.get("SortOrder") == "DESCENDING"
        entries = [e for e in entries if (e[0] < last if is_descending else e[0] > last)]
    answer: dict[str, Any] = {"CertificateSummaryList": [entry for _, entry in entries[:limit]]}
    if len(entries) > limit:
        answer["NextToken"] = base64.b64encode(entries[limit - 1][0].encode()).decode()
    return answer


def _key(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError):
        raise InvalidArgsException("The NextToken is not valid.") from None
