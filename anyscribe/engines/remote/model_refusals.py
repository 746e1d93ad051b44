"""Recognise that a server refuses a request because it has no such model, or no longer.

Source: the replies of OpenAI, Groq, Mistral, vLLM, LiteLLM, speaches, OpenRouter and new-api.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_STATUSES: Final = frozenset({400, 404, 410, 422})
_CODES: Final = frozenset({"model_not_found", "model_decommissioned", "model_not_available", "invalid_model"})
"""Some gateways send one of them with 503, where a retry would be refused again."""

_QUOTE: Final = "[`'\"\u2018\u2019\u201c\u201d]"
_NAME: Final = rf"[\s:=]*{_QUOTE}?[^\s`'\"]*{_QUOTE}?"
_GONE: Final = (
    r"does(n.t| not) exist|(is |was )?not found|is unknown|is(n.t| not) (available|installed|a valid)"
    r"|(has been|is|was) (deprecated|decommissioned|retired|shut ?down|removed|discontinued)|is no longer"
)
_SAYS_SO: Final = re.compile(
    rf"\bmodel\b{_NAME},?\s*({_GONE})"
    r"|\b(no such|unknown|invalid) model\b|\bnot a valid model\b"
    rf"|\bmodel\b\s*{_QUOTE}[^`'\"]+{_QUOTE} is not supported",
    re.IGNORECASE,
)
"""The subject has to be the model: ``404 Not Found`` alone speaks of the route."""


def means_model(status: int, message: str, field: str | None, codes: AbstractSet[str]) -> bool:
    """Return whether a refusal says that there is no such model.

    Args:
        status: The HTTP status.
        message: The server's message.
        field: The form field that it names; None if it names none.
        codes: The machine-readable names of the error.
    """
    if _CODES & codes:
        return True
    return status in _STATUSES and field in (None, "model") and bool(_SAYS_SO.search(message))
