"""Results on standard output: text for people, or one JSON object for machines."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping


def say(asked: argparse.Namespace, text: str, facts: Mapping[str, object]) -> None:
    """Print the text, or with `--json` the facts."""
    sys.stdout.write((json.dumps(facts, ensure_ascii=False, default=str) if asked.json else text) + "\n")
    sys.stdout.flush()
