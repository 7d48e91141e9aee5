"""A phrase is offered for its own kind of request. One that was given in reviews of a single kind becomes that kind's;
the others stay for all."""

from django.conf import settings
from django.db import migrations, models

GIVE_KINDS = """
UPDATE reviews_phrase SET kind = found.kind
FROM (
    SELECT phrase.id, min(review.kind) AS kind
    FROM reviews_phrase phrase
    JOIN reviews_step step ON step.reviewer_id = phrase.user_id AND step.opinion = phrase.text
    JOIN reviews_review review ON review.id = step.review_id
    GROUP BY phrase.id
    HAVING count(DISTINCT review.kind) = 1
) found
WHERE found.id = reviews_phrase.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reviews", "0002_leave_covers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("phrase", "kind", models.TextField(blank=True, default="", verbose_name="类型")),
        migrations.RemoveConstraint("phrase", "phrase_once"),
        migrations.AddConstraint("phrase", models.UniqueConstraint("user", "kind", "text", name="phrase_once")),
        migrations.RunSQL(GIVE_KINDS, migrations.RunSQL.noop),
    ]
