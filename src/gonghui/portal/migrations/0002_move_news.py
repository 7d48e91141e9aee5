"""News become articles of ``publishing`` with their numbers, so that their addresses stay."""

from types import SimpleNamespace

from django.db import migrations
from django.utils.html import linebreaks


def move(apps, schema_editor):
    from gonghui.publishing.articles.search import index_of
    from gonghui.publishing.html import clean

    news, article, revision = (
        apps.get_model(*name.split(".")) for name in ("portal.News", "publishing.Article", "publishing.Revision")
    )
    pins = list(news.objects.filter(pinned=True, withdrawn=False).order_by("-published_at", "-id")[:3])
    for item in news.objects.order_by("pk"):
        moved = article.objects.create(id=item.pk, section="news", slug=str(item.pk))
        moved.head = revision.objects.create(
            article=moved,
            number=1,
            title=" ".join(item.title.split())[:100] or "（无标题）",
            body=clean(str(linebreaks(item.body, autoescape=True))),
            saved_at=item.created_at,
        )
        moved.published_at, moved.changed_at = item.published_at, item.created_at
        if item.published_at:
            moved.live, moved.state = moved.head, "published"
            moved.search, moved.terms = index_of(
                SimpleNamespace(title=moved.head.title, body=moved.head.body, summary="", document_number="")
            )
            moved.pin = pins.index(item) + 1 if item in pins else None
        moved.save()
        if item.published_at and item.withdrawn:
            moved.state = "withdrawn"
            moved.save()
    schema_editor.execute(
        "SELECT setval(pg_get_serial_sequence('publishing_article', 'id'),"
        " greatest((SELECT max(id) FROM publishing_article), 1))"
    )


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial"), ("publishing", "0001_initial")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
