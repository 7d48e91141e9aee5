"""The text of articles: what is pasted along goes away, what is too much is refused in bounded time."""

from contextlib import suppress
from time import process_time

import pytest

from gonghui.kit.errors import Refused
from gonghui.publishing.html import MAX_CHARACTERS, as_plain, clean, from_plain, shown, text_of
from tests.growth import is_steep
from tests.publishing.stories import picture

OWN = "/pictures/00000000-0000-4000-8000-000000000000/960.webp"

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{mso-style-parent:""}</style>
<!--[if gte mso 9]><xml><w:WordDocument/></xml><![endif]--></head><body lang=ZH-CN>
<p class=MsoNormal style='text-indent:21pt;mso-char-indent-count:2'><span lang=EN-US style='font-family:宋体'>各级<o:p></o:p></span>
<b style='mso-bidi-font-weight:normal'>工会</b></p><script>alert(1)</script><p>&nbsp;</p></body></html>"""
WECHAT = """<section style="margin:0" data-role="outer"><section><p onclick="x()"><span style="color:red">走访</span></p>
<img data-src="https://mmbiz.qpic.cn/x" src="data:image/gif;base64,R0lGOD"><mp-style-type data-value="3"></mp-style-type></section>
</section><iframe src="https://v.qq.com/x"></iframe>"""


@pytest.mark.parametrize(
    ("pasted", "left"),
    [
        (WORD, "<p>各级\n<strong>工会</strong></p>"),
        (WECHAT, "<p>走访</p>"),
        ('<p><img src="x" onerror="alert(1)">图</p>', "<p>图</p>"),
        (f'<img src="{OWN}" alt="现场" onload="x">', f'<img src="{OWN}" alt="现场">'),
        ('<a href="javascript:alert(1)">看</a>', '<a rel="noopener noreferrer">看</a>'),
        ('<a href="https://www.gov.cn/">看</a>', '<a href="https://www.gov.cn/" rel="noopener noreferrer">看</a>'),
        ("<svg><script>x</script></svg><math><mi>x</mi></math>文", "文"),
        ('<p style="position:fixed" class="align-center modal">中</p>', '<p class="align-center">中</p>'),
        ("<h1>标题</h1><div>段</div>", "<h2>标题</h2><p>段</p>"),
        ('<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>', '"&gt;'),
    ],
)
def test_what_is_pasted_along_goes_away(pasted, left):
    assert clean(pasted) == left
    assert clean(left) == left


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<div>" * 10_000, "一层套一层"),
        ("".join(f"<p><font size={n}></p>" for n in range(5_000)), "一层套一层"),
        ("<i></x>" * 10_000, "一层套一层"),
        ("<br>" * 20_001, "格式标记超过上限"),
        ("文" * 5_000_000, "正文有 500 万个字符"),
        ("<" * (MAX_CHARACTERS // 2), "正文有 40 万个字符"),  # escaped it is four times as long
    ],
    ids=["nested", "reopened", "unclosed", "many", "five million", "escaped"],
)
def test_too_much_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(Refused, match=sentence) as refusal:
        clean(text)
    assert refusal.value.field == "body"


def test_the_time_grows_with_the_text_alone():
    start = "".join(f"<font size={n}>" for n in range(55))  # opened again in each paragraph

    def seconds(size: int) -> float:
        text, began = f"<p>{start}{'<p>文' * size}", process_time()
        with suppress(Refused):
            clean(text)
        return process_time() - began

    assert not is_steep(seconds)


def test_typed_text_is_text():
    assert from_plain("一\n二\n\n<b>三</b>") == "<p>一<br>二</p>\n\n<p>&lt;b&gt;三&lt;/b&gt;</p>"
    assert as_plain(from_plain("一\n二\n\n<b>三</b>")) == "一\n二\n\n<b>三</b>"
    assert as_plain("<p>一 <strong>二</strong></p>") is None
    assert text_of("<p>一&amp;</p><p>二</p>") == "一& 二"


def test_a_picture_is_shown_in_its_sizes_and_keeps_its_place_free(cast):
    one = picture(cast)
    body = clean(f'<p>图</p><img src="/pictures/{one.key}/600.webp" alt="x"><img src="{OWN}" alt="没有了">')
    page = shown(body, {str(one.key): one})
    assert f'srcset="/pictures/{one.key}/480.webp 480w, /pictures/{one.key}/600.webp 600w"' in page
    assert 'width="600" height="400" alt="走访现场" loading="lazy"' in page
    assert OWN not in page


def test_what_came_into_the_database_by_another_way_is_cleaned_when_shown():
    assert "script" not in shown("<script>alert(1)</script><p>文</p>", {})
