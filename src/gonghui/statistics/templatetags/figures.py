"""A number of 「统计分析」, with the address of what is behind it."""

from urllib.parse import urlencode

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gonghui.kit.addresses import address
from gonghui.statistics.figures import Numbers
from gonghui.statistics.lines import PEOPLE
from gonghui.statistics.models import Figure

register = template.Library()


@register.simple_tag(takes_context=True)
def figure(
    context: Context, row: Numbers | Figure, column: str, dimension: str = "", value: str = "", text: str = ""
) -> SafeString | str:
    """``{% figure part "joined" %}``: the number, as a link where it counts somebody.

    A row of what is below leads to that node, and at a street to the street's list of that union; ``dimension`` and
    ``value`` are what such a row is of, where it is not of all. ``text`` stands in the number's place. On a phone the
    numbers within a row are none to hit with a thumb.
    """
    number = getattr(row, column)
    shown = text or intcomma(number, use_l10n=False)
    node, closing = context["node"], context["closing"]
    dimension, value = (dimension, value) if isinstance(row, Figure) else (row.dimension, row.value)
    asked = {"day": closing.day.isoformat(), "basis": closing.basis, "of": column}
    if dimension:
        asked |= {"group": dimension, "value": value}
    pk = node.pk
    if isinstance(row, Figure):
        if node.level == 3:
            asked["union"] = row.node_id
        elif row.node_id in context["visible"]:
            pk = row.node_id
        else:
            return shown
    if not number or column not in PEOPLE:
        return shown
    link = f"{address('statistics:cell', pk)}?{urlencode(asked)}"
    if text or row is context.get("whole"):
        return format_html('<a class="{}" href="{}">{}</a>', "" if text else "cell-link", link, shown)
    both = '<a class="cell-link desk-only" href="{}">{}</a><span class="phone-only">{}</span>'
    return format_html(both, link, shown, shown)
