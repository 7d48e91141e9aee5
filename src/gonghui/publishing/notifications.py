"""Who is told what: that a text waits for a second person, and what the city decides about a section (SPEC 1.5)."""

from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.notices.actions import notify, settle
from gonghui.notices.hooks import TaskKind
from gonghui.publishing.models import Article, LocalSection, Shown
from gonghui.publishing.rules import asks_city, editors_of, second_persons

KIND = "publishing.article"


def task_kinds() -> list[TaskKind]:
    """For ``notices.hooks.task_kinds``."""
    return [TaskKind(KIND, "门户文章待复核", f"{reverse('publishing:list')}?state={Shown.SUBMITTED}")]


def ask_second_person(article: Article) -> None:
    """Tells the editors who wrote nothing of it; of a district's article that the city decides on, the city's."""
    persons = editors_of(None) if asks_city(article) else second_persons(article)
    notify(
        persons.order_by("pk"),
        f"「{article.head}」待您复核发布",
        body=f"{article.submitted_by} 提交了{article.place}的一篇文章。",
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


def tell_withdrawn(article: Article) -> None:
    """Tells a district or bureau that the city has withdrawn its article."""
    notify(
        editors_of(article.local).order_by("pk"),
        f"市总工会撤下了「{article.head}」",
        body=f"原因：{article.reason}。修改后要再次发布的，请提交复核，由市总工会发布。",
        url=reverse("publishing:article", args=[article.pk]),
    )


def tell_opened(local: LocalSection) -> None:
    notify(
        editors_of(local).order_by("pk"),
        f"市总工会已开通「{local}」的门户栏目",
        body="本会的管理员可以在「门户管理」中撰写、发布本会栏目的文章和下载。",
        url=reverse("publishing:list"),
    )


def tell_closed(local: LocalSection, reason: str) -> None:
    """Nobody there has an article to answer any more, either."""
    notify(
        editors_of(local).order_by("pk"),
        f"市总工会已关闭「{local}」的门户栏目",
        body=f"原因：{reason}。栏目中的内容不再公开，也不能编辑，但全部保留；重新开通后恢复。",
    )
    waiting = Article.objects.filter(local=local, submitted_at__isnull=False).only("pk")
    settle([task_of(article) for article in waiting])


def task_of(article: Article) -> str:
    return f"{KIND}:{article.pk}"
