"""``python -m e2etls_moto.server -p PORT [-H 127.0.0.1]``: moto's server with our services in it.

Every other service, the options and ``POST /moto-api/reset`` are moto's own.
"""

import sys
from types import ModuleType

import moto.server
from moto.acm import urls as acm_urls
from moto.acm.models import acm_backends
from moto.acmpca import urls as acmpca_urls
from moto.acmpca.models import acmpca_backends
from moto.cloudwatch import urls as cloudwatch_urls
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.responses import BaseResponse
from moto.elb import urls as elb_urls
from moto.elbv2.models import elbv2_backends
from moto.moto_api._internal import urls as control_urls
from moto.route53 import urls as route53_urls
from moto.route53.models import route53_backends
from moto.server import main

from . import control
from .acm.backend import CertificateManager
from .acm.control import PATH as ACM_CONTROL
from .acm.control import handle as control_acm
from .acm.responses import CertificateManagerResponse
from .actions import PrivateCa
from .cloudwatch.backend import Alarms
from .cloudwatch.responses import AlarmsResponse
from .elbv2 import backend as elbv2
from .elbv2.control import PATH as ELBV2_CONTROL
from .elbv2.control import handle as control_elbv2
from .elbv2.responses import LoadBalancersResponse
from .responses import PrivateCaResponse
from .route53.backend import HostedZones
from .route53.responses import Route53Response
from .rpc import RpcApplication


def fill() -> None:
    """Put our backends and wires into moto's tables, before a request has used them."""
    _serve(acmpca_backends, PrivateCa, acmpca_urls, PrivateCaResponse)
    _serve(acm_backends, CertificateManager, acm_urls, CertificateManagerResponse)
    _serve(route53_backends, HostedZones, route53_urls, Route53Response)
    _serve(cloudwatch_backends, Alarms, cloudwatch_urls, AlarmsResponse)
    elbv2.fill()
    moto.server.DomainDispatcherApplication = RpcApplication
    elbv2_backends.clear()
    elbv2_backends.backend = elbv2.LoadBalancers
    # One URL serves both generations; this is where moto tells them apart.
    elb_urls.ELBV2Response = LoadBalancersResponse
    control_urls.url_paths["{0}" + control.PATH] = control.handle
    control_urls.url_paths["{0}" + ACM_CONTROL] = control_acm
    control_urls.url_paths["{0}" + ELBV2_CONTROL] = control_elbv2


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
