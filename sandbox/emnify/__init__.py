"""emnify's documented API over books of its own."""
