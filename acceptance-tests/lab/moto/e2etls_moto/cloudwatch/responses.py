"""The wire of the actions that are filled; the others are moto's own."""

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult


class AlarmsResponse(CloudWatchResponse):
    """moto calls the method named after the action."""

    def put_metric_alarm(self) -> ActionResult:
        answer = super().put_metric_alarm()
        alarm = self.cloudwatch_backend.alarms[self._get_param("AlarmName")]
        alarm.warm_up_configuration = self._get_param("WarmUpConfiguration")
        return answer
