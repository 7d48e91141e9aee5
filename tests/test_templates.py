"""How templates are written, where the formatter leaves it open: they are read, compared and merged by the line."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = sorted(settings.PACKAGE.glob("**/templates/**/*.html"))
MAX_LENGTH = 160  # characters: a Chinese sentence with its conditions cannot be broken without a space that is seen
BLOCKS = "caption|dd|div|dl|dt|fieldset|form|h[1-6]|li|nav|ol|p|section|table|tbody|td|tfoot|th|thead|tr|ul"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_a_line_is_short_and_holds_one_element(path: Path):
    lines = path.read_text().splitlines()
    assert [line for line in lines if len(line) > MAX_LENGTH] == []
    assert [line for line in lines if re.search(rf"</({BLOCKS})>\s*<[a-z]", line)] == []
