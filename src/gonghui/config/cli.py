"""The command line ``gonghui`` for operators."""

import argparse
import os
import sys
from collections.abc import Sequence

from gonghui import __version__
from gonghui.config import database
from gonghui.config.environment import BadEnvironment, read
from gonghui.kit.postgres import PostgresError

_HEADER_SECONDS = 15
"""A connection that has not sent the head of a (next) request by then is closed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Prints a problem of the installation as a sentence, not a traceback."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gonghui.config.settings")
    options, rest = _parser().parse_known_args(arguments)
    if rest and options.command not in _WITH_ARGUMENTS:
        _parser().error(f"unknown arguments: {' '.join(rest)}")
    try:
        if options.command in ("demo", "synth"):
            os.environ["GONGHUI_DEMO"] = "1"
        if options.command in ("migrate", "synth"):
            os.environ["GONGHUI_DATABASE_ROLE"] = "owner"
        os.environ["GONGHUI_WORK"] = {"serve": "pages", "worker": "jobs"}.get(options.command, "command")
        return options.run(rest)
    except (BadEnvironment, PostgresError) as problem:
        print(f"gonghui: {problem}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "gonghui", description="The online work platform of a city's trade-union federation."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run, text in (
        ("demo", _demo, "set everything up with invented data, serve it, and show mail on a page"),
        ("synth", _synth, "fill an empty database with an invented city of any size (for benches and rehearsals)"),
        ("migrate", _migrate, "bring the database to this version (as its owner)"),
        ("serve", _serve, "serve the pages"),
        ("worker", _worker, "run the background jobs"),
        ("check", _check, "say in words what is wrong with this installation"),
        (
            "audit",
            _audit,
            "verify the record of acts against its chain of seals; seal it; print the heads to keep apart",
        ),
        ("manage", _manage, "any Django command"),
    ):
        command = commands.add_parser(name, help=text, description=text, add_help=name not in _WITH_ARGUMENTS)
        command.set_defaults(run=run)
    return parser


_WITH_ARGUMENTS = ("demo", "synth", "check", "audit", "manage")
"""Commands that take more; they say themselves what is wrong with it."""


def _demo(rest: Sequence[str]) -> int:
    from gonghui.config import demo

    parser = argparse.ArgumentParser("gonghui demo")
    parser.add_argument("--small", action="store_true", help="the story of forty unions alone, without the city around")
    return demo.run(small=parser.parse_args(rest).small)


def _synth(rest: Sequence[str]) -> int:
    """As the demo's data, of the size that is said; refused where there are users or unions already.

    As the owner of the tables, and with the demo's known password: on no register of real people. Raises BadEnvironment
    where the secrets of one are given, or where there is anybody.
    """
    parser = argparse.ArgumentParser("gonghui synth", description=_SYNTH)
    parser.add_argument("--members", type=_number, default=30_000, help="members in unions (30000)")
    parser.add_argument("--unions", type=_number, help="grassroots unions (one for fifty members)")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives another city (1)")
    parser.add_argument("--processes", type=_number, default=os.cpu_count(), help="which make the rows (one a core)")
    parser.add_argument("--leave-months", action="store_true", help="leave the figures of past months to the worker")
    options = parser.parse_args(rest)
    if os.environ.get("GONGHUI_SEALING_SECRETS"):
        raise BadEnvironment("GONGHUI_SEALING_SECRETS is set: invented people do not belong on a register. Unset it.")
    environment = read()
    database.ensure(environment)
    if not database.is_empty():
        raise BadEnvironment("There are users or unions already: nothing loaded. Take an empty database.")
    _migrate([])
    unions = options.unions or max(40, options.members // 50)
    return _django(
        "load_demo", "--must-load", f"--members={options.members}", f"--unions={unions}", f"--seed={options.seed}",
        f"--processes={options.processes}", *(["--leave-months"] if options.leave_months else []),
    )  # fmt: skip


_SYNTH = """Fill an empty database with an invented city, the same for the same seed, day and sizes: most unions have some
twenty members, few have thousands. Everybody signs in with the demo's password. A million members and their register
take minutes; the figures of past months, which are counted last, as long again and more: see docs/operations.md."""


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: at least 1")
    return number


def _migrate(_rest: Sequence[str]) -> int:
    """Run migrations, grant the application role's rights, collect static files. Then bind the sealed values of the
    previous version and set the document types that numbers prove: this may take hours, and the platform may already run.
    """
    database.ensure(read())
    _django("migrate", "--no-input", "--verbosity", "1")
    _django("createcachetable")
    _django("grant_application")
    _django("collectstatic", "--no-input", "--verbosity", "0")
    _django("bind_sealed_values")
    _django("prove_documents")
    return 0


def _serve(_rest: Sequence[str]) -> int:
    environment = read()
    database.ensure(environment)
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings

    Granian(
        "gonghui.config.asgi:application",
        address=environment.listen,
        port=environment.port,
        interface=Interfaces.ASGINL,
        workers=environment.web_processes,
        # HTTP/1 only: while granian detects the version, a silent connection has no timeout.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_SECONDS * 1000),
        websockets=False,
        log_access=False,
    ).serve()
    return 0


def _worker(_rest: Sequence[str]) -> int:
    """Run jobs until a stop signal. Exits with 1 when the database is lost: the service manager restarts the worker."""
    database.ensure(read())
    import django

    django.setup()
    from gonghui.kit.jobs import run_worker

    return run_worker()


def _check(rest: Sequence[str]) -> int:
    """With ``--statistics`` the closed figures alone, which takes as long as there are figures, and mends them."""
    parser = argparse.ArgumentParser("gonghui check", description="Say in words what is wrong with this installation.")
    parser.add_argument("--statistics", action="store_true", help="check the closed figures alone, and mend them")
    if parser.parse_args(rest).statistics:
        database.ensure(read())
        return _django("check_figures")
    from gonghui.config import check

    return check.run()


def _audit(rest: Sequence[str]) -> int:
    """0: all is as it was sealed; 1: something was touched; 2: it could not be verified."""
    database.ensure(read())
    return _django("audit", *rest)


def _manage(rest: Sequence[str]) -> int:
    database.ensure(read())
    return _django(*rest)


def _django(*arguments: str) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["gonghui manage", *arguments])
    return 0


if __name__ == "__main__":
    sys.exit(main())
