"""A key beside each name, by which it is found and compared; empty where the name is its own key."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from gonghui.kit.names import GRAMS_SQL


class Migration(migrations.Migration):
    dependencies = [
        ("unions", "0005_sealed_rows"),
    ]

    operations = [
        migrations.RunSQL(GRAMS_SQL, "DROP FUNCTION gonghui_grams(text)"),
        pgtrigger.migrations.RemoveTrigger(
            model_name="employer",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="employer",
            name="delete_delete",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="union",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="union",
            name="delete_delete",
        ),
        migrations.RemoveIndex(
            model_name="employer",
            name="employer_name_bigrams",
        ),
        migrations.RemoveIndex(
            model_name="employer",
            name="employer_name",
        ),
        migrations.RemoveIndex(
            model_name="registeredemployer",
            name="registered_name_bigrams",
        ),
        migrations.RemoveIndex(
            model_name="registeredemployer",
            name="registered_name",
        ),
        migrations.RemoveIndex(
            model_name="union",
            name="union_name_bigrams",
        ),
        migrations.AddField(
            model_name="employer",
            name="name_key",
            field=models.TextField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="employerevent",
            name="name_key",
            field=models.TextField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="registeredemployer",
            name="name_key",
            field=models.TextField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="union",
            name="name_key",
            field=models.TextField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="unionevent",
            name="name_key",
            field=models.TextField(editable=False, null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="employer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "unions_employerevent" ("address", "code", "economic_type", "former_code", "id", "industry", "name", "name_key", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_id", "union_id") VALUES (OLD."address", OLD."code", OLD."economic_type", OLD."former_code", OLD."id", OLD."industry", OLD."name", OLD."name_key", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', OLD."id", OLD."registered_id", OLD."union_id"); RETURN NULL;',
                    hash="0bc7a01a8dc85309f8eb23da8c7cee33dce4bf63",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_968ae",
                    table="unions_employer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="employer",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "unions_employerevent" ("address", "code", "economic_type", "former_code", "id", "industry", "name", "name_key", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_id", "union_id") VALUES (OLD."address", OLD."code", OLD."economic_type", OLD."former_code", OLD."id", OLD."industry", OLD."name", OLD."name_key", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."registered_id", OLD."union_id"); RETURN NULL;',
                    hash="9345fe82d2354cc0c55e3ca3ae23015b66cc7d4f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2caf0",
                    table="unions_employer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="union",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."area" IS DISTINCT FROM (NEW."area") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."founded_on" IS DISTINCT FROM (NEW."founded_on") OR OLD."grassroots_type" IS DISTINCT FROM (NEW."grassroots_type") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."leader" IS DISTINCT FROM (NEW."leader") OR OLD."level2_id" IS DISTINCT FROM (NEW."level2_id") OR OLD."level3_id" IS DISTINCT FROM (NEW."level3_id") OR OLD."merged" IS DISTINCT FROM (NEW."merged") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."name_key" IS DISTINCT FROM (NEW."name_key") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."phone_sealed" IS DISTINCT FROM (NEW."phone_sealed") OR OLD."pinyin" IS DISTINCT FROM (NEW."pinyin") OR OLD."reelection_on" IS DISTINCT FROM (NEW."reelection_on") OR OLD."seal_id" IS DISTINCT FROM (NEW."seal_id") OR OLD."staff_count" IS DISTINCT FROM (NEW."staff_count") OR OLD."state" IS DISTINCT FROM (NEW."state") OR OLD."superior_id" IS DISTINCT FROM (NEW."superior_id"))',
                    func='INSERT INTO "unions_unionevent" ("area", "code", "created_at", "founded_on", "grassroots_type", "id", "kind", "leader", "level2_id", "level3_id", "merged", "name", "name_key", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_sealed", "pinyin", "reelection_on", "seal_id", "staff_count", "state", "superior_id") VALUES (OLD."area", OLD."code", OLD."created_at", OLD."founded_on", OLD."grassroots_type", OLD."id", OLD."kind", OLD."leader", OLD."level2_id", OLD."level3_id", OLD."merged", OLD."name", OLD."name_key", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', OLD."id", OLD."phone_sealed", OLD."pinyin", OLD."reelection_on", OLD."seal_id", OLD."staff_count", OLD."state", OLD."superior_id"); RETURN NULL;',
                    hash="c9f78763c18d31f120d33f178f7306d1cd22738d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c28ce",
                    table="unions_union",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="union",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "unions_unionevent" ("area", "code", "created_at", "founded_on", "grassroots_type", "id", "kind", "leader", "level2_id", "level3_id", "merged", "name", "name_key", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_sealed", "pinyin", "reelection_on", "seal_id", "staff_count", "state", "superior_id") VALUES (OLD."area", OLD."code", OLD."created_at", OLD."founded_on", OLD."grassroots_type", OLD."id", OLD."kind", OLD."leader", OLD."level2_id", OLD."level3_id", OLD."merged", OLD."name", OLD."name_key", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."phone_sealed", OLD."pinyin", OLD."reelection_on", OLD."seal_id", OLD."staff_count", OLD."state", OLD."superior_id"); RETURN NULL;',
                    hash="5a0c315f34b90f96d8ca81a6f79a2d721b630798",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_12886",
                    table="unions_union",
                    when="AFTER",
                ),
            ),
        ),
    ]
