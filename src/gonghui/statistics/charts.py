"""A line chart, drawn by the server: what it shows stands in the table below it, too."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, EDGE = 360, 96, 6


def line_chart(values: Sequence[int | None], said: str) -> SafeString:
    """A line through the known values, with a dot at each and a full one at the last. ``said`` is read out.

    The lowest value stands at the lower edge, which is not nought: the table's numbers tell.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return SafeString("")
    least, most = min(value for _, value in known), max(value for _, value in known)
    across, up = (WIDTH - 2 * EDGE) / (len(values) - 1), (HEIGHT - 2 * EDGE) / ((most - least) or 1)
    points = [(f"{EDGE + place * across:.1f}", f"{HEIGHT - EDGE - (value - least) * up:.1f}") for place, value in known]
    dots = format_html_join("", '<circle cx="{}" cy="{}" r="3"/>', points[:-1])
    return format_html(
        '<svg class="line-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<polyline points="{}"/>{}<circle class="last" cx="{}" cy="{}" r="4"/></svg>',
        WIDTH, HEIGHT, said, " ".join(",".join(point) for point in points), dots, *points[-1],
    )  # fmt: skip
