"""Django's settings for the tests: the demo's, as the tables' owner, on DATABASE_URL or an embedded server."""

import os
from pathlib import Path

from gonghui.config import database
from gonghui.config.environment import read

os.environ.setdefault("GONGHUI_DEMO", "1")
os.environ.setdefault("GONGHUI_VAR", str(Path(__file__).parent.parent / "var" / "test"))
os.environ.setdefault("GONGHUI_LOG_LEVEL", "WARNING")
os.environ["GONGHUI_DATABASE_ROLE"] = "owner"
database.ensure(read())

from gonghui.config.settings import *  # noqa: E402, F403 (reads the environment made above)

# Pages are drawn from the sources' static files: nothing is collected or hashed for a test.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405

# A test makes a dozen accounts; hashing their passwords at the real cost would take most of its time.
PASSWORD_HASHERS = ["tests.hashers.CheapArgon2"]
