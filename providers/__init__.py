"""The providers' APIs: the protocol they all meet, their calls, pacing, accounts, and one file for each."""
