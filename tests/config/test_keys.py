"""Three secrets with one purpose each: an error says how to make a missing one, and the demo makes its own."""

import stat

import pytest

from gonghui.config.environment import BadEnvironment, read
from gonghui.config.keys import keys_of

SESSION, SEALING, RETIRED, LOOKUP = (letter * 40 for letter in "abcd")
WHOLE = {"GONGHUI_SECRET": SESSION, "GONGHUI_SEALING_SECRETS": SEALING, "GONGHUI_LOOKUP_SECRET": LOOKUP}


def test_the_first_sealing_secret_seals_and_the_others_are_retired():
    keys = keys_of(read(WHOLE | {"GONGHUI_SEALING_SECRETS": f" {SEALING}  {RETIRED} "}))
    assert keys == (SESSION, [SEALING, RETIRED], LOOKUP)


@pytest.mark.parametrize("variable", WHOLE)
@pytest.mark.parametrize("text", ["", "short", f"{SESSION} short"])
def test_outside_the_demo_each_is_required_and_long(variable, text):
    if variable != "GONGHUI_SEALING_SECRETS" and " " in text:
        return
    with pytest.raises(
        BadEnvironment, match=f"{variable} is missing or shorter than 32 characters.*secrets.token_urlsafe"
    ):
        read(WHOLE | {variable: text})


def test_an_installation_of_the_version_before_is_told_how_it_goes_on():
    with pytest.raises(BadEnvironment) as refusal:
        read({"GONGHUI_SECRET": SESSION})
    assert 'GONGHUI_SEALING_SECRETS="a new one, a space, the former GONGHUI_SECRET"' in str(refusal.value)
    assert "GONGHUI_LOOKUP_SECRET=the former GONGHUI_SECRET" in str(refusal.value)


def demo(var, **variables: str):
    return keys_of(read({"GONGHUI_DEMO": "1", "GONGHUI_VAR": str(var), **variables}))


def test_the_demo_makes_its_own_once_and_keeps_them(tmp_path):
    first = demo(tmp_path / "var")
    assert demo(tmp_path / "var") == first
    assert len({first.session, *first.sealing, first.lookup}) == 3
    (file,) = (tmp_path / "var").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_demo_of_the_version_before_goes_on_with_its_secret_retired(tmp_path):
    (tmp_path / "demo-secret").write_text(RETIRED)
    keys = demo(tmp_path)
    assert (keys.sealing[1:], keys.lookup) == ([RETIRED], RETIRED)
    assert RETIRED not in (keys.session, keys.sealing[0])
    assert demo(tmp_path) == keys


def test_a_demo_that_was_given_its_one_secret_goes_on_too(tmp_path):
    keys = demo(tmp_path, GONGHUI_SECRET=RETIRED)
    assert (keys.session, keys.sealing[1:], keys.lookup) == (RETIRED, [RETIRED], RETIRED)


def test_what_is_given_to_a_demo_counts(tmp_path):
    assert demo(tmp_path, **WHOLE) == (SESSION, [SEALING], LOOKUP)
    assert not list(tmp_path.iterdir())
