"""The requests that are answered here; all others are ministack's."""

import json
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

from ministack.services import eks

from . import addons, catalog, pod_identity, tags
from .errors import Answer, Refused
from .life import LOCK, settle
from .paging import Query

Action = Callable[[list[str], dict[str, Any], Query], Any]

ADDONS = r"/clusters/([A-Za-z0-9_-]+)/addons"
ADDON = ADDONS + r"/([A-Za-z0-9_.-]+)"
ASSOCIATIONS = r"/clusters/([A-Za-z0-9_-]+)/pod-identity-associations"
ASSOCIATION = ASSOCIATIONS + r"/([A-Za-z0-9_-]+)"
TAGS = r"/tags/(.+)"

ROUTES: list[tuple[str, str, Action]] = [
    ("GET", r"/addons/supported-versions", lambda at, _, query: catalog.describe_versions(query)),
    ("POST", ADDONS, lambda at, body, _: addons.create(*at, body)),
    ("GET", ADDONS, lambda at, _, query: addons.list_all(*at, query)),
    ("GET", ADDON, lambda at, _, __: addons.describe(*at)),
    ("POST", ADDON + "/update", lambda at, body, _: addons.update(*at, body)),
    ("DELETE", ADDON, lambda at, _, query: addons.delete(*at, query)),
    ("POST", ASSOCIATIONS, lambda at, body, _: pod_identity.create(*at, body)),
    ("GET", ASSOCIATIONS, lambda at, _, query: pod_identity.list_all(*at, query)),
    ("GET", ASSOCIATION, lambda at, _, __: pod_identity.describe(*at)),
    ("POST", ASSOCIATION, lambda at, body, _: pod_identity.update(*at, body)),
    ("DELETE", ASSOCIATION, lambda at, _, __: pod_identity.delete(*at)),
    ("GET", TAGS, lambda at, _, __: tags.list_all(*at)),
    ("POST", TAGS, lambda at, body, _: tags.tag(*at, body)),
    ("DELETE", TAGS, lambda at, _, query: tags.untag(*at, query)),
]

_others = eks._handle_request_sync


def handle(method: str, path: str, headers: dict[str, str], sent: bytes, query: Query) -> Answer:
    for verb, pattern, action in ROUTES:
        match = re.fullmatch(pattern, path) if verb == method else None
        if match:
            at = [urllib.parse.unquote(part) for part in match.groups()]
            return _act(action, at, sent, query)
    return _others(method, path, headers, sent, query)


def _act(action: Action, at: list[str], sent: bytes, query: Query) -> Answer:
    try:
        body = json.loads(sent or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return Refused(400, "InvalidRequestException", "The body is not a JSON object").answer()
    with LOCK:
        settle()
        try:
            done = action(at, body, query)
        except Refused as refused:
            return refused.answer()
    return done if isinstance(done, tuple) else eks._json_resp(200, done)
