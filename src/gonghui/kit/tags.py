"""Template tags of every template: icons, badges of states, cells and facts, masks."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django import template
from django.template import Context
from django.template.base import Parser, Token, render_value_in_context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as parse_url
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gonghui.kit import documents
from gonghui.kit.addresses import address
from gonghui.kit.lists import lists_of
from gonghui.kit.pictures import Picture, largest, picture_tag
from gonghui.kit.sorting import PARAMETER, Sorting

register = template.Library()
_ICONS = Path(__file__).resolve().parent.parent / "static" / "vendor" / "icons"

# One colour has one meaning everywhere. The keys are the states of all apps.
_STATES = {
    "orange": "pending waiting reopened sorted made ready submitted overdue",
    "blue": (
        "queued running planned requested making awaited building exported reading retained marking "
        "drawing applied offered uploading checking loading scheduled contacted"
    ),
    "green": (
        "open approved done sent normal agreed joined issued acknowledged reported booked attended published accepted merged signed"
    ),
    "red": "returned refused failed checked unmatched invalid lost left_out expelled ended cancelled absent",
    "grey": "left lapsed undone resigned closed over different unfit",
}
TONES = {state: tone for tone, states in _STATES.items() for state in states.split()}


@cache
def _svg(name: str) -> str:
    path = _ICONS / f"{name}.svg"
    if not path.exists():  # front-end files not built: the page still works
        return ""
    svg = path.read_text()
    return svg[svg.index("<svg") :].replace("<svg", '<svg aria-hidden="true" focusable="false"', 1)


@register.simple_tag
def icon(name: str) -> SafeString:
    """The named Tabler icon, inlined; decoration only (hidden from screen readers)."""
    return mark_safe(_svg(name))  # noqa: S308 (our own file)


class AddressNode(URLNode):
    """Django's ``{% url %}`` with cached addresses, without keyword arguments and application namespaces."""

    def render(self, context: Context) -> str:
        if self.asvar or self.kwargs:
            return super().render(context)
        path = address(self.view_name.resolve(context), *(arg.resolve(context) for arg in self.args))
        return conditional_escape(path) if context.autoescape else path


@register.tag
def url(parser: Parser, token: Token) -> URLNode:
    """Replaces Django's tag in every template."""
    node = parse_url(parser, token)
    return AddressNode(node.view_name, node.args, node.kwargs, node.asvar)


@register.simple_tag(takes_context=True)
def list_url(context: Context, name: str, *args: object) -> str:
    """As ``url``, with the last filters and page of a list, for breadcrumbs and 「返回」."""
    return lists_of(context["request"]).address(address(name, *args))


@register.simple_tag
def badge(state: str, label: str) -> SafeString:
    """A state as a badge: ``{% badge union.state union.get_state_display %}``."""
    return format_html('<span class="badge badge-{}">{}</span>', TONES.get(state, "grey"), label)


@register.simple_tag
def columns(*headings: str) -> SafeString:
    """Headings of a list: ``{% columns "姓名" "性别" %}``. 「操作」 at the end stands above what can be done, on the right, and
    not on paper.
    """
    acts = len(headings) - 1 if headings[-1] == "操作" else None
    told = ((_class("acts-head" if place == acts else ""), heading) for place, heading in enumerate(headings))
    return format_html_join("", '<th scope="col"{}>{}</th>', told)


@register.simple_tag(takes_context=True)
def sorted_column(context: Context, heading: str, key: str, classes: str = "", title: str = "") -> SafeString:
    """A heading by which the list can be sorted: ``{% sorted_column "提交时间" "submitted" %}``. Wants `sorting`
    (kit.sorting); without it a heading as any other. ``title``: what it sorts by, where the heading does not say it all.
    """
    sorting: Sorting | None = context.get("sorting")
    if sorting is None:
        return format_html('<th scope="col"{}>{}</th>', _class(classes), heading)
    query = context["request"].GET.copy()
    for passing in ("page", "near"):
        query.pop(passing, None)
    query[PARAMETER] = sorting.next(key)
    here = key == sorting.key
    state = format_html(' aria-sort="{}"', "descending" if sorting.descending else "ascending") if here else ""
    mark = icon("chevron-down" if sorting.descending else "chevron-up") if here else ""
    title = title or f"按{heading}排序"
    link = format_html('<a href="?{}" title="{}">{}{}</a>', query.urlencode(), title, heading, mark)
    return format_html('<th scope="col"{}{}>{}</th>', _class(f"{classes} sorts".strip()), state, link)


