"""The steps: what the flows are made of, and what the engine may and may not repeat."""
