"""The error pages for times when the platform cannot answer; they need no database (SPEC 7.4)."""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from csp.utils import build_policy
from django.template.loader import render_to_string

from gonghui.portal.context import names


@dataclass(frozen=True)
class Trouble:
    """A heading and a sentence with the remedy."""

    status: int
    title: str
    sentence: str


AWAY = Trouble(
    503,
    "数据库暂时没有响应",
    "数据库暂时没有响应，请稍后刷新；刚才的操作可能没有保存，请刷新后先查看，再决定是否重做。",
)
TOO_SLOW = Trouble(
    503,
    "查询时间过长",
    "这次查询或操作花费的时间过长，已经停止，没有保存。请缩小范围（例如换一个条件或较短的日期段）后再试，或稍后重试。",
)
BUSY = Trouble(
    503, "同时使用的人太多", "现在同时使用的人太多，这次请求没有处理。请过几秒钟刷新；刚才的操作请重做一次。"
)
TOO_SLOW_BODY = Trouble(408, "上传中断", "表单或文件没有在规定时间内传完，没有保存。请检查网络后返回上一页，重新提交。")

RETRY_SECONDS = 10

_CANCELLED = {"57014", "55P03"}  # statement_timeout or our cancellation, lock_timeout
_UNAVAILABLE = ("08", "53", "57P")  # no connection; no disk, memory or connection left; stopping or starting


def trouble_of(error: BaseException | None) -> Trouble | None:
    """Returns AWAY or TOO_SLOW if ``error`` comes from an unreachable or slow database; None for our own faults."""
    for link in _chain(error):
        state = link.sqlstate if isinstance(link, psycopg.Error) else None
        if state in _CANCELLED:
            return TOO_SLOW
        if isinstance(link, psycopg.OperationalError) and (state is None or state.startswith(_UNAVAILABLE)):
            return AWAY
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yields the error and its causes: a broken connection causes other errors (「Cannot open a new connection …」)."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def page_of(trouble: Trouble, htmx: bool) -> tuple[int, dict[str, str], bytes]:
    """Returns status, headers and content: a page, or for htmx only the sentence, shown in the place of messages."""
    template = "includes/away.html" if htmx else "away.html"
    content = render_to_string(template, {"trouble": trouble, "product": names()}).encode()
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(content)),
        "Cache-Control": "no-store",
        "Content-Security-Policy": build_policy(),  # the middlewares may not have run
        "X-Frame-Options": "DENY",
        "Retry-After": str(RETRY_SECONDS),
        "X-Content-Type-Options": "nosniff",
    }
    if htmx:
        headers |= {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"}
    return trouble.status, headers, content
