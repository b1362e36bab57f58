"""What reading any file of the corpus may take."""

from __future__ import annotations

from tests.hostile.cases import MIB

PEAK_BYTES_MAX = 1024 * MIB  # resident, above what the process had before; the largest files of the corpus are 100 MB
ADDRESS_BYTES_MAX = 12 * 1024 * MIB  # reserved, most of it never touched: what would swallow a machine ends here
PROCESSOR_S_MAX = 900  # of one process for a whole part of the corpus
WATCHDOG_S = 120  # for one file on a machine that is busy with something else
