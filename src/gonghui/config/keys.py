"""The secrets of an installation: the environment's, and what is missing there in the demo, the demo's own."""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from gonghui.config.environment import Environment


class Keys(NamedTuple):
    """Each for one thing, so that one may be replaced without the others (operations.md, "Keys")."""

    session: str
    sealing: list[str]  # the first seals, the others are retired and still open
    lookup: str


def keys_of(environment: Environment) -> Keys:
    """What the environment says; in the demo its own secrets take the place of those that it does not say."""
    given = Keys(environment.secret, environment.sealing_secrets, environment.lookup_secret)
    if all(given) or not environment.demo:
        return given
    own = _demo_keys(environment)
    return Keys(given.session or own.session, given.sealing or own.sealing, given.lookup or own.lookup)


def _demo_keys(environment: Environment) -> Keys:
    """Made once, so that what they sealed can be opened after a restart.

    The version before had one secret for all: it is retired, and goes on finding people.
    """
    path = environment.var / "demo-secrets.json"
    if not path.exists():
        single = environment.var / "demo-secret"
        former = environment.secret or (single.read_text() if single.exists() else "")
        sealing = [secrets.token_urlsafe(48), *([former] if former else [])]
        _write_once(path, Keys(secrets.token_urlsafe(48), sealing, former or secrets.token_urlsafe(48)))
    return Keys(**json.loads(path.read_text()))


def _write_once(path: Path, keys: Keys) -> None:
    """Whole or not at all, and of several processes at once only by the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:  # for its owner alone to read
        json.dump(keys._asdict(), file)
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)
