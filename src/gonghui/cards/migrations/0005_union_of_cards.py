"""A card knows its member's union, written by the database; the next migration gives it to those that are there."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cards", "0004_unfinished"),
        ("members", "0025_of_unknown_sex"),
        ("unions", "0021_unorganised"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="card",
            name="update_update",
        ),
        migrations.AddField(
            model_name="card",
            name="union",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="unions.union",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="card",
            trigger=pgtrigger.compiler.Trigger(
                name="union_of_member",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="SELECT union_id INTO NEW.union_id FROM members_member WHERE id = NEW.member_id FOR SHARE; RETURN NEW;",
                    hash="d7472f653abc079ff1545e11ee8adfb7e704b2a8",
                    operation='INSERT OR UPDATE OF "member_id", "union_id"',
                    pgid="pgtrigger_union_of_member_113d5",
                    table="cards_card",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="card",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."ended_at" IS DISTINCT FROM (NEW."ended_at") OR OLD."foreign" IS DISTINCT FROM (NEW."foreign") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."issued_at" IS DISTINCT FROM (NEW."issued_at") OR OLD."issued_by_id" IS DISTINCT FROM (NEW."issued_by_id") OR OLD."lost_at" IS DISTINCT FROM (NEW."lost_at") OR OLD."made_at" IS DISTINCT FROM (NEW."made_at") OR OLD."member_id" IS DISTINCT FROM (NEW."member_id") OR OLD."number_hash" IS DISTINCT FROM (NEW."number_hash") OR OLD."number_sealed" IS DISTINCT FROM (NEW."number_sealed") OR OLD."printed_name" IS DISTINCT FROM (NEW."printed_name") OR OLD."replaces_id" IS DISTINCT FROM (NEW."replaces_id") OR OLD."seal_id" IS DISTINCT FROM (NEW."seal_id") OR OLD."state" IS DISTINCT FROM (NEW."state"))',
                    func='INSERT INTO "cards_cardevent" ("ended_at", "foreign", "id", "issued_at", "issued_by_id", "lost_at", "made_at", "member_id", "number_hash", "number_sealed", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "printed_name", "replaces_id", "seal_id", "state") VALUES (OLD."ended_at", OLD."foreign", OLD."id", OLD."issued_at", OLD."issued_by_id", OLD."lost_at", OLD."made_at", OLD."member_id", OLD."number_hash", OLD."number_sealed", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', OLD."id", OLD."printed_name", OLD."replaces_id", OLD."seal_id", OLD."state"); RETURN NULL;',
                    hash="5d9047b70af026e91c2360949b9585e6e30cf046",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_628bf",
                    table="cards_card",
                    when="AFTER",
                ),
            ),
        ),
    ]
