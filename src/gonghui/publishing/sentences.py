"""Sentences that several actions refuse with."""

from gonghui.publishing.models import LocalSection


def may_not(local: LocalSection | None) -> str:
    """Who may edit in a section."""
    if local is None:
        return "只有市总工会的管理员可以编辑门户内容。"
    if not local.is_open:
        return f"市总工会已关闭「{local}」的栏目，不能编辑。重新开通后可以继续。"
    return f"只有「{local}」的管理员可以编辑它的栏目。"
