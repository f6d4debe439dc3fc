"""The command line: lists the verbs, and turns every fault into one line and an exit code."""

import dataclasses
import errno
import json
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from commands.interrupts import every_interrupt_heeded
from commands.verbs import Verbs
from engine import VERSION
from engine.errors import Fault, Faults

VERBS = {
    "demo": ("commands.demo:demo", "Prepare a demo market, model and keys, then serve them."),
    "simulate": ("commands.simulate:simulate", "Write a simulated market."),
    "negotiate": ("commands.negotiate:negotiate", "Measure on simulated markets what negotiation earns."),
    "import": ("commands.import_contracts:import_contracts", "Bring contracts into the store."),
    "train": ("commands.train:train", "Fit, judge and sign a churn model."),
    "models": ("commands.releases.listing:list_models", "List the releases, and say which one serves."),
    "shadow": ("commands.releases.rescoring:shadow", "Score recorded questions with a release that does not serve."),
    "promote": ("commands.releases.promote:promote", "Let another release serve: one proposes, another approves."),
    "rollback": ("commands.releases.promote:rollback", "Let the release before serve again."),
    "evaluate": ("commands.evaluate:evaluate_command", "Tell what a rulebook would have earned on logged contacts."),
    "score": ("commands.score:score", "Decide for a file of contracts."),
    "report": ("commands.report:report", "Tell what the desk earned against its control group."),
    "bands": ("commands.bands:bands", "Tell offers and dues by tenure."),
    "rulebook": ("commands.rulebook:rulebook", "Check, compare, try and activate rulebooks."),
    "serve": ("commands.serve:serve", "Answer /offer over HTTP."),
    "deliver": ("commands.deliver:deliver", "Take orders to the order system."),
    "replay": ("commands.replay:replay", "Decide recorded questions again and compare."),
    "audit": ("commands.audit:audit", "Verify the journal, and anchor it."),
    "notices": ("commands.notices:notices_command", "Write the notices that the law wants given."),
    "summary": ("commands.summary:summary", "Write the contract summary of an offer."),
    "export-record": ("commands.export_record:export_record", "Write what is kept of a customer, for the customer."),
    "erase": ("commands.erase:erase", "Erase customers for good."),
    "purge": ("commands.purge:purge", "Delete what was kept for long enough."),
    "keys": ("commands.keys:keys", "Make, list and revoke API keys."),
}
"""Verb: where its command lies, and what it does; a verb is imported when it is called."""

CTRL_C = 130
FAULT_EXITS = {
    "usage": os.EX_USAGE,
    "no-input": os.EX_NOINPUT,
    "file-missing": os.EX_NOINPUT,
    "artefact-missing": os.EX_NOINPUT,
    "erased": os.EX_NOINPUT,
    "purged": os.EX_NOINPUT,
    "still-needed": os.EX_TEMPFAIL,
    "needs-approval": os.EX_TEMPFAIL,
    "overtaken": os.EX_TEMPFAIL,
    "not-a-second-person": os.EX_NOPERM,
    "not-permitted": os.EX_NOPERM,
    "not-scrubbed": os.EX_TEMPFAIL,
    "port-taken": os.EX_UNAVAILABLE,
    "not-delivered": os.EX_TEMPFAIL,
    "cannot-write": os.EX_CANTCREAT,
    "bad-setting": os.EX_CONFIG,
    "bad-database": os.EX_CONFIG,
    "not-durable": os.EX_CONFIG,
    "other-schema": os.EX_CONFIG,
    "sqlite-unsafe": os.EX_CONFIG,
}
"""Exit codes of the fault codes that are not simply wrong data (65)."""

CANNOT_WRITE = {errno.EEXIST, errno.ENOTEMPTY, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@click.command(cls=Verbs, verbs=VERBS, invoke_without_command=True, epilog="Every verb's --help shows an example.")
@click.version_option(VERSION, prog_name="counteroffer")
@click.pass_context
def counteroffer(context: click.Context) -> None:
    """Decides what a retention agent may offer a customer whose commitment ends."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one verb and leave with its exit code; every fault is one line on stderr, as JSON after `--json`."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        with every_interrupt_heeded():
            code = counteroffer.main(args=list(arguments), prog_name="counteroffer", standalone_mode=False)
    except Faults as faults:
        code = _tell(faults.faults, "--json" in arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at exit fails once more
        code = os.EX_IOERR
    except OSError as error:
        code = _tell([_system_fault(error)], "--json" in arguments, _system_exit(error))
    except click.ClickException as error:
        code = _tell([_usage_fault(error)], "--json" in arguments)
    except (click.Abort, KeyboardInterrupt):
        code = CTRL_C
    sys.exit(code if isinstance(code, int) else os.EX_OK)


def _tell(faults: Sequence[Fault], as_json: bool, code: int | None = None) -> int:
    for fault in faults:
        click.echo(json.dumps(dataclasses.asdict(fault), ensure_ascii=False) if as_json else str(fault), err=True)
    return code or FAULT_EXITS.get(faults[0].code, os.EX_DATAERR)


def _system_fault(error: OSError) -> Fault:
    where = str(error.filename) if error.filename is not None else "system"
    return Fault("system", where, error.strerror or str(error))


def _system_exit(error: OSError) -> int:
    if isinstance(error, PermissionError):
        return os.EX_NOPERM
    if error.errno in CANNOT_WRITE:
        return os.EX_CANTCREAT
    if isinstance(error, FileNotFoundError | IsADirectoryError | NotADirectoryError):
        return os.EX_NOINPUT
    return os.EX_IOERR


def _usage_fault(error: click.ClickException) -> Fault:
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "counteroffer"
    return Fault("usage", command, " ".join(error.format_message().split()).rstrip("."), fix=f"see {command} --help")
