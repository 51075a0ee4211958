"""What do the commands do that make and fill a database, as its administrator?"""

from __future__ import annotations

import argparse
import os
import sys

from supra_console.cli.status import FINDING, FINE
from supra_console.errors import ConfigurationError
from supra_console.i18n import _

URL_VARIABLE = "SUPRA_DATABASE_URL"
OVERDUE = 6
"""Chunks of readings that whoever tries the demo finds to be compressed: about half of them are."""


def _admin_url(options: argparse.Namespace) -> str:
    url: str | None = options.admin_url or os.environ.get(URL_VARIABLE)
    if not url:
        raise ConfigurationError(
            _("No administrator's connection string"),
            _("Give --admin-url or set {variable}; `scripts/localdb url` prints one.").format(variable=URL_VARIABLE),
        )
    return url


def init(options: argparse.Namespace) -> int:
    from queries import schema

    schema.init(_admin_url(options))
    return status(options)


def status(options: argparse.Namespace) -> int:
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


def load_demo(options: argparse.Namespace) -> int:
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


def prepare_demo(options: argparse.Namespace) -> int:
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


def prepare_demo_timescale(options: argparse.Namespace) -> int:
    from queries import demo_timescale
    from supra_console.output import Progress
    from supra_console.profiles import save_profile

    url = _admin_url(options)
    with Progress() as bar:
        demo_timescale.prepare(url, overdue=OVERDUE, progress=bar.show)
    save_profile("demo-timescale", demo_timescale.sign_in(url))
    print(_("The demo of the time series is ready, by the profile `demo-timescale`."))
    return FINE
