"""Soracom's documented API, for operators of both coverages, over books of its own."""
