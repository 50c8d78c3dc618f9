"""Resource record sets: how Route 53 writes names, and when two sets are the same.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
"""

from typing import Any

from moto.route53.models import RecordSet


def written(name: str) -> str:
    """A domain name as Route 53 keeps and returns it: lower case, a final dot, `\\052` for `*`."""
    return name.rstrip(".").lower().replace("*", "\\052") + "."


def parse(change: dict[str, Any]) -> RecordSet:
    """The record set of a change, ready to be kept."""
    fields = dict(change["ResourceRecordSet"])
    fields["Name"] = written(fields["Name"])
    if "ResourceRecords" in fields:
        fields["ResourceRecords"] = [entry["Value"] for entry in fields["ResourceRecords"]]
    if fields.get("AliasTarget"):
        target = dict(fields["AliasTarget"])
        target["DNSName"] = written(target["DNSName"])
        fields["AliasTarget"] = target
    return RecordSet(fields)


def key(record: RecordSet) -> tuple[str, str, str | None]:
    """What a zone has only once."""
    return record.name, record.type or "", record.set_identifier


def label(record: RecordSet) -> str:
    """The set as AWS's messages name it."""
    identifier = f", set-identifier='{record.set_identifier}'" if record.set_identifier else ""
    return f"[name='{record.name}', type='{record.type}'{identifier}]"


def same_values(one: RecordSet, other: RecordSet) -> bool:
    """Whether a deletion names the current values. Values have no order."""
    if one.alias_target or other.alias_target:
        return _alias(one) == _alias(other)
    return str(one.ttl) == str(other.ttl) and sorted(one.records) == sorted(other.records)


def mend(record: RecordSet) -> None:
    """Writes a record set that moto made itself as Route 53 would."""
    record.name = written(record.name)
    values = record.records or []
    record.records = [value["Value"] if isinstance(value, dict) else value for value in values]


def _alias(record: RecordSet) -> tuple[Any, ...] | None:
    target = record.alias_target
    if not target:
        return None
    health = str(target.get("EvaluateTargetHealth", False)).lower()
    return target["HostedZoneId"], written(target["DNSName"]), health
