"""The exceptions of the Private CA API, spelled as the service spells them.

Every action's page lists its own, for example
https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html#API_IssueCertificate_Errors
"""

from moto.core.exceptions import JsonRESTError


class PcaError(JsonRESTError):
    """An answer with status 400 whose ``__type`` is the name of the class."""

    def __init__(self, message: str):
        super().__init__(type(self).__name__, message)


class CertificateMismatchException(PcaError):
    """An imported CA certificate breaks a condition of the certificate that signed it."""


class InvalidArgsException(PcaError):
    """An argument is not valid."""


class InvalidArnException(PcaError):
    """An ARN names something other than what the action works on."""


class InvalidNextTokenException(PcaError):
    """A ``NextToken`` that no earlier answer gave."""


class InvalidRequestException(PcaError):
    """The action is prohibited, whatever the state of the CA."""


class InvalidStateException(PcaError):
    """The state of the CA does not allow the action."""


class InvalidTagException(PcaError):
    """A tag is not valid."""


class MalformedCertificateException(PcaError):
    """A field of an imported certificate is not valid."""


class MalformedCSRException(PcaError):
    """A certificate signing request is not valid."""


class PermissionAlreadyExistsException(PcaError):
    """The permission was given before."""


class RequestAlreadyProcessedException(PcaError):
    """The request was completed before."""


class RequestInProgressException(PcaError):
    """The answer is not ready yet; ask again."""


class ResourceNotFoundException(PcaError):
    """There is no such CA, certificate, policy or permission."""


class TooManyTagsException(PcaError):
    """A CA carries at most 50 tags."""


class ValidationException(PcaError):
    """A member of the request breaks a constraint of the service's model.

    https://docs.aws.amazon.com/privateca/latest/APIReference/CommonErrors.html
    """
