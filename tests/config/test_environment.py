"""The settings read from the environment."""

import pytest

from gonghui.config.environment import BadEnvironment, read

DEMO = {"GONGHUI_DEMO": "1"}


def test_a_variable_is_still_read_under_its_former_name():
    assert read(DEMO | {"GONGHUI_TRANSFER_MISSES": "7"}).lookup_misses == 7
    assert read(DEMO | {"GONGHUI_TRANSFER_MISSES": "7", "GONGHUI_LOOKUP_MISSES": "8"}).lookup_misses == 8
    assert read(DEMO).lookup_misses == 100


def test_a_wrong_value_names_the_variable_that_was_given():
    with pytest.raises(BadEnvironment, match="GONGHUI_TRANSFER_MISSES='many'"):
        read(DEMO | {"GONGHUI_TRANSFER_MISSES": "many"})
