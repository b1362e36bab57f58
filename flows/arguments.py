"""The command line as data: what can be asked for, and how it reads in `--help`."""

from __future__ import annotations

import argparse
from pathlib import Path

from domain.lists import EXPANDED_SIMS_MAX
from flows.move_arguments import move_arguments, number_arguments, positive
from tasks.asked import ListAsked
from validation.tables import PROVIDERS

CALLBACKS_HOST, CALLBACKS_PORT = "127.0.0.1", 8450
PORT_MAX = 65_535


def parser() -> argparse.ArgumentParser:
    """The whole command line of `simferry`."""
    top = argparse.ArgumentParser(
        prog="simferry",
        description="Moves lists of SIMs between accounts of a connectivity provider, and proves where each ended up.",
        epilog="Exit codes: 0 as wanted · 2 wrong command line, settings or list · "
        "3 rows rejected or refused, breaks open · "
        "4 SIMs not confirmed · 5 refused to run · 6 provider unavailable or credentials refused · 130 stopped.",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _check(commands)
    _plan(commands)
    _approve(commands)
    _execute(commands)
    _reconcile(commands)
    _afterwards(commands)
    _migrate(commands)
    _forget(commands)
    _register(commands)
    _look_ups(commands)
    _audit(commands)
    _callbacks(commands)
    sandbox = commands.add_parser("sandbox", help="the simulated provider on loopback", add_help=False)
    sandbox.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def list_asked(asked: argparse.Namespace) -> ListAsked:
    """How the list is to be read, as it was typed."""
    return ListAsked(
        asked.sheet,
        asked.column,
        asked.imsi_column,
        asked.end_column,
        asked.encoding,
        asked.separator,
        asked.range_limit or EXPANDED_SIMS_MAX,
    )


def accounts_asked(asked: argparse.Namespace) -> str | None:
    """The accounts file as it was typed; None where the environment is to say."""
    return str(asked.accounts) if asked.accounts else None


def _check(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("check", help="findings of a list; no network, nothing kept")
    _list_arguments(command)
    command.add_argument("--provider", choices=PROVIDERS, help="check by this provider's rules too")
    command.add_argument("--findings", type=Path, metavar="FILE", help="write every finding to a CSV file")
    _common(command)


def _plan(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("plan", help="list → plan, dry-run at the provider; prints the run's name")
    _list_arguments(command)
    move_arguments(command)
    _account_file(command)
    _common(command)


def _approve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("approve", help="shows the plan's summary and asks for the number of SIMs")
    command.add_argument("run", metavar="RUN")
    _approval_arguments(command)
    _common(command)


def _execute(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("execute", help="executes an approved plan, or takes it up again")
    command.add_argument("run", metavar="RUN")
    _account_file(command)
    command.add_argument("--resume-after", metavar="CAUSE", help="go on after a breaker stopped the run for this cause")
    _common(command)


def _reconcile(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("reconcile", help="reads both accounts again and writes the reports")
    command.add_argument("run", metavar="RUN")
    _account_file(command)
    _common(command)


def _afterwards(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    cancel = commands.add_parser("cancel", help="takes back what nobody has accepted yet; Soracom")
    cancel.add_argument("run", metavar="RUN")
    cancel.add_argument(
        "--token", type=positive, metavar="N", help="one token, by its number in the status (default: all open ones)"
    )
    restore = commands.add_parser("restore", help="puts back what SIMs were set to before their transfer; Soracom")
    restore.add_argument("run", metavar="RUN")
    for command in (cancel, restore):
        _account_file(command)
        _common(command)


def _forget(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("forget", help="erases a run's identifiers and leaves its counts")
    command.add_argument("run", metavar="RUN")
    command.add_argument("--name", metavar="RUN", help="the run's whole name once more, for unattended use")
    command.add_argument(
        "--even-open", action="store_true", help="also where something about it is open, which nobody will know then"
    )
    command.add_argument("--by", metavar="NAME", help="who forgets it (default: $SIMFERRY_BY or user@host)")
    _common(command)


def _migrate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("migrate", help="plan, approval, execution and reconciliation in one go")
    _list_arguments(command)
    move_arguments(command)
    _account_file(command)
    _approval_arguments(command)
    _common(command)


def _register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("register", help="list with registration codes → plan; Super SIM")
    _file_arguments(command, "the column with the ICCIDs")
    command.add_argument("--code-column", metavar="COLUMN", help="heading or letter of the column with the codes")
    command.add_argument(
        "--to", dest="target", required=True, metavar="ACCOUNT", help="where the SIMs are to be registered"
    )
    number_arguments(command)
    _account_file(command)
    _common(command)


def _look_ups(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    status = commands.add_parser("status", help="runs at a glance")
    status.add_argument("run", metavar="RUN", nargs="?")
    _common(status)
    where = commands.add_parser("where", help="one ICCID or IMSI: which list, row, run, batch and outcome")
    where.add_argument("identifier", metavar="ID")
    _common(where)
    accounts = commands.add_parser("accounts", help="configured accounts; --check logs in and says who each is")
    accounts.add_argument("--check", action="store_true")
    _account_file(accounts)
    _common(accounts)


def _audit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("audit", help="the month's reconciliation of registers with accounts; reads only")
    command.add_argument("registers", metavar="[NAME=]FILE", nargs="*", help="lists of the SIMs that the books have")
    command.add_argument("--account", metavar="ACCOUNT", action="append", help="an account to read; may be repeated")
    command.add_argument("--month", metavar="YYYY-MM", help="default: the month that it is")
    command.add_argument("--from-snapshots", action="store_true", help="go by what was read this month; ask nobody")
    command.add_argument(
        "--only", metavar="ACCOUNT", action="append", help="read this account again; the others stay as they are"
    )
    command.add_argument(
        "--leave-out", metavar="NAME", action="append", help="an account or register that the month has by mistake"
    )
    command.add_argument("--notes", type=Path, metavar="FILE", help="audit.xlsx with owners and notes filled in")
    command.add_argument("--settings", type=Path, metavar="FILE", help="default: audit.toml")
    _account_file(command)
    _common(command)


def _callbacks(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("callbacks", help="hears Super SIM's callbacks and wakes polling up; not needed")
    command.add_argument(
        "--url", metavar="URL", help="what the provider is told to call (default: callback_url of the accounts)"
    )
    command.add_argument("--host", default=CALLBACKS_HOST, metavar="ADDRESS", help="to listen at (default %(default)s)")
    command.add_argument("--port", type=_port, default=CALLBACKS_PORT, metavar="N", help="default %(default)s; 0: any")
    _account_file(command)
    _common(command)


def _list_arguments(command: argparse.ArgumentParser) -> None:
    _file_arguments(command, "the column with the ICCIDs, IMSIs or ranges")
    command.add_argument("--imsi-column", metavar="COLUMN", help="heading or letter of a column of IMSIs beside it")
    command.add_argument("--end-column", metavar="COLUMN", help="heading or letter of the column with ranges' ends")
    command.add_argument(
        "--range-limit",
        type=positive,
        metavar="SIMS",
        help=f"SIMs that all ranges together may name (default {EXPANDED_SIMS_MAX:,})",
    )


def _file_arguments(command: argparse.ArgumentParser, column: str) -> None:
    command.add_argument("list", type=Path, metavar="LIST", help="CSV, xlsx, xlsm or Parquet")
    command.add_argument("--sheet", help="sheet of the workbook")
    command.add_argument("--column", help=f"heading or letter of {column}")
    command.add_argument("--encoding", help="of a CSV file, by Python's name (default: found out)")
    command.add_argument("--separator", help="of a CSV file, one character (default: found out)")


def _approval_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--sims", type=int, metavar="N", help="the number of SIMs that will move, for unattended runs")
    command.add_argument("--by", metavar="NAME", help="who approves (default: $SIMFERRY_BY or user@host)")


def _account_file(command: argparse.ArgumentParser) -> None:
    command.add_argument("--accounts", type=Path, metavar="FILE", help="default: $SIMFERRY_ACCOUNTS or accounts.toml")


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="one JSON object on standard output, for machines")


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= PORT_MAX:
        raise argparse.ArgumentTypeError(f"must be between 0 and {PORT_MAX}")
    return value
