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
    done = gonghui("synth", "--members", "900", "--unions", "450", "--seed", "3", "--processes", "2", env=env)
    assert done.returncode == 0, done.stderr
    assert "Loaded." in done.stdout
    assert re.search(r"450 of 450 unions, \d+ rows, \d+ s", done.stdout)
    assert "building the indexes" in done.stdout  # more than one share
    check = gonghui("check", env=env).stdout
    wrong = [line for line in check.splitlines() if line.startswith("WRONG")]
    assert all("worker" in line for line in wrong), check  # none runs here
    figures = gonghui("check", "--statistics", env=env)
    assert figures.returncode == 0, figures.stdout
    again = gonghui("synth", env=env)
    assert again.returncode != 0
    assert "Take an empty database." in again.stderr


def test_synth_keeps_off_an_installation_with_secrets_of_its_own(env):
    answer = gonghui("synth", env=env | {"GONGHUI_SEALING_SECRETS": "a" * 48})
    assert answer.returncode == 2
    assert "GONGHUI_SEALING_SECRETS is set" in answer.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["--members", "0"], "--members: 0: at least 1"),
        (["--unions", "many"], "--unions"),
        (["--people", "5"], "--people"),
    ],
)
def test_synth_tells_what_it_does_not_take(env, said, told):
    answer = gonghui("synth", *said, env=env)
    assert answer.returncode == 2
    assert told in answer.stderr


def test_synth_says_what_it_takes_and_does_nothing(tmp_path):
    answer = gonghui("synth", "--help", env=environment(tmp_path / "var", GONGHUI_DEMO="1"))
    assert answer.returncode == 0
    assert "--leave-months" in answer.stdout
    assert not (tmp_path / "var").exists()


def test_synth_refuses_before_it_changes_a_database_with_unions(env):
    """Even its tables stay at the version at which they are."""
    answer = gonghui("synth", env=env)
    assert answer.returncode == 2
    assert "Take an empty database." in answer.stderr
    assert "migrations" not in answer.stdout


def test_the_demo_tells_an_option_that_it_does_not_know(env):
    answer = gonghui("demo", "--large", env=env)
    assert answer.returncode == 2
    assert "--large" in answer.stderr
