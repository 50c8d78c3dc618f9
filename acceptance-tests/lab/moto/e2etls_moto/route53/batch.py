"""A batch of changes: all of it takes effect, or nothing.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
"""

from collections import Counter
from typing import Any

from moto.route53.exceptions import InvalidActionValue, InvalidInput
from moto.route53.models import FakeZone, RecordSet

from .errors import InvalidChangeBatch
from .records import key, label, parse, same_values, written

ACTIONS = ("CREATE", "UPSERT", "DELETE")


def apply(zone: FakeZone, changes: list[dict[str, Any]]) -> list[RecordSet]:
    """The record sets of the zone once the changes are made, one after the other.

    Raises `InvalidChangeBatch` that lists every problem; the zone itself is never touched.
    """
    for change in changes:
        _require_well_formed(change)
    parsed = [(change["Action"], parse(change)) for change in changes]
    problems = _contradictions(parsed)
    current = {key(record): record for record in zone.rrsets}
    for action, record in parsed:
        problem = _problem(zone, current, action, record)
        if problem:
            problems.append(problem)
        elif action == "DELETE":
            del current[key(record)]
        else:
            current[key(record)] = record
    if problems:
        raise InvalidChangeBatch(problems)
    return list(current.values())


def _require_well_formed(change: dict[str, Any]) -> None:
    action, record = change["Action"], change["ResourceRecordSet"]
    if action not in ACTIONS:
        raise InvalidActionValue(action)
    has_alias = bool(record.get("AliasTarget"))
    values = [part for part in ("TTL", "ResourceRecords") if record.get(part) is not None]
    if has_alias != bool(values) and len(values) != 1:
        return
    found = "more than one" if has_alias else "none"
    raise InvalidInput(
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], "
        f"or TrafficPolicyInstanceId], but found {found} in Change with [Action={action}, "
        f"Name={record['Name']}, Type={record['Type']}, "
        f"SetIdentifier={record.get('SetIdentifier', 'null')}]"
    )


def _contradictions(parsed: list[tuple[str, RecordSet]]) -> list[str]:
    """One set may be deleted and made again in a batch, but neither twice."""
    counts = Counter((action == "DELETE", key(record)) for action, record in parsed)
    return [
        "The request contains an invalid set of changes for a resource record set "
        f"'{record_type} {name}'"
        for (_, (name, record_type, _)), count in counts.items()
        if count > 1
    ]


def _problem(
    zone: FakeZone, current: dict[Any, RecordSet], action: str, record: RecordSet
) -> str | None:
    zone_name = written(zone.name)
    if record.name != zone_name and not record.name.endswith(f".{zone_name}"):
        return f"RRSet with DNS name {record.name} is not permitted in zone {zone_name}"
    existing = current.get(key(record))
    if action == "DELETE":
        return _deletion_problem(existing, record)
    if action == "CREATE" and (existing or _is_simple_twice(current, record)):
        return f"Tried to create resource record set {label(record)} but it already exists"
    return _cname_problem(zone_name, current, record) or _text_problem(record)


def _deletion_problem(existing: RecordSet | None, record: RecordSet) -> str | None:
    start = f"Tried to delete resource record set {label(record)} but"
    if existing is None:
        return f"{start} it was not found"
    if not same_values(existing, record):
        return f"{start} the values provided do not match the current values"
    return None


def _is_simple_twice(current: dict[Any, RecordSet], record: RecordSet) -> bool:
    """Sets of one name and type stand side by side only if each has a set identifier."""
    return any(
        (other.name, other.type) == (record.name, record.type)
        and not (other.set_identifier and record.set_identifier)
        for other in current.values()
    )


def _cname_problem(zone_name: str, current: dict[Any, RecordSet], record: RecordSet) -> str | None:
    others = [
        other.type
        for other in current.values()
        if other.name == record.name and other.type != record.type
    ]
    subject = f"RRSet of type {record.type} with DNS name {record.name} is not permitted"
    if record.type == "CNAME" and record.name == zone_name:
        return f"{subject} at apex in zone {zone_name}"
    if record.type == "CNAME" and others:
        return (
            f"{subject} as it conflicts with other records with the same DNS name in zone "
            f"{zone_name}"
        )
    if "CNAME" in others:
        return (
            f"{subject} because a conflicting RRSet of type CNAME with the same DNS name already "
            f"exists in zone {zone_name}"
        )
    return None


def _text_problem(record: RecordSet) -> str | None:
    for value in record.records or []:
        if record.type == "TXT" and not (len(value) > 1 and value[0] == value[-1] == '"'):
            return (
                "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be "
                f"enclosed in quotation marks) encountered with '{value}''"
            )
    return None
