"""Smithy's RPC v2 in CBOR for CloudWatch: requests become JSON 1.0, answers CBOR.

New SDKs speak nothing else to CloudWatch, and moto does not know it.
https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

import io
import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

PROTOCOL = "rpc-v2-cbor"
TARGET = "GraniteServiceVersion20100801"
PATH = re.compile(rf"/service/{TARGET}/operation/(?P<operation>\w+)")


class RpcApplication(DomainDispatcherApplication):
    """moto's server, with the protocol translated on the way in and out."""

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        path = PATH.fullmatch(environ.get("PATH_INFO", ""))
        if path is None or environ.get("HTTP_SMITHY_PROTOCOL") != PROTOCOL:
            return super().__call__(environ, start_response)
        operation = path["operation"]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        text = json.dumps(_decoded(body)).encode()
        environ |= {
            "PATH_INFO": "/",
            "RAW_URI": "/",
            "REQUEST_URI": "/",
            "CONTENT_TYPE": "application/x-amz-json-1.0",
            "CONTENT_LENGTH": str(len(text)),
            "HTTP_X_AMZ_TARGET": f"{TARGET}.{operation}",
            "wsgi.input": io.BytesIO(text),
        }
        said: list[Any] = []
        parts = super().__call__(environ, lambda status, headers, *_: said.extend([status, headers]))
        answer = json.loads(b"".join(parts) or b"{}")
        status, headers = said
        succeeded = status.startswith("2")
        encoded = _encoded(operation, answer) if succeeded else _error(answer)
        replaced = ("content-type", "content-length")
        headers = [(name, value) for name, value in headers if name.lower() not in replaced]
        headers += [
            ("content-type", "application/cbor"),
            ("content-length", str(len(encoded))),
            ("smithy-protocol", PROTOCOL),
        ]
        start_response(status, headers)
        return [encoded]


def _decoded(body: bytes) -> Any:
    if not body:
        return {}
    parser = RpcV2CBORParser()
    return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("cloudwatch", "service-2"))


def _encoded(operation: str, answer: dict[str, Any]) -> bytes:
    shape = _model().operation_model(operation).output_shape
    encoded = bytearray()
    if shape is not None:
        RpcV2CBORSerializer()._serialize_data_item(encoded, answer, shape)
    return bytes(encoded)


def _error(answer: dict[str, Any]) -> bytes:
    """A map of texts, whatever the error's shape has."""
    serializer = RpcV2CBORSerializer()
    texts = {key: value for key, value in answer.items() if isinstance(value, str)}
    encoded = bytearray([0xA0 | len(texts)])
    for key, value in texts.items():
        serializer._serialize_type_string(encoded, key, None, None)
        serializer._serialize_type_string(encoded, value, None, None)
    return bytes(encoded)
