"""Refuses to judge while pandera's checks are switched off, because they would then pass everything in silence."""

from __future__ import annotations

from domain.errors import UsageError
from validation.pandera_alone import import_pandera


def refuse_if_switched_off() -> None:
    """Nothing, where pandera checks schema and data with its polars backend; else UsageError naming the variable.

    Covers the environment and what `pandera.config.set_config` set since
    (https://pandera.readthedocs.io/en/stable/configuration.html).
    """
    import_pandera()
    from pandera.config import ValidationDepth, get_config_context  # noqa: PLC0415 - imported for judges alone

    config = get_config_context(validation_depth_default=None)
    if not config.validation_enabled:
        raise _refusal("PANDERA_VALIDATION_ENABLED")
    if config.validation_depth not in (None, ValidationDepth.SCHEMA_AND_DATA):
        raise _refusal("PANDERA_VALIDATION_DEPTH")
    if config.use_narwhals_backend:
        raise _refusal("PANDERA_USE_NARWHALS_BACKEND")


def _refusal(variable: str) -> UsageError:
    return UsageError(
        f"pandera's checks are switched off or redirected, so no list can be judged. Unset {variable} and try again."
    )