@register.simple_tag
def tick_all(label: str = "全选本页") -> SafeString:
    """The heading of the boxes of a list, which ticks all of its table; on a phone it says so."""
    return format_html(
        '<th scope="col" class="tick"><label><input type="checkbox" data-tick-all aria-label="{0}">'
        '<span aria-hidden="true">{0}</span></label></th>',
        label,
    )


@register.simple_tag(takes_context=True)
def cell(context: Context, heading: str, value: object, classes: str = "") -> SafeString:
    """A cell of a list with its heading for phones: ``{% cell "会员编号" member.number "num" %}``.

    A dash keeps a place in a column; on a phone's card it would only be in the way (``nothing``).
    """
    shown = render_value_in_context(value, context)
    if shown in ("", "-"):
        classes = f"{classes} nothing".lstrip()
    return format_html('<td{} data-label="{}">{}</td>', _class(classes), heading, shown)


@register.simple_tag(takes_context=True)
def fact(context: Context, label: str, value: object, classes: str = "", wide: bool = False) -> SafeString:
    """A line of ``dl.facts``: ``{% fact "建会日期" union.founded_on|date "num" %}``."""
    shown = render_value_in_context(value, context)
    whole = _class("wide" if wide else "")
    return format_html("<div{}><dt>{}</dt><dd{}>{}</dd></div>", whole, label, _class(classes), shown)


@register.simple_tag(takes_context=True)
def num(context: Context, value: object) -> SafeString:
    """A number, date or code in a text, with digits of equal width."""
    return format_html('<span class="num">{}</span>', render_value_in_context(value, context))


def _class(names: str) -> SafeString | str:
    return format_html(' class="{}"', names) if names else ""


@register.simple_tag
def picture(one: Picture, sizes: str, now: bool = False) -> SafeString:
    """Draws a picture; ``now``: it is seen at once, so it does not wait for the rest of the page."""
    return picture_tag(one, sizes=sizes, lazy=not now)


register.filter("largest", largest)
register.filter("masked_number", documents.mask_number)
register.filter("masked_name", documents.mask_name)
register.filter("masked_mobile", documents.mask_mobile)
register.filter("masked_address", documents.mask_address)


# The first match counts: Edge also contains "Chrome", Chrome contains "Safari", and HarmonyOS contains "Android".
_BROWSERS = {
    "MicroMessenger": "微信",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Windows": "Windows",
    "HarmonyOS": "鸿蒙",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """Returns the common name of a user agent, such as 「Chrome，Windows」; an unknown one unchanged."""
    names = [next((name for sign, name in signs.items() if sign in user_agent), "") for signs in (_BROWSERS, _SYSTEMS)]
    return "，".join(filter(None, names)) or user_agent


@register.simple_tag
def spark(values: Sequence[int]) -> SafeString:
    """A small line chart of the values with a dot at the last one: decoration beside the figure."""
    least, most = min(values), max(values)
    scale = (most - least) or 1
    points = [
        (f"{place * 68 / (len(values) - 1) + 1:.1f}", f"{21 - (value - least) * 18 / scale:.1f}")
        for place, value in enumerate(values)
    ]
    line, (x, y) = " ".join(",".join(point) for point in points), points[-1]
    return format_html(
        '<svg class="spark" viewBox="0 0 72 24" aria-hidden="true" focusable="false">'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>',
        line,
        x,
        y,
    )


@register.simple_tag
def signed(number: int) -> str:
    """A difference with its sign: 「+127」, 「−3」, 「持平」."""
    return f"+{number}" if number > 0 else f"−{-number}" if number else "持平"


@register.simple_tag
def heat(part: int | None, whole: int | None) -> str:
    """Returns the class of a cell for ``part`` of ``whole``, in six steps (tokens.css)."""
    return f"heat-{min(5, part * 6 // whole)}" if part is not None and whole else ""


@register.filter
def dash(value: object) -> object:
    """Returns 「-」 for an empty value."""
    return "-" if value in (None, "") else value
