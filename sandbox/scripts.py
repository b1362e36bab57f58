"""Fault scripts read: rules from TOML, JSON or what a control was given."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from pathlib import Path

from domain.errors import UsageError
from sandbox.exchange import JSON
from sandbox.faults import Act, Rule

RULES_MAX = 1_000


def parse_rules(script: JSON) -> tuple[Rule, ...]:
    """Rules from `{"rules": [...]}` or a bare list; raises `UsageError` that names the rule."""
    rules = script.get("rules", []) if isinstance(script, dict) else script
    if not isinstance(rules, list) or len(rules) > RULES_MAX:
        raise UsageError(f"A fault script is a list of at most {RULES_MAX} rules. See sandbox/faults.py.")
    return tuple(_rule(rule, place) for place, rule in enumerate(rules, start=1))


def read_script(path: Path) -> tuple[Rule, ...]:
    """Rules from a TOML (`[[rules]]`) or JSON file; raises `UsageError`."""
    try:
        text = path.read_text(encoding="utf-8")
        return parse_rules(json.loads(text) if path.suffix == ".json" else tomllib.loads(text))
    except (OSError, ValueError) as error:
        raise UsageError(f"The fault script {path} cannot be read: {error}. Mend it and start again.") from error


def _rule(given: JSON, place: int) -> Rule:
    if not isinstance(given, dict):
        raise UsageError(f"Rule {place} of the fault script is no table. See sandbox/faults.py.")
    named = {{"from": "first", "to": "last"}.get(name, name): value for name, value in given.items()}
    if named.get("dry_run") == "any":
        del named["dry_run"]
    known = {one.name for one in fields(Rule)}
    if unknown := sorted(set(named) - known):
        raise UsageError(f"Rule {place} of the fault script has unknown names: {', '.join(unknown)}.")
    try:
        act = Act(str(named.pop("act", "")))
    except ValueError as error:
        raise UsageError(f"Rule {place} of the fault script: {error}. Acts: {', '.join(Act)}.") from error
    for name, value in named.items():
        if not isinstance(value, _KINDS[name]) or (isinstance(value, bool) and bool not in _KINDS[name]):
            raise UsageError(f"Rule {place} of the fault script: {name} cannot be {value!r}.")
    return Rule(act, **named)  # type: ignore[arg-type] # each kind has just been looked at


_KINDS: dict[str, tuple[type, ...]] = {
    "method": (str,),
    "path": (str,),
    "sim": (str,),
    "dry_run": (bool,),
    "nth": (int,),
    "first": (int,),
    "last": (int,),
    "every": (int,),
    "seconds": (int, float),
    "count": (int,),
    "code": (int, str),
    "retry_after_s": (int,),
    "drop": (bool,),
    "repeat": (bool,),
    "empty": (bool,),
}
