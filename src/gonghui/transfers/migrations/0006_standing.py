"""退会 and 除名 among the departures, and what is reported of them; the next migration proves the constraints."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0002_scans_kept_again"),
        ("members", "0020_standing"),
        ("reviews", "0005_bulk_decisions"),
        ("transfers", "0005_attachments"),
        ("unions", "0013_standing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="transfer",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="transfer",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="transfer",
            name="transfer_way_whole",
        ),
        migrations.AddField(
            model_name="transfer",
            name="acknowledged_at",
            field=models.DateTimeField(null=True, verbose_name="备案时间"),
        ),
        migrations.AddField(
            model_name="transfer",
            name="acknowledged_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="document_number",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="决定文号"),
        ),
        migrations.AddField(
            model_name="transfer",
            name="document_on",
            field=models.DateField(null=True, verbose_name="申请或决定日期"),
        ),
        migrations.AddField(
            model_name="transferevent",
            name="acknowledged_at",
            field=models.DateTimeField(null=True, verbose_name="备案时间"),
        ),
        migrations.AddField(
            model_name="transferevent",
            name="acknowledged_by",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="transferevent",
            name="document_number",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="决定文号"),
        ),
        migrations.AddField(
            model_name="transferevent",
            name="document_on",
            field=models.DateField(null=True, verbose_name="申请或决定日期"),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="reason",
            field=models.TextField(
                blank=True,
                choices=[
                    ("resigned", "离职"),
                    ("retired", "退休"),
                    ("died", "去世"),
                    ("left", "其他原因转出"),
                    ("withdrawn", "退会"),
                    ("expelled", "除名"),
                ],
                default="",
                verbose_name="转出原因",
            ),
        ),
        migrations.AlterField(
            model_name="transferevent",
            name="reason",
            field=models.TextField(
                blank=True,
                choices=[
                    ("resigned", "离职"),
                    ("retired", "退休"),
                    ("died", "去世"),
                    ("left", "其他原因转出"),
                    ("withdrawn", "退会"),
                    ("expelled", "除名"),
                ],
                default="",
                verbose_name="转出原因",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "transfers_transferevent" ("acknowledged_at", "acknowledged_by_id", "act", "asked_at", "asked_by_id", "attachments_id", "decided_at", "decided_by_id", "document_number", "document_on", "due_on", "id", "member_id", "note", "opinion", "origin_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "reminded_on", "review_id", "state", "target_id", "upload_id", "way") VALUES (OLD."acknowledged_at", OLD."acknowledged_by_id", OLD."act", OLD."asked_at", OLD."asked_by_id", OLD."attachments_id", OLD."decided_at", OLD."decided_by_id", OLD."document_number", OLD."document_on", OLD."due_on", OLD."id", OLD."member_id", OLD."note", OLD."opinion", OLD."origin_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', OLD."id", OLD."reason", OLD."reminded_on", OLD."review_id", OLD."state", OLD."target_id", OLD."upload_id", OLD."way"); RETURN NULL;',
                    hash="dbdc62ccc12e9ab4149b1a3d03866611dbf4a376",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_108a5",
                    table="transfers_transfer",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="transfer",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "transfers_transferevent" ("acknowledged_at", "acknowledged_by_id", "act", "asked_at", "asked_by_id", "attachments_id", "decided_at", "decided_by_id", "document_number", "document_on", "due_on", "id", "member_id", "note", "opinion", "origin_id", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "reminded_on", "review_id", "state", "target_id", "upload_id", "way") VALUES (OLD."acknowledged_at", OLD."acknowledged_by_id", OLD."act", OLD."asked_at", OLD."asked_by_id", OLD."attachments_id", OLD."decided_at", OLD."decided_by_id", OLD."document_number", OLD."document_on", OLD."due_on", OLD."id", OLD."member_id", OLD."note", OLD."opinion", OLD."origin_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."reason", OLD."reminded_on", OLD."review_id", OLD."state", OLD."target_id", OLD."upload_id", OLD."way"); RETURN NULL;',
                    hash="deb16b2f121e9ede0d6814fc7167c81cea9e775c",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e2180",
                    table="transfers_transfer",
                    when="AFTER",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), ("target__isnull", False), ("way", "request")),
                    models.Q(("origin__isnull", False), ("reason", ""), ("target__isnull", False), ("way", "offer")),
                    models.Q(
                        ("origin__isnull", False),
                        ("reason__in", ["resigned", "retired", "died", "left", "withdrawn", "expelled"]),
                        ("target", None),
                        ("way", "leave"),
                    ),
                    _connector="OR",
                ),
                name="transfer_leads_somewhere",
            ),
        ),
        AddConstraintNotValid(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("document_on__isnull", False),
                        ("reason", "expelled"),
                        models.Q(("document_number", ""), _negated=True),
                    ),
                    models.Q(("document_number", ""), ("document_on__isnull", False), ("reason", "withdrawn")),
                    models.Q(
                        models.Q(("reason__in", ("withdrawn", "expelled")), _negated=True),
                        ("document_number", ""),
                        ("document_on", None),
                    ),
                    _connector="OR",
                ),
                name="transfer_ends_by_document",
            ),
        ),
        AddConstraintNotValid(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("acknowledged_at", None), ("acknowledged_by", None)),
                    models.Q(
                        ("acknowledged_at__isnull", False), ("acknowledged_by__isnull", False), ("reason", "expelled")
                    ),
                    _connector="OR",
                ),
                name="transfer_expulsion_acknowledged",
            ),
        ),
    ]
