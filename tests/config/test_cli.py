"""``gonghui synth``, as an operator types it: a city of any size into an empty database, and never beside real people."""

import re

import pytest

from tests import prepared
from tests.stack import environment, gonghui


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    """An installation that is migrated and empty."""
    var = tmp_path_factory.mktemp("synth") / "var"
    prepared.migrated(var)
    return environment(var, GONGHUI_DEMO="1")


def test_synth_fills_an_empty_database_once_and_the_check_finds_nothing_wrong(env):
    done = gonghui("synth", "--members", "300", "--unions", "60", "--seed", "3", env=env)
    assert done.returncode == 0, done.stderr
    assert "Loaded." in done.stdout
    assert re.search(r"60 unions, \d+ rows", done.stdout)
    check = gonghui("check", env=env).stdout
    wrong = [line for line in check.splitlines() if line.startswith("WRONG")]
    assert all("worker" in line for line in wrong), check  # none runs here
    again = gonghui("synth", "--members", "300", "--unions", "60", env=env)
    assert again.returncode != 0
    assert "Take an empty database." in again.stderr


def test_synth_keeps_off_an_installation_with_secrets_of_its_own(env):
    answer = gonghui("synth", env=env | {"GONGHUI_SEALING_SECRETS": "a" * 48})
    assert answer.returncode == 2
    assert "GONGHUI_SEALING_SECRETS is set" in answer.stderr


def test_synth_tells_a_size_that_is_none(env):
    answer = gonghui("synth", "--members", "0", env=env)
    assert answer.returncode != 0
    assert "at least one union and one member" in answer.stderr


def test_the_demo_tells_an_option_that_it_does_not_know(env):
    answer = gonghui("demo", "--large", env=env)
    assert answer.returncode == 2
    assert "--large" in answer.stderr
