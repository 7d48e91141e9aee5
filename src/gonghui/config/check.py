"""``gonghui check``: reports in words what is right and wrong with this installation, and how to fix it."""

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from gonghui.config import database
from gonghui.config.environment import MAKE_SECRET, BadEnvironment, Environment, read
from gonghui.kit import disk
from gonghui.kit.postgres import PostgresError

OLDEST_POSTGRESQL = 15
CLOCK_SECONDS = 5
MAX_PAIRS = 50
"""Pairs of records, or unions, that are listed."""
SEALED_WITHIN_DAYS = 2
"""An entry is sealed within a minute or two, while there is a worker."""
SECRET_VARIETY = 16
"""Minimum of different characters in a secret; a handmade or repetitive one has fewer."""


@dataclass(frozen=True)
class Finding:
    """What was checked and the result. It is wrong when there is a remedy."""

    subject: str
    seen: str
    remedy: str = ""


def run() -> int:
    """Print every finding; returns 1 when something is wrong."""
    wrong = 0
    for finding in _findings():
        print(f"{'WRONG' if finding.remedy else 'ok   '}  {finding.subject}: {finding.seen}", flush=True)
        if finding.remedy:
            wrong += 1
            print(f"       -> {finding.remedy}", flush=True)
    print(f"\n{wrong} wrong." if wrong else "\nEverything is right.")
    return 1 if wrong else 0


def _findings() -> Iterator[Finding]:
    try:
        environment = read()
    except BadEnvironment as problem:
        yield Finding("environment", str(problem), "correct the variable and run gonghui check again")
        return
    yield from _environment(environment)
    yield _disk(environment.var)
    try:
        database.ensure(environment)
    except PostgresError as problem:
        yield Finding("database", str(problem), "mend what the text names, or set DATABASE_URL")
        return
    import django

    django.setup()
    yield from _database(environment)
    yield _static()
    yield _mail(environment)


def _environment(environment: Environment) -> Iterator[Finding]:
    if environment.demo:
        yield Finding("environment", "the demo, with invented data")
        return
    if environment.https and not environment.proxies:
        remedy = "set GONGHUI_PROXIES to the number of proxies before the platform (usually 1)"
        seen = "HTTPS without GONGHUI_PROXIES: everybody seems to come from the proxy, and shares one limit of sign-ins"
        yield Finding("proxies", seen, remedy)
    yield from _secrets(environment)
    scheme = "https://" if environment.https else "http://"
    if not environment.base_url.startswith(scheme):
        remedy = f"set GONGHUI_BASE_URL to the address that people type, such as {scheme}gonghui.example.cn"
        yield Finding("address", f"GONGHUI_BASE_URL is {environment.base_url or 'not set'}: links in mail fail", remedy)
    elif not environment.https:
        remedy = "serve it by HTTPS through a proxy and set GONGHUI_HTTPS=1"
        yield Finding("address", "passwords and cookies travel in the clear", remedy)
    else:
        yield Finding("address", environment.base_url)


def _secrets(environment: Environment) -> Iterator[Finding]:
    """Each secret has enough different characters and is used once; but a retired one may be the look-up secret."""
    session, (sealing, *retired), lookup = environment.secret, environment.sealing_secrets, environment.lookup_secret
    named = {
        "GONGHUI_SECRET": session,
        "GONGHUI_LOOKUP_SECRET": lookup,
        "the first of GONGHUI_SEALING_SECRETS": sealing,
    }
    weak = {name: len(secret) for name, secret in named.items() if len(set(secret)) < SECRET_VARIETY}
    for name, length in weak.items():
        remedy = f"before there is data, make another: {MAKE_SECRET}"
        yield Finding("secret", f"{name} has {length} characters, but few different ones", remedy)
    if session in (sealing, lookup, *retired):
        remedy = "make another GONGHUI_SECRET: whoever is signed in must sign in again, nothing else is lost"
        yield Finding("secrets", "GONGHUI_SECRET, which signs sessions, also seals or finds people", remedy)
    elif sealing in (lookup, *retired):
        remedy = "put a new one, and a space, before it in GONGHUI_SEALING_SECRETS"
        yield Finding("secrets", "the first of GONGHUI_SEALING_SECRETS also finds people, or is retired too", remedy)
    elif not weak:
        yield Finding("secrets", f"three of their own, {len(retired)} retired")


