"""The exceptions of the ACM API, spelled as the service spells them.

https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html#API_RequestCertificate_Errors
"""

from moto.acm.exceptions import CertificateNotFound
from moto.core.exceptions import AWSError

from ..errors import JsonError


class InvalidArgsException(JsonError):
    """A parameter of a list is not valid."""


class InvalidParameterException(JsonError):
    """An input parameter is not valid."""


class LimitExceededException(JsonError):
    """A quota is reached."""


class RequestInProgressException(JsonError):
    """The certificate has not been issued yet."""


class ResourceInUseException(JsonError):
    """Another service of AWS uses the certificate."""

    def __init__(self, arn: str, account_id: str):
        super().__init__(f"Certificate {arn} in account {account_id} is in use.")


class ResourceNotFoundException(CertificateNotFound):
    """There is no such certificate. moto's load balancers catch the base."""

    def __init__(self, arn: str, account_id: str):
        message = f"Could not find certificate {arn} in account {account_id}."
        AWSError.__init__(self, message)
