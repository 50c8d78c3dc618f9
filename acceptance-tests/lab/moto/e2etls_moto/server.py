"""``python -m e2etls_moto.server -p PORT [-H 127.0.0.1]``: moto's server, its acm-pca replaced.

Every other service, the options and ``POST /moto-api/reset`` are moto's own.
"""

import sys

from moto.acmpca import urls as acmpca_urls
from moto.acmpca.models import acmpca_backends
from moto.moto_api._internal import urls as control_urls
from moto.server import main

from . import control
from .actions import PrivateCa
from .responses import PrivateCaResponse


def fill() -> None:
    """Put our backend and wire into moto's tables, before a request has used them."""
    acmpca_backends.clear()
    acmpca_backends.backend = PrivateCa
    acmpca_urls.url_paths["{0}/$"] = PrivateCaResponse.dispatch
    control_urls.url_paths["{0}" + control.PATH] = control.handle


if __name__ == "__main__":
    fill()
    main(sys.argv[1:])
