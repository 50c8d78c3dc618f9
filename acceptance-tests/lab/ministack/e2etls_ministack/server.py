"""``python -m e2etls_ministack.server``: ministack with our add-ons and associations in it.

Every other service, the options, the environment variables and ``POST /_ministack/reset`` are
ministack's own.
"""

from typing import Any

from ministack import app
from ministack.services import eks

from . import control, life, routes, tags, tokens
from .errors import Answer


def fill() -> None:
    """Put our functions in the place of ministack's, which it looks up by name each time."""
    eks._handle_request_sync = routes.handle
    tags.fill()
    _forget_with(eks.reset)
    _control_before(app._handle_post_body_shortcuts)


def _forget_with(reset: Any) -> None:
    def both() -> None:
        with life.LOCK:
            reset()
            life.forget()
            tokens.forget()

    eks.reset = both


def _control_before(shortcuts: Any) -> None:
    """The control's requests are not signed, so ministack can't tell that they are about EKS."""

    async def first(method: str, path: str, headers: Any, body: bytes, *rest: Any) -> Answer | None:
        answer = control.handle(method, path, body)
        return answer or await shortcuts(method, path, headers, body, *rest)

    app._handle_post_body_shortcuts = first


if __name__ == "__main__":
    fill()
    app.main()
