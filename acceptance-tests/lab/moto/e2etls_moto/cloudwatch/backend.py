"""Alarms whose tags are their own: written by the create alone, and gone with them."""

from typing import Any

from moto.cloudwatch import urls as cloudwatch_urls
from moto.cloudwatch.exceptions import ResourceNotFound, ResourceNotFoundException
from moto.cloudwatch.models import Alarm, CloudWatchBackend


class Alarms(CloudWatchBackend):
    """moto's CloudWatch, but for alarms."""

    @property
    def _url_module(self) -> Any:
        """moto derives this from a class's module; ours stands elsewhere."""
        return cloudwatch_urls

    def put_metric_alarm(self, name: str, *args: Any, **kwargs: Any) -> Alarm:
        if name in self.alarms:
            kwargs["tags"] = None
        return super().put_metric_alarm(name, *args, **kwargs)

    def delete_alarms(self, alarm_names: list[str]) -> None:
        if not set(alarm_names) <= set(self.alarms):
            raise ResourceNotFound
        for name in alarm_names:
            self.tagger.delete_all_tags_for_resource(self.alarms[name].alarm_arn)
        super().delete_alarms(alarm_names)

    def list_tags_for_resource(self, arn: str) -> dict[str, str]:
        self._is_there(arn)
        return super().list_tags_for_resource(arn)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        self._is_there(arn)
        self.tagger.untag_resource_using_names(arn, tag_keys)

    def _is_there(self, arn: str) -> None:
        if ":alarm:" in arn and all(alarm.alarm_arn != arn for alarm in self.describe_alarms()):
            raise ResourceNotFoundException
