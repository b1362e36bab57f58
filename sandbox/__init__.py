"""The providers, simulated over HTTP on loopback, with the truth kept beside them and faults by script."""
