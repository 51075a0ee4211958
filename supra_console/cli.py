"""Which command was given, and what comes of it?

The composition root: the only module below the rooms of queries and screens that reaches up
into them, and only inside the command that needs them, so that `lookup` never imports Textual
and the console paints before it knows psycopg. Exit status: 0 fine, 1 a finding (nothing found,
something wrong), 2 could not run, 70 a crash.
"""

from __future__ import annotations

import argparse
import gc
import io
import os
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from supra_console import __version__, crash, i18n, logs, usage
from supra_console.errors import ConfigurationError, PasswordNeeded, WrongPassword
from supra_console.i18n import N_, _

if TYPE_CHECKING:
    from queries.account_records import Account
    from queries.accounts import SearchResult
    from queries.doctor import Report
    from supra_console.database import Database
    from supra_console.profiles import Profile

T = TypeVar("T")

FINE, FINDING = 0, 1
URL_VARIABLE = "SUPRA_DATABASE_URL"
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
    options = _parser(sys.argv[1:] if arguments is None else arguments).parse_args(arguments)
    logs.setup(options.log_level)
    if options.long:
        gc.enable()
    command: Callable[[argparse.Namespace], int] = options.work
    return crash.run(lambda: command(options), on_terminal=command is _console)


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
    parser.set_defaults(work=_console, long=False)
    if _only_general(arguments):
        return parser  # whoever opens the console does not wait for the commands
    commands = parser.add_subparsers(title=_("commands"), metavar=_("COMMAND"))
    shared = [general(False)]

    def command(
        name: str, work: Callable[[argparse.Namespace], int], text: str, json: bool = True
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, parents=shared)
        made.set_defaults(work=work)
        if json:
            made.add_argument("--json", action="store_true", help=_("write JSON for scripts"))
        return made

    command("console", _console, _("open the console on this terminal"), json=False)
    lookup = command("lookup", _lookup, _("find accounts by number, name, address, RFC, telephone …"))
    lookup.add_argument("text", nargs="+", metavar=_("TEXT"), help=_("what is searched for"))
    lookup.add_argument("--limit", type=_count, default=50, metavar="N", help=_("how many at most (50)"))
    account = command("account", _account, _("show one account; the view is recorded"))
    account.add_argument("contract", metavar=_("CONTRACT"), help=_("the contract number"))
    command("doctor", _doctor, _("examine server, roles and isolation"))
    command("profiles", _profiles, _("list the connection profiles"))

    db = commands.add_parser("db", help=_("make and fill the database (administrators)"), parents=shared)
    steps = db.add_subparsers(title=_("commands"), metavar=_("COMMAND"), required=True)
    admin = argparse.ArgumentParser(add_help=False)
    admin.add_argument(
        "--admin-url", metavar="URL", help=_("connection string of an administrator; else SUPRA_DATABASE_URL")
    )

    def step(name: str, work: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        made = steps.add_parser(name, help=text, description=text, parents=[*shared, admin])
        made.set_defaults(work=work, long=True)
        return made

    step("init", _db_init, _("make the schema, or bring it up to date"))
    status = step("status", _db_status, _("say which revision the schema has"))
    status.add_argument("--json", action="store_true", help=_("write JSON for scripts"))
    load = step("load-demo", _db_load_demo, _("fill the database with a demo utility"))
    load.add_argument("--accounts", type=_count, required=True, metavar="N")
    load.add_argument("--months", type=_count, required=True, metavar="M")
    load.add_argument("--seed", type=int, default=1, metavar="S", help=_("the same seed makes the same utility"))
    load.add_argument("--replace", action="store_true", help=_("replace a demo utility that is there"))
    prepare = step("prepare-demo", _db_prepare_demo, _("database, schema, demo utility, users and profile `demo`"))
    prepare.add_argument("--accounts", type=_count, default=5000, metavar="N")
    prepare.add_argument("--months", type=_count, default=24, metavar="M")
    prepare.add_argument("--database", default="supra_demo", metavar=_("NAME"), help=_("its name (supra_demo)"))
    return parser


def _count(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(_("must be 1 or more"))
    return number


# ---------------------------------------------------------------------- signing in


def _chosen(options: argparse.Namespace) -> Profile:
    from supra_console.profiles import load_profiles

    return load_profiles().get(options.profile)


async def _sign_in(profile: Profile, user: str | None) -> Database:
    """Sign in; the person is asked for a password when libpq and the keyring have none."""
    from supra_console.database import Database

    try:
        return await Database.open(profile, user=user)
    except PasswordNeeded:
        if not sys.stdin.isatty():
            raise
    import getpass

    from supra_console.display import safe

    prompt = _("Password of {user} at {address}: ").format(
        user=safe(user or profile.user or getpass.getuser()), address=safe(profile.address)
    )
    for attempts_left in (2, 1, 0):
        try:
            return await Database.open(profile, user=user, password=getpass.getpass(prompt))
        except WrongPassword as error:
            if not attempts_left:
                raise
            crash.complain(error)
    raise AssertionError


def _signed_in(options: argparse.Namespace, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do `work` with a database signed in to, and sign out."""
    import asyncio

    async def session() -> T:
        db = await _sign_in(_chosen(options), options.user)
        try:
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(session())


# ---------------------------------------------------------------------- commands


def _console(options: argparse.Namespace) -> int:
    from supra_console.profiles import load_profiles

    if os.environ.get("SSH_CONNECTION"):
        # Read by Textual when it is imported: what moves by itself is slow over a line.
        for name, value in (("FPS", "30"), ("ANIMATIONS", "none"), ("SMOOTH_SCROLL", "0")):
            os.environ.setdefault(f"TEXTUAL_{name}", value)
    profiles = load_profiles()
    decided = options.profile or os.environ.get("SUPRA_PROFILE") or profiles.default or len(profiles) == 1
    from screens.console import run

    return run(profiles, profiles.get(options.profile) if decided else None, options.user)


def _lookup(options: argparse.Namespace) -> int:
    from queries import accounts
    from supra_console.output import print_json

    text = " ".join(options.text)
    result = _signed_in(options, lambda db: accounts.search(db, text, limit=options.limit))
    if options.json:
        print_json(result)
    else:
        _print_hits(result)
    return FINE if result.hits else FINDING


def _print_hits(result: SearchResult) -> None:
    from queries.reasons import kind
    from supra_console.output import columns

    if not result.hits:
        print(_("Nothing found."), file=sys.stderr)
        return
    rows = [
        (hit.contract_number, hit.contract_status, hit.holder, hit.address, hit.municipality, kind(hit.matched_by))
        for hit in result.hits
    ]
    print(columns(rows))
    if result.more:
        print(_("{count} of more than {count}").format(count=len(result.hits)), file=sys.stderr)


def _account(options: argparse.Namespace) -> int:
    from queries import details
    from supra_console.output import print_json

    async def fetch(db: Database) -> Account:
        return await details.open_account(db, await details.find_contract(db, options.contract))

    account = _signed_in(options, fetch)
    if options.json:
        print_json(account)
    else:
        from queries.account_text import describe

        print(describe(account))
    return FINDING if account.failures else FINE


def _doctor(options: argparse.Namespace) -> int:
    from queries import doctor
    from supra_console.errors import SupraError

    try:
        report = _signed_in(options, doctor.examine)
    except SupraError as error:
        # Not to be let in is an answer too, and scripts get it in the same form.
        report = doctor.Report((doctor.could_not_run(N_("sign-in"), error),))
    if options.json:
        from supra_console.output import print_json

        print_json({"state": report.state, "checks": report.checks})
    else:
        _print_report(report)
    return int(report.state)


def _print_report(report: Report) -> None:
    from supra_console.display import safe

    marks = (_("ok"), _("FINDING"), _("FAILED"))
    width = max(len(mark) for mark in marks)
    for check in report.checks:
        print(f"{marks[check.state].ljust(width)}  {_(check.name)}: {safe(check.summary)}")
        for finding in check.findings:
            print(f"{' ' * width}    {safe(finding)}")


def _profiles(options: argparse.Namespace) -> int:
    from supra_console.display import safe
    from supra_console.output import columns, print_json
    from supra_console.profiles import load_profiles

    profiles = load_profiles()
    if options.json:
        # Without the parameters: they may hold a password.
        shown = [
            {"name": p.name, "address": p.address, "user": p.user, "users": p.users, "production": p.production}
            for p in profiles
        ]
        print_json({"path": profiles.path, "default": profiles.default, "profiles": shown})
        return FINE
    rows = [(p.name, p.address, p.user, _("production") if p.production else "", p.description) for p in profiles]
    print(columns(rows) or _("No profiles in {path}").format(path=safe(profiles.path)))
    return FINE


# ---------------------------------------------------------------------- the database itself


def _admin_url(options: argparse.Namespace) -> str:
    url: str | None = options.admin_url or os.environ.get(URL_VARIABLE)
    if not url:
        raise ConfigurationError(
            _("No administrator's connection string"),
            _("Give --admin-url or set {variable}; `scripts/localdb url` prints one.").format(variable=URL_VARIABLE),
        )
    return url


def _db_init(options: argparse.Namespace) -> int:
    from queries import schema

    schema.init(_admin_url(options))
    return _db_status(options)


def _db_status(options: argparse.Namespace) -> int:
    from queries import schema
    from supra_console.display import safe
    from supra_console.output import print_json

    status = schema.status(_admin_url(options))
    if getattr(options, "json", False):
        print_json(status)
    else:
        print(
            _("{database}: schema revision {there}, newest {newest}; {tables} tables, {policies} policies").format(
                database=safe(status.database),
                there=status.current or "-",
                newest=status.head,
                tables=status.tables,
                policies=status.policies,
            )
        )
    return FINE if status.current == status.head and not status.missing_extensions else FINDING


def _db_load_demo(options: argparse.Namespace) -> int:
    from queries import demo
    from supra_console.formats import number
    from supra_console.output import Progress

    with Progress() as bar:
        report = demo.load_demo(
            _admin_url(options),
            options.accounts,
            options.months,
            options.seed,
            lambda part: bar.show(part.step, part.done, part.total),
            replace=options.replace,
        )
    utility = report.utility
    text = _("There is a demo utility already") if report.already else _("The demo utility is loaded")
    print(
        _("{text}: {accounts} accounts, {months} months, seed {seed}").format(
            text=text, accounts=number(utility.accounts), months=utility.months, seed=utility.seed
        )
    )
    if not report.already:
        print(_("{rows} rows in {seconds:.0f} s").format(rows=number(report.rows), seconds=report.seconds))
    elif (options.accounts, options.months, options.seed) != (utility.accounts, utility.months, utility.seed):
        print(_("It was left as it is; --replace makes the one you asked for."), file=sys.stderr)
    return FINE


def _db_prepare_demo(options: argparse.Namespace) -> int:
    from queries import demo_database
    from supra_console.output import Progress
    from supra_console.profiles import profiles_path, save_profile

    url = _admin_url(options)
    path = profiles_path()
    with Progress() as bar:
        demo = demo_database.prepare(
            url,
            path.parent,
            accounts=options.accounts,
            months=options.months,
            database=options.database,
            progress=bar.show,
        )
    save_profile("demo", demo.profile, path)
    print(_("The demo is ready for {users}, by the profile `demo`.").format(users=", ".join(demo.users)))
    return FINE
