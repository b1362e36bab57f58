"""The story: one file per thing an operator can ask for."""
