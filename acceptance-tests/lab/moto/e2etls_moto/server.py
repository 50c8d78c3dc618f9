"""``python -m e2etls_moto.server -p PORT [-H 127.0.0.1]``: moto's server with our services in it.

Every other service, the options and ``POST /moto-api/reset`` are moto's own.
"""

import sys
from types import ModuleType

from moto.acmpca import urls as acmpca_urls
from moto.acmpca.models import acmpca_backends
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.responses import BaseResponse
from moto.moto_api._internal import urls as control_urls
from moto.route53 import urls as route53_urls
from moto.route53.models import route53_backends
from moto.server import main

from . import control
from .actions import PrivateCa
from .responses import PrivateCaResponse
from .route53.backend import HostedZones
from .route53.responses import Route53Response


def fill() -> None:
    """Put our backends and wires into moto's tables, before a request has used them."""
    _serve(acmpca_backends, PrivateCa, acmpca_urls, PrivateCaResponse)
    _serve(route53_backends, HostedZones, route53_urls, Route53Response)
    control_urls.url_paths["{0}" + control.PATH] = control.handle


def _serve(
    backends: BackendDict,
    backend: type[BaseBackend],
    urls: ModuleType,
    response: type[BaseResponse],
) -> None:
    backends.clear()
    backends.backend = backend
    urls.url_paths.update(dict.fromkeys(urls.url_paths, response.dispatch))


if __name__ == "__main__":
    fill()
    main(sys.argv[1:])
