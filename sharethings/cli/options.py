"""Options that several commands share, declared once."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def with_common(
    common: Callable[..., None], work: Callable[..., Any], call: Callable[..., None]
) -> Callable[..., None]:
    """Make a command of `work(first, …)`: the options of `common` stand beside its own.

    `call` is given the values of the common options as a dict, and those of the others by name.
    Of `common` only the signature is used.
    """
    shared = inspect.signature(common, eval_str=True).parameters
    own = list(inspect.signature(work, eval_str=True).parameters.values())[1:]

    @functools.wraps(work)
    def command(**options: Any) -> None:
        call({name: options.pop(name) for name in shared}, **options)

    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in [*own, *shared.values()]
        ]
    )
    return command
