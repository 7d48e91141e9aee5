"""Installations that are made once and copied: to migrate one takes 20 seconds, to load the demo's data as many again."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.stack import Demo, environment, gonghui

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "var" / "test" / "prepared"


def migrated(var: Path) -> None:
    """Make ``var`` an installation whose migrations have run."""
    _copy("migrated", _migrate, var)


def demo(var: Path) -> None:
    """Make ``var`` an installation with the demo's data."""
    _copy("demo", _load, var)


def _copy(name: str, make: Callable[[Path], None], var: Path) -> None:
    """Made anew whenever the sources have changed; whoever comes second waits."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = KEPT / f"{name}-{_fingerprint()}"
        if not kept.exists():
            for old in KEPT.glob(f"{name}-*"):
                shutil.rmtree(old)
            unfinished = KEPT / f"{name}.unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(kept)
    var.mkdir(parents=True, exist_ok=True)
    # With its owner: PostgreSQL's files are not root's.
    subprocess.run(["cp", "--archive", "--no-target-directory", kept, var], check=True)


def _migrate(var: Path) -> None:
    done = gonghui("migrate", env=environment(var, GONGHUI_DEMO="1"))
    assert done.returncode == 0, done.stderr


def _load(var: Path) -> None:
    migrated(var)
    demo = Demo(var)
    demo.start()
    demo.stop()
    demo.output.unlink()


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted([*(ROOT / "src").rglob("*.py"), ROOT / "requirements.lock"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]
