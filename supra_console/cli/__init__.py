"""Which command was given, and what comes of it?

The composition root: the only package below the rooms of queries and screens that reaches up
into them, and only inside the command that needs them, so that `lookup` never imports Textual
and the console paints before it knows psycopg. The tree of commands is here, what they do in the
modules beside. Exit status: 0 fine, 1 a finding (nothing found, something wrong), 2 could not
run, 70 a crash.
"""

from __future__ import annotations

import argparse
import gc
import io
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from supra_console import __version__, crash, i18n, logs, usage
from supra_console.cli.console import open_console
from supra_console.i18n import _

if TYPE_CHECKING:
    from typing import TypeAlias

    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]

Work = Callable[[argparse.Namespace], int]

FORMATS = ("json", "csv", "owrs")
GENERAL = ("--profile", "--user", "--lang", "--log-level")  # each with a value


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; what is returned is the exit status."""
    crash.install()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character shows its code, instead of ending the command.
            stream.reconfigure(errors="backslashreplace")
    # What is made during a start is no garbage, and looking for it takes a tenth of the time.
    gc.disable()
    i18n.install(_language(sys.argv[1:] if arguments is None else arguments))
    usage.translate()
    try:
        options = _parser(sys.argv[1:] if arguments is None else arguments).parse_args(arguments)
    except SystemExit as told:  # --help, --version, or a wrong command line: written like any other answer
        status = int(told.code or 0)
        return crash.run(lambda: status)
    logs.setup(options.log_level)
    if options.long:
        gc.enable()
    command: Work = options.work
    return crash.run(lambda: command(options), on_terminal=command is open_console)


def _language(arguments: list[str]) -> str | None:
    """`--lang`, before the parser is built: its help is already in that language."""
    for position, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
        if argument == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
    return None


def _only_general(arguments: list[str]) -> bool:
    """Whether nothing but general options with their values is given, so that the console opens."""
    words = iter(arguments)
    return all(word in GENERAL and next(words, None) is not None for word in words)


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    # The same options before and after the command; there without a default, which would undo the first.
    def general(default: bool) -> argparse.ArgumentParser:
        parser = argparse.ArgumentParser(add_help=False, argument_default=None if default else argparse.SUPPRESS)
        group = parser.add_argument_group(_("general options"))
        group.add_argument("--profile", metavar=_("NAME"), help=_("the profile to sign in with"))
        group.add_argument("--user", metavar=_("ROLE"), help=_("the login role, in place of the profile's"))
        group.add_argument("--lang", metavar=_("LOCALE"), help=_("the language, such as es_MX or en"))
        group.add_argument(
            "--log-level",
            choices=logs.LEVELS,
            default="warning" if default else argparse.SUPPRESS,
            help=_("how much goes to the log file"),
        )
        return parser

    parser = argparse.ArgumentParser(
        prog="supra-console",
        description=_("The console of the SUPRA database. Without a command it opens on the terminal."),
        parents=[general(True)],
    )
    version = f"supra-console {__version__}"
    parser.add_argument("--version", action="version", version=version, help=_("show the version and exit"))
    parser.set_defaults(work=open_console, long=False)
    if _only_general(arguments):
        return parser  # whoever opens the console does not wait for the commands
    from supra_console.cli import accounts, servers

    commands = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"))
    shared = [general(False)]

    def command(name: str, work: Work, text: str, json: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, parents=shared)
        made.set_defaults(work=work)
        if json:
            made.add_argument("--json", action="store_true", help=_("write JSON for scripts"))
        return made

    command("console", open_console, _("open the console on this terminal"), json=False)
    lookup = command("lookup", accounts.lookup, _("find accounts by number, name, address, RFC, telephone …"))
    lookup.add_argument("text", nargs="+", metavar=_("TEXT"), help=_("what is searched for"))
    lookup.add_argument("--limit", type=_count, default=50, metavar="N", help=_("how many at most (50)"))
    account = command("account", accounts.account, _("show one account; the view is recorded"))
    account.add_argument("contract", metavar=_("CONTRACT"), help=_("the contract number"))
    command("doctor", servers.doctor, _("examine server, roles and isolation"))
    command("profiles", servers.profiles, _("list the connection profiles"))
    _add_chunks(commands, shared)
    _add_tariffs(commands, shared)
    _add_db(commands, shared)
    return parser


def _add_chunks(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: list[argparse.ArgumentParser]
) -> None:
    from supra_console.cli import chunks

    text = _("watch, explain and steer the time series (status, if nothing else is said)")
    top = commands.add_parser("chunks", help=text, description=text, parents=shared)
    top.set_defaults(work=chunks.status)
    top.add_argument("--json", action="store_true", help=_("write JSON for scripts"))
    steps = top.add_subparsers(title=_("commands"), metavar=_("COMMAND"))

    def step(name: str, work: Work, text: str) -> argparse.ArgumentParser:
        made = steps.add_parser(name, help=text, description=text, parents=shared)
        made.set_defaults(work=work)
        # without a default, which would undo a --json before the name
        made.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help=_("write JSON for scripts"))
        return made

    step("status", chunks.status, _("hypertables, aggregates and partitions in a line each"))
    step("jobs", chunks.jobs, _("policies, their runs and their failures"))
    step("findings", chunks.findings, _("what is wrong, and the statement that mends it; exit status 1 if anything is"))
    advise = step("advise", chunks.advise, _("try compression settings on a copy of one chunk (a DBA)"))
    advise.add_argument("table", metavar=_("TABLE"), help=_("the hypertable or aggregate"))
    advise.add_argument(
        "--max-rows", type=_count, default=200_000, metavar="N", help=_("rows of the copy at most (200,000)")
    )
    compress = step("compress", chunks.compress, _("compress chunks one by one, after a question (a DBA)"))
    compress.add_argument(
        "--overdue", action="store_true", required=True, help=_("those that the policy should have compressed")
    )
    compress.add_argument("--dry-run", action="store_true", help=_("only show what would be done"))
    compress.add_argument("--yes", action="store_true", help=_("do not ask"))


def _add_tariffs(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: list[argparse.ArgumentParser]
) -> None:
    from supra_console.cli import tariffs

    text = _("list, judge, rate, compare and exchange tariffs")
    top = commands.add_parser("tariffs", help=text, description=text, parents=shared)
    steps = top.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True)

    def step(name: str, work: Work, text: str) -> argparse.ArgumentParser:
        made = steps.add_parser(name, help=text, description=text, parents=shared)
        made.set_defaults(work=work)
        made.add_argument("--json", action="store_true", help=_("write JSON for scripts"))
        return made

    def source(made: argparse.ArgumentParser, metavar: str, text: str, *, needed: bool = True) -> None:
        made.add_argument("source", nargs=None if needed else "?", metavar=metavar, help=text)
        made.add_argument(
            "--from", dest="reading", choices=FORMATS, help=_("the file's form; else its name says it (JSON)")
        )
        made.add_argument(
            "--class", dest="customer_class", metavar=_("NAME"), help=_("the customer class of an OWRS file")
        )

    file = _("a tariff as JSON, CSV or OWRS; - is standard input")
    either = _("a file, or the id of a stored tariff")
    listed = step("list", tariffs.listing, _("every tariff, with where in its life it is"))
    states = f"{_('only those in this state')}: {', '.join(tariffs.STATES)}"
    listed.add_argument("--state", type=tariffs.state, metavar=_("STATE"), help=states)
    listed.add_argument("--category", metavar=_("NAME"), help=_("only those of this category"))
    listed.add_argument("--municipality", metavar=_("NAME"), help=_("only those of this municipality"))
    shown = step("show", tariffs.show, _("one stored tariff; exit status 1 if it is not valid"))
    shown.add_argument("id", metavar="ID", help=_("its id, as list shows it"))
    source(step("validate", tariffs.validate, _("judge a file; exit status 1 if it is no valid tariff")), "FILE", file)
    rated = step("rate", tariffs.rate, _("what consumptions cost, with every step"))
    source(rated, "FILE|ID", either)
    rated.add_argument(
        "--m3", action="append", required=True, metavar="N", help=_("a consumption, in m³; may be given several times")
    )
    rated.add_argument("--social", action="store_true", help=_("for a contract with the social tariff"))
    impact = step("impact", tariffs.impact, _("whom new tariffs hit, by twelve months of real readings"))
    impact.add_argument("ids", nargs="*", metavar="ID", help=_("the drafts to compare together; all drafts if none"))
    impact.add_argument("--months", type=_months, default=12, metavar="N", help=_("months of readings (12)"))
    impact.add_argument("--keep", action="store_true", help=_("keep the report with the tariffs, for their activation"))
    issued = step("issued", tariffs.issued, _("invoices issued already for the days of a tariff"))
    issued.add_argument("id", metavar="ID", help=_("the tariff's id"))
    exported = step("export", tariffs.export, _("write a tariff as JSON, CSV or OWRS"))
    source(exported, "FILE|ID", _("a file, or the id of a stored tariff; all stored ones if not given"), needed=False)
    exported.add_argument("--format", choices=FORMATS, default="json", help=_("the form to write (json)"))
    exported.add_argument("--output", metavar="FILE", help=_("where to; standard output if not given"))
    taken = step("import", tariffs.take_in, _("make a draft of a file (a supervisor)"))
    source(taken, "FILE", file)
    taken.add_argument("--replaces", metavar="ID", help=_("the tariff it takes the place of"))


def _add_db(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: list[argparse.ArgumentParser]
) -> None:
    from supra_console.cli import databases

    db = commands.add_parser("db", help=_("make and fill the database (administrators)"), parents=shared)
    steps = db.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True)
    admin = argparse.ArgumentParser(add_help=False)
    admin.add_argument(
        "--admin-url", metavar="URL", help=_("connection string of an administrator; else SUPRA_DATABASE_URL")
    )

    def step(name: str, work: Work, text: str) -> argparse.ArgumentParser:
        made = steps.add_parser(name, help=text, description=text, parents=[*shared, admin])
        made.set_defaults(work=work, long=True)
        return made

    step("init", databases.init, _("make the schema, or bring it up to date"))
    status = step("status", databases.status, _("say which revision the schema has"))
    status.add_argument("--json", action="store_true", help=_("write JSON for scripts"))
    load = step("load-demo", databases.load_demo, _("fill the database with a demo utility"))
    load.add_argument("--accounts", type=_count, required=True, metavar="N")
    load.add_argument("--months", type=_count, required=True, metavar="M")
    load.add_argument("--seed", type=int, default=1, metavar="S", help=_("the same seed makes the same utility"))
    load.add_argument("--replace", action="store_true", help=_("replace a demo utility that is there"))
    prepare = step(
        "prepare-demo", databases.prepare_demo, _("database, schema, demo utility, users and profile `demo`")
    )
    prepare.add_argument("--accounts", type=_count, default=5000, metavar="N")
    prepare.add_argument("--months", type=_count, default=24, metavar="M")
    prepare.add_argument("--database", default="supra_demo", metavar=_("NAME"), help=_("its name (supra_demo)"))
    step(
        "prepare-demo-timescale",
        databases.prepare_demo_timescale,
        _("schema, demo utility and profile `demo-timescale` on the server of scripts/timescaledb"),
    )


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(_("must be 1 or more"))
    return number


def _months(text: str) -> int:
    number = _count(text)
    if number > 1200:
        raise argparse.ArgumentTypeError(_("must be 1200 or less"))
    return number