def _disk(folder: Path) -> Finding:
    if lack := disk.lack(folder, floor=disk.SOON_FULL):
        remedy = "make the folder writable, make room, or set GONGHUI_VAR to another folder"
        return Finding("disk", f"{folder}: {lack}", remedy)
    return Finding("disk", f"{disk.told(shutil.disk_usage(folder).free)} free in {folder}")


def _database(environment: Environment) -> Iterator[Finding]:
    """The database is reachable, new enough and migrated, has a worker, and gives the application no excess rights."""
    from gonghui.portal.probes import FINE, findings

    try:
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as connection:
            version = connection.info.server_version
    except psycopg.OperationalError as error:
        remedy = "start PostgreSQL, and check DATABASE_URL and who may connect (pg_hba.conf)"
        yield Finding("database", str(error), remedy)
        return
    remedy = f"use PostgreSQL {OLDEST_POSTGRESQL} or newer" if version < OLDEST_POSTGRESQL * 10000 else ""
    yield Finding("database", f"PostgreSQL {version // 10000}.{version % 10000}", remedy)
    yield _clock()
    probed = findings()
    if probed["migrations"] != FINE:
        yield Finding("migrations", probed["migrations"], "run gonghui migrate")
        return
    yield Finding("migrations", "all applied")
    yield _sealing(environment)
    yield _duplicates()
    yield _counts()
    yield _rights()
    yield from _record()
    yield from _upkeep()
    if probed["worker"] == FINE:
        yield Finding("worker", "alive")
    else:
        yield Finding("worker", probed["worker"], "start gonghui worker, and see its log")
    yield from _waiting()


def _waiting() -> Iterator[Finding]:
    """The age of the oldest job of each queue and of the oldest mail, against its limit (kit/jobs.py)."""
    from gonghui.portal.probes import waiting

    queues = waiting()
    late = [queue for queue in queues if queue.seconds > queue.patience]
    for queue in late:
        remedy = "see the log of the worker; when there is simply much to do, start another gonghui worker"
        if "mail" in queue.what:
            remedy = "see the line on mail below, the log of the worker, and the column error of the table notices_mail"
        seen = f"the oldest of {queue.what} waits {queue.seconds} s, longer than {queue.patience} s"
        yield Finding("waiting", seen, remedy)
    if not late:
        yield Finding("waiting", ", ".join(f"{queue.what} {queue.seconds} s" for queue in queues))


def _clock() -> Finding:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        apart = abs(float(cursor.fetchone()[0]) - time.time())
    remedy = "let both machines keep time by NTP" if apart > CLOCK_SECONDS else ""
    return Finding("clock", f"{apart:.0f} s from the database's", remedy)


def _sealing(environment: Environment) -> Finding:
    """Checks the oldest rows, which are bound and resealed last."""
    from gonghui.audit.binding import seen

    unbound, retired = seen()
    if unbound:
        remedy = "let gonghui migrate come to its end; if it was ended, run it again"
        return Finding("sealed values", f"of the version before, not bound to their rows: {', '.join(unbound)}", remedy)
    if environment.take_unbound:
        remedy = "remove GONGHUI_TAKE_UNBOUND, and restart"
        return Finding("sealed values", "all bound, but others are taken too", remedy)
    in_use = f"; retired keys are in use: {', '.join(retired)}" if retired else ""
    return Finding("sealed values", f"bound to their rows{in_use}")


def _duplicates() -> Finding:
    """Lists duplicates for those who clean the register; they are no fault of the installation."""
    from gonghui.members.models import Duplicate

    pairs = Duplicate.objects.order_by("pk").values_list("member__number", "other__number")
    count = pairs.count()
    if not count:
        return Finding("members", "nobody is known to have two records")
    listed = "; ".join(f"{number} and {other}" for number, other in pairs[:MAX_PAIRS])
    more = f"; {count - MAX_PAIRS} more in the table members_duplicate" if count > MAX_PAIRS else ""
    return Finding("members", f"{count} people have two records, by 会员编号: {listed}{more}")


