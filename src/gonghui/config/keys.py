"""The secrets of an installation: from the environment; the demo makes its own for those that are missing."""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from gonghui.config.environment import Environment


class Keys(NamedTuple):
    """Each has one purpose, so that one can be replaced without the others (operations.md, "Keys")."""

    session: str
    sealing: list[str]  # the first seals; the others are retired and only open
    lookup: str


def keys_of(environment: Environment) -> Keys:
    """The secrets of the environment; in the demo its own secrets replace missing ones."""
    keys = Keys(environment.secret, environment.sealing_secrets, environment.lookup_secret)
    if all(keys) or not environment.demo:
        return keys
    demo = _demo_keys(environment)
    return Keys(keys.session or demo.session, keys.sealing or demo.sealing, keys.lookup or demo.lookup)


def _demo_keys(environment: Environment) -> Keys:
    """The demo's secrets: made once, so that sealed values can be opened after a restart.

    The previous version had one secret for all purposes: it becomes a retired sealing secret and the look-up secret.
    """
    path = environment.var / "demo-secrets.json"
    if not path.exists():
        single = environment.var / "demo-secret"
        former = environment.secret or (single.read_text() if single.exists() else "")
        sealing = [secrets.token_urlsafe(48), *([former] if former else [])]
        _write_once(path, Keys(secrets.token_urlsafe(48), sealing, former or secrets.token_urlsafe(48)))
    return Keys(**json.loads(path.read_text()))


def _write_once(path: Path, keys: Keys) -> None:
    """Write the file atomically; of several processes only the first writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:  # only its owner can read it
        json.dump(keys._asdict(), file)
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
