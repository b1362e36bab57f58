"""All answers of a run, written into its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from domain.outcomes import OUTCOMES, RECONCILED_AT
from reports.files import replacing
from reports.follow_ups import write_restore, write_retry
from reports.returned import NotReturned, not_returned, return_list
from reports.returned_shown import return_shown
from reports.run_report import RunReport
from reports.sim_settings import write_settings
from reports.summary import summarise
from reports.support_pack import TEXT, remove_support_pack, write_support_pack
from reports.usage import write_history
from reports.webpage import write_page
from reports.workbook import write_workbook

Progress = Callable[[str], None]  # gets the name of each file before it is written


def write_reports(report: RunReport, folder: Path, progress: Progress = lambda _: None) -> tuple[Path, ...]:
    """Write every file of the report and give their paths, what people open first coming first.

    Each file appears whole or not at all, mode 0600. A list that cannot be returned in its own format is named in the
    report instead. Raises Unbalanced, before anything is written, where outcomes and list do not add up.
    """
    summarise(report)
    written: list[Path] = []
    notes: tuple[str, ...] = ()
    progress(f"returned-{report.list.name}")
    try:
        written.append(_returned(report, folder))
    except NotReturned as error:
        notes = (str(error),)
    progress("retry.csv")
    written.append(write_retry(report.outcomes, folder / "retry.csv"))
    progress("restore.csv")
    written.append(write_restore(report, folder / "restore.csv"))
    if report.history.height:
        progress("history.csv")
        written.append(write_history(report, folder / "history.csv"))
    if report.settings_compared.height:
        progress("settings.csv")
        written.append(write_settings(report, folder / "settings.csv"))
    written += _asked_of_support(report, folder, progress)
    progress("outcomes.parquet")
    with replacing(folder / "outcomes.parquet") as temporary:
        report.outcomes.select(OUTCOMES.names()).write_parquet(
            temporary, compression="zstd", metadata={RECONCILED_AT: report.reconciled_at}
        )
    written.append(folder / "outcomes.parquet")
    summary = summarise(report, notes)
    progress("report.html")
    page = write_page(report, summary, folder / "report.html")
    progress("report.xlsx")
    return (write_workbook(report, summary, folder / "report.xlsx"), page, *written)


def _returned(report: RunReport, folder: Path) -> Path:
    """The list with its outcomes, one with registration codes never as it is; raises NotReturned."""
    if not report.plan.is_registration:
        return return_list(report.list, report.outcomes, report.plan.run, folder)
    if report.shown is None:
        raise NotReturned(not_returned(report.list, "it is no longer in the run's folder"))
    return return_shown(report.list, report.shown, report.outcomes, folder)


def _asked_of_support(report: RunReport, folder: Path, progress: Progress) -> tuple[Path, ...]:
    """The request to the provider's support, where there is something to ask; one of an earlier report goes else."""
    if report.support is None:
        return ()
    if report.support.sims.is_empty():
        remove_support_pack(folder)
        return ()
    progress(TEXT)
    return write_support_pack(report.support, folder)
