"""Makes the example lists anew: `python inputs/examples/make_examples.py [FOLDER]`."""

from __future__ import annotations

import sys
from pathlib import Path

from sandbox.examples.make import make_examples

if __name__ == "__main__":
    make_examples(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
