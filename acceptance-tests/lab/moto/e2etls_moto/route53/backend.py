"""moto's hosted zones, changed by our batches."""

import os
import time
from threading import RLock
from typing import Any
from uuid import uuid4

from moto.route53 import urls as route53_urls
from moto.route53.models import FakeZone, RecordSet, Route53Backend
from moto.route53.utils import validate_domain_name

from . import batch
from .errors import NoSuchChange
from .records import mend, written

INSYNC_SECONDS = float(os.environ.get("E2ETLS_ROUTE53_INSYNC_SECONDS", "0.2"))


class HostedZones(Route53Backend):
    """Also remembers when each change was made."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.lock = RLock()
        self._submitted: dict[str, float] = {}

    @property
    def _url_module(self) -> Any:
        """moto derives this from a class's module; ours stands elsewhere."""
        return route53_urls

    def create_hosted_zone(self, *arguments: Any, **named: Any) -> FakeZone:
        zone = super().create_hosted_zone(*arguments, **named)
        for record in zone.rrsets:
            mend(record)
        return zone

    def change_resource_record_sets(self, zoneid: str, change_list: list[dict[str, Any]]) -> str:
        """Makes the changes and returns the id of the whole."""
        for change in change_list:
            validate_domain_name(change["ResourceRecordSet"]["Name"], code="InvalidChangeBatch")
        with self.lock:
            zone = self.get_hosted_zone(zoneid)
            zone.rrsets = batch.apply(zone, change_list)
            change_id = f"C{uuid4().hex[:20].upper()}"
            self._submitted[change_id] = time.time()
        return change_id

    def list_resource_record_sets(
        self, zone_id: str, start_type: str, start_name: str, max_items: int
    ) -> tuple[list[RecordSet], str | None, str | None, bool]:
        name = written(start_name) if start_name else start_name
        return super().list_resource_record_sets(zone_id, start_type, name, max_items)

    def submitted(self, change_id: str) -> float:
        """When that change was made, in seconds since 1970."""
        submitted = self._submitted.get(change_id.removeprefix("/change/"))
        if submitted is None:
            raise NoSuchChange(change_id)
        return submitted

    def status(self, change_id: str) -> str:
        """PENDING until all name servers have it."""
        return "INSYNC" if time.time() >= self.submitted(change_id) + INSYNC_SECONDS else "PENDING"
