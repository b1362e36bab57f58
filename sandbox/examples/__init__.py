"""The example lists that belong to the default world, and what is expected of each of their rows."""
