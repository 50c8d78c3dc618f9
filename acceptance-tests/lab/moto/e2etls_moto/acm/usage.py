"""Which resources use a certificate: those of ELBv2, and those that lab control names.

https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
"""

from moto.acm.models import CertBundle
from moto.elbv2.models import elbv2_backends


def users(certificate: CertBundle) -> list[str]:
    """The ARNs of load balancers with a listener that refers to the certificate, and of users that
    lab control made up."""
    _, _, _, region, account, _ = certificate.arn.split(":", 5)
    found = {
        balancer.arn
        for balancer in list(elbv2_backends[account][region].load_balancers.values())
        for listener in list(balancer.listeners.values())
        if certificate.arn in listener.every_certificate
    }
    return sorted(found | set(certificate.in_use_by))
