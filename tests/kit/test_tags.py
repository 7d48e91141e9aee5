"""Template tags that are more than a call."""

from datetime import date

import pytest
from django.template import engines

from gonghui.kit.tags import browser

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0 Safari/537.36", "Chrome，Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0 Safari/537.36 Edg/130.0", "Edge，Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari，macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0 Safari", "微信，iPhone"),
        (f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/130.0 Mobile Safari/537.36", "Chrome，Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox，Linux"),
        ("curl/8.5", "curl/8.5"),
        ("", ""),
    ],
)
def test_a_user_agent_is_told_by_its_browser_and_system(user_agent, name):
    assert browser(user_agent) == name


@pytest.mark.parametrize(
    ("tag", "html"),
    [
        ('{% columns "姓名" "性别" %}', '<th scope="col">姓名</th><th scope="col">性别</th>'),
        ('{% columns "操作" "操作" %}', '<th scope="col">操作</th><th scope="col" class="acts-head">操作</th>'),
        ('{% cell "姓名" name %}', '<td data-label="姓名">&lt;王&gt;</td>'),
        ('{% cell "日期" day|date:"Y-m-d"|dash "num end" %}', '<td class="num end" data-label="日期">2026-01-02</td>'),
        ('{% cell "说明" missing|dash %}', '<td class="nothing" data-label="说明">-</td>'),
        ('{% fact "人数" count "num" %}', '<div><dt>人数</dt><dd class="num">1200</dd></div>'),
        ('{% fact "备注" name wide=True %}', '<div class="wide"><dt>备注</dt><dd>&lt;王&gt;</dd></div>'),
        ("{% num count %}", '<span class="num">1200</span>'),
    ],
)
def test_a_cell_shows_its_value_as_a_template_does(tag, html):
    context = {"name": "<王>", "day": date(2026, 1, 2), "count": 1200}
    assert engines["django"].from_string(tag).render(context) == html
