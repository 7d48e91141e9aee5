"""Prepared rows: the template once, the values for each row."""

import pytest
from django.template.loader import render_to_string
from django.test import override_settings
from django.utils.safestring import mark_safe

from gonghui.kit.rows import prepared_rows

ROW = "<tr><td>{{ name }}</td>{% if may %}<td>{{ name }}-{{ pk }}</td>{% endif %}{% cell '标签' label %}</tr>"


@pytest.fixture(autouse=True)
def template(settings, tmp_path):
    (tmp_path / "row.html").write_text(ROW)
    options = settings.TEMPLATES[0]
    with override_settings(TEMPLATES=[options | {"DIRS": [tmp_path, *options["DIRS"]]}]):
        prepared_rows.__globals__["_skeleton"].cache_clear()
        yield
        prepared_rows.__globals__["_skeleton"].cache_clear()


def row(pk: int, name: str = "张示例") -> dict[str, object]:
    return {"pk": pk, "name": name, "label": mark_safe("<b>正常</b>")}


@pytest.mark.parametrize("may", [True, False])
def test_each_row_is_what_its_template_makes_of_the_values(may):
    rows = [row(1), row(23, "李示例")]
    assert prepared_rows("row.html", rows, may=may) == "".join(
        render_to_string("row.html", values | {"may": may}) for values in rows
    )


def test_values_are_escaped_unless_they_are_marked_safe():
    page = prepared_rows("row.html", [row(1, '<script>&"')], may=False)
    assert "<td>&lt;script&gt;&amp;&quot;</td>" in page
    assert "<b>正常</b>" in page


def test_a_value_that_looks_like_a_mark_is_shown_as_it_is():
    assert "\ue000pk\ue001" in prepared_rows("row.html", [row(7, "\ue000pk\ue001")], may=False)


def test_no_row_is_nothing():
    assert prepared_rows("row.html", [], may=True) == ""
