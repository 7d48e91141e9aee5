"""Who is told that a text waits for a second person, and when it is done (SPEC 1.5)."""

from django.db.models import Q
from django.urls import reverse

from gonghui.accounts.models import Role, User
from gonghui.notices.actions import notify, settle
from gonghui.notices.hooks import TaskKind
from gonghui.publishing.models import Article, Shown
from gonghui.publishing.rules import wrote
from gonghui.unions.levels import UnionKind

KIND = "publishing.article"


def task_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``."""
    return [TaskKind(KIND, "门户文章待复核", f"{reverse('publishing:list')}?state={Shown.SUBMITTED}")]


def ask_second_person(article: Article) -> None:
    """Tells the editors who wrote nothing of it."""
    editors = User.objects.filter(
        Q(roles__contains=[Role.ADMIN]) | Q(roles__contains=[Role.PLATFORM_ADMIN]),
        union__kind=UnionKind.CITY,
        is_active=True,
    ).order_by("pk")
    notify(
        [editor for editor in editors if not wrote(editor, article)],
        f"「{article.head}」待您复核发布",
        body=f"{article.submitted_by} 提交了{article.get_section_display()}的一篇文章。",
        url=reverse("publishing:article", args=[article.pk]),
        tasks=[task_of(article)],
        kind=KIND,
    )


def answered(article: Article) -> None:
    """Ends the asking: published, sent back, or written on."""
    settle([task_of(article)])


def tell_sent_back(article: Article, to: User, reason: str) -> None:
    notify(
        [to],
        f"「{article.head}」被退回修改",
        body=f"意见：{reason}",
        url=reverse("publishing:article", args=[article.pk]),
    )


def task_of(article: Article) -> str:
    return f"{KIND}:{article.pk}"
