"""The exceptions of the Private CA API, spelled as the service spells them, and their base.

Every action's page lists its own, for example
https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html#API_IssueCertificate_Errors
"""

from moto.core.exceptions import JsonRESTError


class JsonError(JsonRESTError):
    """An answer with status 400 whose ``__type`` is the name of the class."""

    def __init__(self, message: str):
        super().__init__(type(self).__name__, message)


class CertificateMismatchException(JsonError):
    """An imported CA certificate breaks a condition of the certificate that signed it."""


class InvalidArgsException(JsonError):
    """An argument is not valid."""


class InvalidArnException(JsonError):
    """An ARN names something other than what the action works on."""


class InvalidNextTokenException(JsonError):
    """A ``NextToken`` that no earlier answer gave."""


class InvalidRequestException(JsonError):
    """The action is prohibited, whatever the state of the CA."""


class InvalidStateException(JsonError):
    """The state of the CA does not allow the action."""


class InvalidTagException(JsonError):
    """A tag is not valid."""


class MalformedCertificateException(JsonError):
    """A field of an imported certificate is not valid."""


class MalformedCSRException(JsonError):
    """A certificate signing request is not valid."""


class PermissionAlreadyExistsException(JsonError):
    """The permission was given before."""


class RequestAlreadyProcessedException(JsonError):
    """The request was completed before."""


class RequestInProgressException(JsonError):
    """The answer is not ready yet; ask again."""


class ResourceNotFoundException(JsonError):
    """There is no such CA, certificate, policy or permission."""


class TooManyTagsException(JsonError):
    """A resource carries at most 50 tags."""


class ValidationException(JsonError):
    """A member of the request breaks a constraint of the service's model.

    https://docs.aws.amazon.com/privateca/latest/APIReference/CommonErrors.html
    """
