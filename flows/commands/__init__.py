"""One file per command: what was typed goes in, what is said and the exit code come out."""
