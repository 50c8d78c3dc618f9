"""Idempotency tokens: a repeated request is answered with the first one's ARN.

"Idempotency tokens … time out after five minutes":
https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html
The token alone decides, so the first request's content wins. (ACM's last longer, and what it
makes of other content is in `acm/actions.py`.)
"""

import os
import time

LIFETIME_SECONDS = float(os.environ.get("E2ETLS_PCA_TOKEN_SECONDS", "300"))


class Tokens:
    """The tokens of an account and region, or of a CA, each valid for `lifetime` seconds."""

    def __init__(self, lifetime: float = LIFETIME_SECONDS) -> None:
        self._lifetime = lifetime
        self._answers: dict[str, tuple[float, str]] = {}

    def answer(self, token: str | None) -> str | None:
        """The ARN that the token was first answered with, if it is still remembered."""
        first = self._answers.get(token) if token else None
        return first[1] if first and time.time() < first[0] + self._lifetime else None

    def remember(self, token: str | None, arn: str) -> None:
        if token:
            self._answers[token] = (time.time(), arn)

    def forget(self) -> None:
        """Lab control: as if their lifetime had passed."""
        self._answers.clear()
