"""Validation by DNS: the CNAME that proves a name, and whether the public can see it.

https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
"""

import hashlib

from moto.route53.models import RecordSet, route53_backends


def record(account_id: str, name: str) -> dict[str, str]:
    """The record of a name. It is the same for every certificate of the account, in every region,
    and for a name and its wildcard."""
    base = name.removeprefix("*.").lower()
    digest = hashlib.sha512(f"{account_id} {base}".encode()).hexdigest()
    zone = "".join(chr(ord("a") + int(pair, 16) % 26) for pair in _pairs(digest[64:84]))
    return {
        "Name": f"_{digest[:32]}.{base}.",
        "Type": "CNAME",
        "Value": f"_{digest[32:64]}.{zone}.acm-validations.aws.",
    }


def is_published(wanted: dict[str, str]) -> bool:
    """Whether a public hosted zone, of any account, answers with exactly this record."""
    return any(
        _answers(found, wanted)
        for account in list(route53_backends.values())
        for backend in list(account.values())
        for zone in list(backend.zones.values())
        if not zone.private_zone
        for found in list(zone.rrsets)
    )


def _answers(found: RecordSet, wanted: dict[str, str]) -> bool:
    return (
        found.type == "CNAME"
        and _same_name(found.name, wanted["Name"])
        and len(found.records or []) == 1
        and _same_name(found.records[0], wanted["Value"])
    )


def _same_name(one: str, other: str) -> bool:
    """Whether two domain names are the same in DNS: letter case and a final dot say nothing."""
    return one.rstrip(".").lower() == other.rstrip(".").lower()


def _pairs(text: str) -> list[str]:
    return [text[start : start + 2] for start in range(0, len(text), 2)]
