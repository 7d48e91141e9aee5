"""Where articles stand: above the others of their section, on the home page, at another address."""

import re

from django.db import transaction
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.audit import verbs
from gonghui.audit.actions import record
from gonghui.kit.errors import Refused
from gonghui.publishing.articles.actions import lock, lock_unchanged, save
from gonghui.publishing.models import MAX_PINS, Article, ArticleState, FormerSlug, Section
from gonghui.publishing.site.actions import locked_site

verbs.register(
    article__pinned="置顶文章",
    article__unpinned="取消置顶",
    article__featured="文章加入轮播",
    article__unfeatured="文章移出轮播",
    article__moved="修改文章网址",
)

MAX_FEATURED = 5
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,19}")


def pin_article(article: Article, *, by: User) -> Article:
    """Puts a published article above the others of its section, of which MAX_PINS may be. Raises Refused."""
    with transaction.atomic():
        locked_site()  # so that two pins do not take one place
        article = lock(article, by)
        if article.state != ArticleState.PUBLISHED:
            raise Refused("只有已发布的文章可以置顶。")
        if article.pin:
            raise Refused("这篇文章已经置顶。请刷新页面查看。")
        others = Article.objects.filter(section=article.section, local=article.local, pin__isnull=False)
        others.filter(withdraw_at__lte=timezone.now()).update(pin=None)
        taken = set(others.values_list("pin", flat=True))
        free = [place for place in range(1, MAX_PINS + 1) if place not in taken]
        if not free:
            raise Refused(
                f"「{article.place}」已有 {MAX_PINS} 篇置顶，这是上限。请先取消其中一篇的置顶，再置顶这一篇。"
            )
        article.pin = free[0]
        save(article)
        record("article.pinned", article, by=by, section=article.section)
    return article


def unpin_article(article: Article, *, by: User) -> Article:
    """Raises Refused: ``by`` may not, or it is not pinned."""
    with transaction.atomic():
        article = lock(article, by)
        if not article.pin:
            raise Refused("这篇文章没有置顶。请刷新页面查看。")
        article.pin = None
        save(article)
        record("article.unpinned", article, by=by, section=article.section)
    return article


def feature_article(article: Article, *, by: User) -> Article:
    """Shows a published article of the city with its cover on the home page, up to MAX_FEATURED at once. Raises Refused."""
    with transaction.atomic():
        locked_site()
        article = lock(article, by)
        if article.local:
            raise Refused("首页轮播只有市总工会自己的文章。区局栏目最新的文章由首页自动列出。")
        if article.live is None or article.state != ArticleState.PUBLISHED:
            raise Refused("只有已发布的文章可以进入首页轮播。")
        if article.live.cover is None:
            raise Refused("首页轮播要有题图。请先在正文页上传题图、保存并发布，再加入轮播。")
        if article.featured:
            raise Refused("这篇文章已经在首页轮播中。请刷新页面查看。")
        if Article.objects.public().filter(featured=True).count() >= MAX_FEATURED:
            raise Refused(f"首页轮播已有 {MAX_FEATURED} 篇，这是上限。请先移出其中一篇，再加入这一篇。")
        article.featured = True
        save(article)
        record("article.featured", article, by=by)
    return article


def unfeature_article(article: Article, *, by: User) -> Article:
    """Raises Refused: ``by`` may not, or it is not there."""
    with transaction.atomic():
        article = lock(article, by)
        if not article.featured:
            raise Refused("这篇文章不在首页轮播中。请刷新页面查看。")
        article.featured = False
        save(article)
        record("article.unfeatured", article, by=by)
    return article


def move_article(article: Article, *, section: str, slug: str, version: int, by: User) -> Article:
    """Gives an article another section or address; the old address leads on. Raises Refused: a wrong or taken address."""
    with transaction.atomic():
        article = lock_unchanged(article, version, by)
        slug = slug.strip().lower() or str(article.pk)
        if slug != str(article.pk) and (not _SLUG.fullmatch(slug) or len(slug) > 60 or slug.isdecimal()):
            raise Refused(
                "网址只能由小写字母、数字和连字符组成，不能只有数字，最长 60 个字符，例如 winter-visit-2026。",
                field="slug",
            )
        if slug == article.slug and section == article.section:
            raise Refused("栏目和网址没有变化，没有需要保存的修改。", field="slug")
        if (section == Section.LOCAL) != (article.local is not None):
            raise Refused("区局栏目的文章和市总工会的文章不能互相移动，请选择原来的栏目。", field="section")
        taken = FormerSlug.objects.filter(slug=slug).exclude(article=article)
        if taken.exists() or Article.objects.filter(slug=slug).exclude(pk=article.pk).exists():
            raise Refused(f"网址 {slug} 已被另一篇文章使用过，请换一个。", field="slug")
        before = article.get_absolute_url()
        FormerSlug.objects.get_or_create(slug=article.slug, defaults={"article": article})
        FormerSlug.objects.filter(slug=slug).delete()
        if section != article.section:
            article.pin = None
        article.section, article.slug = Section(section), slug
        save(article)
        record("article.moved", article, by=by, changes=[["网址", before, article.get_absolute_url()]])
    return article
