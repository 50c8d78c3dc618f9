"""What EKS answers when it refuses.

https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html
"""

import json

Answer = tuple[int, dict[str, str], bytes]


class Refused(Exception):
    """A request that is answered with an exception of the service.

    `about` are the names that EKS puts beside its message: ``clusterName``, ``addonName``.
    """

    def __init__(self, status: int, code: str, message: str, **about: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.about = status, code, message, about

    def answer(self) -> Answer:
        headers = {"Content-Type": "application/json", "x-amzn-errortype": self.code}
        body = {"__type": self.code, "message": self.message, **self.about}
        return self.status, headers, json.dumps(body).encode()


def invalid(message: str, **about: str) -> Refused:
    return Refused(400, "InvalidParameterException", message, **about)


def absent(message: str, **about: str) -> Refused:
    return Refused(404, "ResourceNotFoundException", message, **about)


def in_use(message: str, **about: str) -> Refused:
    return Refused(409, "ResourceInUseException", message, **about)
