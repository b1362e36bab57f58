"""Real processes killed again and again while a simulated provider goes on; every report is held against its books."""
