"""A key beside each name, by which it is found and compared; empty where the name is its own key."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0005_sealed_rows"),
        ("members", "0010_sealed_rows"),
        ("unions", "0006_name_keys"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="member",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="member",
            name="delete_delete",
        ),
        migrations.RemoveIndex(
            model_name="member",
            name="member_name_prefix",
        ),
        migrations.RemoveIndex(
            model_name="member",
            name="member_name_bigrams",
        ),
        migrations.AddField(
            model_name="member",
            name="name_key",
            field=models.TextField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="memberevent",
            name="name_key",
            field=models.TextField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="stagedmember",
            name="name_key",
            field=models.TextField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "members_memberevent" ("address_sealed", "batch_id", "born_on", "correction", "created_at", "document_hash", "document_sealed", "document_type", "education", "expires_on", "has_card", "household", "id", "mobile_sealed", "name", "name_key", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinyin", "position", "seal_id", "sex", "skill_level", "status", "union_id", "unit_code") VALUES (OLD."address_sealed", OLD."batch_id", OLD."born_on", OLD."correction", OLD."created_at", OLD."document_hash", OLD."document_sealed", OLD."document_type", OLD."education", OLD."expires_on", OLD."has_card", OLD."household", OLD."id", OLD."mobile_sealed", OLD."name", OLD."name_key", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', OLD."id", OLD."pinyin", OLD."position", OLD."seal_id", OLD."sex", OLD."skill_level", OLD."status", OLD."union_id", OLD."unit_code"); RETURN NULL;',
                    hash="dd97a15a5ac975a0f717cb3db4d659123dee5879",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b1bc1",
                    table="members_member",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "members_memberevent" ("address_sealed", "batch_id", "born_on", "correction", "created_at", "document_hash", "document_sealed", "document_type", "education", "expires_on", "has_card", "household", "id", "mobile_sealed", "name", "name_key", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinyin", "position", "seal_id", "sex", "skill_level", "status", "union_id", "unit_code") VALUES (OLD."address_sealed", OLD."batch_id", OLD."born_on", OLD."correction", OLD."created_at", OLD."document_hash", OLD."document_sealed", OLD."document_type", OLD."education", OLD."expires_on", OLD."has_card", OLD."household", OLD."id", OLD."mobile_sealed", OLD."name", OLD."name_key", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."pinyin", OLD."position", OLD."seal_id", OLD."sex", OLD."skill_level", OLD."status", OLD."union_id", OLD."unit_code"); RETURN NULL;',
                    hash="2680bf82f6aaadddc13d90eda544728d882b4433",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_925fb",
                    table="members_member",
                    when="AFTER",
                ),
            ),
        ),
    ]
