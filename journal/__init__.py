"""The memory: the run's folder, the append-only journal, approvals, claims and locks."""
