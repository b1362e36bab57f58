"""The gate: rule tables, the pandera schemas built from them, and the judge."""
