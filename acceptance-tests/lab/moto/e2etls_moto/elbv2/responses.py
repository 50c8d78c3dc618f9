"""Parameters of listeners that moto leaves out."""

from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.responses import ELBV2Response

from .listener import SECURE, authentication


class LoadBalancersResponse(ELBV2Response):
    """moto's, with MutualAuthentication and AlpnPolicy."""

    def create_listener(self) -> ActionResult:
        extra = self._extra()
        result = super().create_listener()
        self._set(result, extra)
        return result

    def modify_listener(self) -> ActionResult:
        extra = self._extra()
        result = super().modify_listener()
        self._set(result, extra)
        return result

    def _extra(self) -> dict[str, Any]:
        params = self._get_params()
        extra = {}
        if "MutualAuthentication" in params:
            extra["mutual_authentication"] = authentication(params["MutualAuthentication"])
        if params.get("AlpnPolicy"):
            extra["alpn_policy"] = params["AlpnPolicy"]
        return extra

    @staticmethod
    def _set(result: ActionResult, extra: dict[str, Any]) -> None:
        listener = result.result["Listeners"][0]
        if listener.protocol in SECURE:
            for name, value in extra.items():
                setattr(listener, name, value)
        listener.settle()
