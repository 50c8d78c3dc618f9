"""The steps of a user of Route 53."""

from uuid import uuid4


def domain():
    """A domain that no other test has."""
    return f"d{uuid4().hex[:12]}.example"


def change(action, name, kind="CNAME", value="target.example.", ttl=60, **more):
    record = {"Name": name, "Type": kind, **more}
    if "AliasTarget" not in more:
        values = value if isinstance(value, list) else [value]
        record |= {"TTL": ttl, "ResourceRecords": [{"Value": each} for each in values]}
    return {"Action": action, "ResourceRecordSet": record}


class Dns:
    """Hosted zones and their records."""

    def __init__(self, client):
        self.client = client

    def zone(self, name, private=False):
        more = {}
        if private:
            more = {
                "HostedZoneConfig": {"PrivateZone": True},
                "VPC": {"VPCRegion": "eu-central-1", "VPCId": "vpc-1"},
            }
        reference = uuid4().hex
        zone = self.client.create_hosted_zone(Name=name, CallerReference=reference, **more)
        return zone["HostedZone"]["Id"].removeprefix("/hostedzone/")

    def change(self, zone, *changes):
        answer = self.client.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": list(changes)}
        )
        return answer["ChangeInfo"]

    def publish(self, zone, record, value=None):
        self.change(zone, change("CREATE", record["Name"], value=value or record["Value"]))

    def records(self, zone, **more):
        return self.client.list_resource_record_sets(HostedZoneId=zone, **more)[
            "ResourceRecordSets"
        ]

    def names(self, zone, **more):
        return [(each["Name"], each["Type"]) for each in self.records(zone, **more)]
