"""How somebody gets into an account, by the keys of its table: the one way there is, or none where none is needed."""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import UsageError
from providers.account_fields import text_of
from providers.account_shapes import Shape, Way
from providers.secrets import is_reference


def way_of(where: str, shape: Shape, table: Mapping[str, object]) -> tuple[dict[str, str], Way | None]:
    """References to secrets by their keys, and the way in; None where the account is blind.

    Raises `UsageError` for a secret that stands there itself, for no or several ways in, and for what says nothing
    beside the one there is. A message never repeats what stands there, since that may be the secret itself.
    """
    given = {key: text_of(where, key, table[key]) for key in sorted(shape.secrets & set(table))}
    for key, text in given.items():
        if not is_reference(text):
            raise UsageError(
                f"{where}: {key} holds the secret itself. Keep it elsewhere and write where: "
                f'{key} = "env:NAME", "file:PATH" or "prefect:BLOCK".'
            )
    ways = [key for key in shape.ways_in if key in given]
    if not ways and shape.blind_needs:
        _check_blind(where, shape, table)
        return given, None
    if len(ways) != 1:
        found = f"has {' and '.join(ways)}" if ways else "has no credentials"
        raise UsageError(f"{where} {found}. Give exactly one of {', '.join(shape.ways_in)}.")
    (way_in,) = ways
    way = shape.ways_in[way_in]
    if missing := [key for key in way.needs if key not in table]:
        raise UsageError(f"{where}: {way_in} needs {', '.join(missing)} beside it. Add that.")
    if idle := sorted(_of_ways(shape).intersection(table) - {*way.needs, *way.may_have}):
        raise UsageError(f"{where}: {', '.join(idle)} says nothing beside {way_in}. Take it out, or log in otherwise.")
    return given, way


def _check_blind(where: str, shape: Shape, table: Mapping[str, object]) -> None:
    """Raise `UsageError` unless all is there that an account without a way in needs, and nothing that only a way does.

    What stands alone shows that a way in was meant, whose secret is missing.
    """
    if idle := sorted(_of_ways(shape).intersection(table) - {*shape.blind_needs}):
        wanted = [name for name, way in shape.ways_in.items() if {*idle} & {*way.needs}]
        raise UsageError(
            f"{where}: {', '.join(idle)} says nothing without {', '.join(wanted)}. Add that, or take it out."
        )
    if missing := [key for key in shape.blind_needs if key not in table]:
        raise UsageError(
            f"{where} has no credentials. Give exactly one of {', '.join(shape.ways_in)}; or, where SIMs only go there "
            f"and somebody else accepts them, {', '.join(missing)}."
        )


def _of_ways(shape: Shape) -> set[str]:
    """The keys that stand beside secrets."""
    return {key for way in shape.ways_in.values() for key in (*way.needs, *way.may_have)}
