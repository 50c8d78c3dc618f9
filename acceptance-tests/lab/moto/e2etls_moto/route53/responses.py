"""The wire of the actions that are filled; the others are moto's own."""

from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.route53.exceptions import InvalidChangeBatch
from moto.route53.responses import Route53

from .backend import HostedZones

ELEMENT_LIMIT = 1000  # ResourceRecord elements of a batch; those of an UPSERT count twice


class Route53Response(Route53):
    """moto calls the method named after the action."""

    backend: HostedZones

    def change_resource_record_sets(self) -> ActionResult:
        changes = self._get_param("ChangeBatch.Changes")
        elements = sum(
            len(change["ResourceRecordSet"].get("ResourceRecords") or [])
            * (2 if change["Action"] == "UPSERT" else 1)
            for change in changes
        )
        if elements > ELEMENT_LIMIT:
            raise InvalidChangeBatch
        zone = self._get_param("HostedZoneId")
        return self._change(self.backend.change_resource_record_sets(zone, changes))

    def get_change(self) -> ActionResult:
        return self._change(self._get_param("Id"))

    def _change(self, change_id: str) -> ActionResult:
        info: dict[str, Any] = {
            "Id": f"/change/{change_id.removeprefix('/change/')}",
            "Status": self.backend.status(change_id),
            "SubmittedAt": datetime.fromtimestamp(self.backend.submitted(change_id), UTC),
        }
        return ActionResult({"ChangeInfo": info})
