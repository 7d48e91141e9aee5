"""The settings read from the environment."""

import pytest

from gonghui.config.environment import BadEnvironment, read

DEMO = {"GONGHUI_DEMO": "1"}


def test_a_variable_is_still_read_under_its_former_name():
    assert read(DEMO | {"GONGHUI_TRANSFER_MISSES": "7"}).lookup_misses == 7
    assert read(DEMO | {"GONGHUI_TRANSFER_MISSES": "7", "GONGHUI_LOOKUP_MISSES": "8"}).lookup_misses == 8
    assert read(DEMO).lookup_misses == 100


@pytest.mark.parametrize("number", ["0", "17", "viele"])
def test_the_web_has_one_to_sixteen_processes(number):
    assert read(DEMO | {"GONGHUI_WEB_PROCESSES": "3"}).web_processes == 3
    with pytest.raises(BadEnvironment, match="GONGHUI_WEB_PROCESSES"):
        read(DEMO | {"GONGHUI_WEB_PROCESSES": number})


def test_a_wrong_value_names_the_variable_that_was_given():
    with pytest.raises(BadEnvironment, match="GONGHUI_TRANSFER_MISSES='many'"):
        read(DEMO | {"GONGHUI_TRANSFER_MISSES": "many"})