def _counts() -> Finding:
    """The unions' numbers of members and of retained ones, of which pages and statistics are made, are those of the rows."""
    from gonghui.members.memberships import wrong_counts

    wrong = wrong_counts()
    if not wrong:
        return Finding("counts", "every union has as many members, and retained ones, as it says")
    listed = ", ".join(map(str, wrong[:MAX_PAIRS]))
    seen = f"{len(wrong)} unions have other members, or retained ones, than they say, by id: {listed}"
    return Finding("counts", seen, "run gonghui manage recount_members")


def _rights() -> Finding:
    """The application's role is no superuser, owns nothing, and cannot change the audit (SPEC 7.2)."""
    from django.db import connection

    from gonghui.audit.management.commands.grant_application import append_only_tables

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
        role, is_superuser = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
        (owned,) = cursor.fetchone()
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name WHERE has_table_privilege(name, 'UPDATE, DELETE, TRUNCATE')",
            [append_only_tables()],
        )
        changeable = [name for (name,) in cursor.fetchall()]
    if is_superuser or owned:
        seen = "is a superuser" if is_superuser else f"owns {owned} tables"
        remedy = "name an ordinary role in DATABASE_URL and the owner in DATABASE_OWNER_URL, then run gonghui migrate"
        return Finding("rights", f"the application's role {role} {seen}", remedy)
    if changeable:
        remedy = "run gonghui migrate, which sets the rights anew"
        return Finding("rights", f"the role {role} may change what is recorded: {', '.join(changeable)}", remedy)
    return Finding("rights", f"the role {role} may not change what is recorded")


def _record() -> Iterator[Finding]:
    """The audit has partitions for its years, is sealed, and its newest entries are as they were (SPEC 7.6)."""
    from django.utils import timezone

    from gonghui.audit.partitions import lacking
    from gonghui.audit.verification import oldest_unsealed, quickly

    lack = lacking()
    remedy = "start gonghui worker, and see Partitions in operations.md" if lack else ""
    yield Finding("partitions of the audit", lack or "next year's is there", remedy)
    waiting = oldest_unsealed()
    late = waiting is not None and timezone.now() - waiting > timedelta(days=SEALED_WITHIN_DAYS)
    seen = f"the oldest entry without a seal is of {timezone.localtime(waiting):%Y-%m-%d %H:%M}" if waiting else "whole"
    yield Finding("seals of the audit", seen, "start gonghui worker, or run gonghui audit seal" if late else "")
    touched, entries = quickly()
    seen = "; ".join(touched[:MAX_PAIRS]) if touched else f"the newest {entries} sealed entries are as they were"
    yield Finding("record", seen, "run gonghui audit verify, and ask who was in the database" if touched else "")


def _upkeep() -> Iterator[Finding]:
    """When the nightly clean-up last ran and what it removed, and the size of each table that it cleans."""
    from django.utils.timezone import localtime

    from gonghui.portal.upkeep import is_overdue, last_run, sizes

    at, report = last_run()
    when = f"last ran {localtime(at):%Y-%m-%d %H:%M}" if at else "has not run yet"
    removed = ", ".join(f"{count} {name}" for name, count in report.items() if count) or "nothing"
    remedy = "start gonghui worker, and run gonghui manage clean_up now" if is_overdue() else ""
    yield Finding("clean-up", f"{when}, removed {removed}" if at else when, remedy)
    for size in sizes():
        oldest = f", oldest {size.oldest:%Y-%m-%d}" if size.oldest else ""
        yield Finding(f"table {size.table}", f"about {size.rows} rows, {size.bytes / 1024**2:.1f} MiB{oldest}")


def _static() -> Finding:
    from django.conf import settings

    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.exists():
        return Finding("static files", f"none in {settings.STATIC_ROOT}", "run gonghui migrate, which collects them")
    return Finding("static files", f"collected in {settings.STATIC_ROOT}")


def _mail(environment: Environment) -> Finding:
    from django.core.mail import get_connection

    if not environment.email_url:
        if environment.demo:
            return Finding("mail", "EMAIL_URL is not set: mail stays on the page /demo/mail/")
        return Finding("mail", "EMAIL_URL is not set", "set EMAIL_URL=smtp://user:password@host:587?tls=starttls")
    try:
        connection = get_connection(timeout=10)
        connection.open()
        connection.close()
    except OSError as error:  # the base of smtplib's errors, too
        remedy = "check EMAIL_URL and the way to the mail server"
        return Finding("mail", f"the server does not take us: {error}", remedy)
    return Finding("mail", "the server takes us")
