"""会籍 of a member. The columns have constant defaults, and the constraints are proven by the next migration: quick, however many members there are."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0007_states_by_table"),
        ("members", "0019_national_form"),
        ("unions", "0013_standing"),
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
        migrations.AddField(
            model_name="member",
            name="retained_for",
            field=models.TextField(
                blank=True,
                choices=[
                    ("unemployed", "失业"),
                    ("laid_off", "待（下）岗"),
                    ("retired", "退休"),
                    ("early_retired", "退养（内退）"),
                    ("left_work", "退职"),
                    ("sick", "病休"),
                    ("bankrupt", "所在企业破产"),
                    ("military", "服兵役"),
                    ("other", "其他"),
                ],
                db_default="",
                default="",
                verbose_name="保留原因",
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="standing",
            field=models.TextField(
                choices=[("normal", "正常"), ("retained", "保留会籍"), ("resigned", "退会"), ("expelled", "除名")],
                db_default="normal",
                default="normal",
                verbose_name="会籍",
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="standing_on",
            field=models.DateField(null=True, verbose_name="会籍变动日期"),
        ),
        migrations.AddField(
            model_name="memberevent",
            name="retained_for",
            field=models.TextField(
                blank=True,
                choices=[
                    ("unemployed", "失业"),
                    ("laid_off", "待（下）岗"),
                    ("retired", "退休"),
                    ("early_retired", "退养（内退）"),
                    ("left_work", "退职"),
                    ("sick", "病休"),
                    ("bankrupt", "所在企业破产"),
                    ("military", "服兵役"),
                    ("other", "其他"),
                ],
                db_default="",
                default="",
                verbose_name="保留原因",
            ),
        ),
        migrations.AddField(
            model_name="memberevent",
            name="standing",
            field=models.TextField(
                choices=[("normal", "正常"), ("retained", "保留会籍"), ("resigned", "退会"), ("expelled", "除名")],
                db_default="normal",
                default="normal",
                verbose_name="会籍",
            ),
        ),
        migrations.AddField(
            model_name="memberevent",
            name="standing_on",
            field=models.DateField(null=True, verbose_name="会籍变动日期"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="began_by",
            field=models.TextField(
                choices=[
                    ("added", "新增"),
                    ("imported", "模板导入"),
                    ("by_code", "组织机构代码导入"),
                    ("merged", "工会合并"),
                    ("dissolved", "工会撤销"),
                    ("restored", "工会恢复"),
                    ("transferred", "会员转移"),
                    ("resigned", "离职"),
                    ("retired", "退休"),
                    ("died", "去世"),
                    ("left", "其他原因转出"),
                    ("undone", "撤销转出"),
                    ("withdrawn", "退会"),
                    ("expelled", "除名"),
                ],
                verbose_name="加入方式",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="ended_by",
            field=models.TextField(
                choices=[
                    ("added", "新增"),
                    ("imported", "模板导入"),
                    ("by_code", "组织机构代码导入"),
                    ("merged", "工会合并"),
                    ("dissolved", "工会撤销"),
                    ("restored", "工会恢复"),
                    ("transferred", "会员转移"),
                    ("resigned", "离职"),
                    ("retired", "退休"),
                    ("died", "去世"),
                    ("left", "其他原因转出"),
                    ("undone", "撤销转出"),
                    ("withdrawn", "退会"),
                    ("expelled", "除名"),
                ],
                null=True,
                verbose_name="离开方式",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="standing_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.standing NOT IN ('normal'))",
                    func="\n                RAISE EXCEPTION '%.standing: % after % is not in its table of transitions', TG_TABLE_NAME, NEW.standing,\n                    CASE TG_OP WHEN 'UPDATE' THEN OLD.standing ELSE 'nothing' END\n                    USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_standing_begins';\n            ",
                    hash="54059659a01ebfa995b4b70a85eeb7805a7d9341",
                    operation="INSERT",
                    pgid="pgtrigger_standing_begins_48acf",
                    table="members_member",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="standing_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.standing <> NEW.standing AND (OLD.standing, NEW.standing) NOT IN (('normal', 'retained'), ('normal', 'resigned'), ('normal', 'expelled'), ('retained', 'normal'), ('retained', 'resigned'), ('retained', 'expelled'), ('resigned', 'normal'), ('resigned', 'retained'), ('expelled', 'normal'), ('expelled', 'retained')))",
                    func="\n                RAISE EXCEPTION '%.standing: % after % is not in its table of transitions', TG_TABLE_NAME, NEW.standing,\n                    CASE TG_OP WHEN 'UPDATE' THEN OLD.standing ELSE 'nothing' END\n                    USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_standing_moves';\n            ",
                    hash="a288e23f8c38e390bb3ce4ebb2673c1d94501cca",
                    operation='UPDATE OF "standing"',
                    pgid="pgtrigger_standing_moves_ca8be",
                    table="members_member",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="member",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "members_memberevent" ("address_sealed", "batch_id", "born_on", "correction", "created_at", "document_hash", "document_sealed", "document_type", "education", "employment", "ethnicity_sealed", "expires_on", "has_card", "honour_level", "honour_year", "household", "household_place_sealed", "id", "joined_on", "migrant_worker", "mobile_sealed", "name", "name_key", "nationality", "native_place_sealed", "new_employment", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinyin", "political_status_sealed", "position", "retained_for", "seal_id", "sex", "skill_level", "staff_number", "standing", "standing_on", "status", "union_id", "unit_code", "workplace") VALUES (OLD."address_sealed", OLD."batch_id", OLD."born_on", OLD."correction", OLD."created_at", OLD."document_hash", OLD."document_sealed", OLD."document_type", OLD."education", OLD."employment", OLD."ethnicity_sealed", OLD."expires_on", OLD."has_card", OLD."honour_level", OLD."honour_year", OLD."household", OLD."household_place_sealed", OLD."id", OLD."joined_on", OLD."migrant_worker", OLD."mobile_sealed", OLD."name", OLD."name_key", OLD."nationality", OLD."native_place_sealed", OLD."new_employment", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'update\', OLD."id", OLD."pinyin", OLD."political_status_sealed", OLD."position", OLD."retained_for", OLD."seal_id", OLD."sex", OLD."skill_level", OLD."staff_number", OLD."standing", OLD."standing_on", OLD."status", OLD."union_id", OLD."unit_code", OLD."workplace"); RETURN NULL;',
                    hash="a775b137520772fd2cf5a406b89252dc9316fb4a",
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
                    func='INSERT INTO "members_memberevent" ("address_sealed", "batch_id", "born_on", "correction", "created_at", "document_hash", "document_sealed", "document_type", "education", "employment", "ethnicity_sealed", "expires_on", "has_card", "honour_level", "honour_year", "household", "household_place_sealed", "id", "joined_on", "migrant_worker", "mobile_sealed", "name", "name_key", "nationality", "native_place_sealed", "new_employment", "number", "pgh_context", "pgh_created_at", "pgh_label", "pgh_obj_id", "pinyin", "political_status_sealed", "position", "retained_for", "seal_id", "sex", "skill_level", "staff_number", "standing", "standing_on", "status", "union_id", "unit_code", "workplace") VALUES (OLD."address_sealed", OLD."batch_id", OLD."born_on", OLD."correction", OLD."created_at", OLD."document_hash", OLD."document_sealed", OLD."document_type", OLD."education", OLD."employment", OLD."ethnicity_sealed", OLD."expires_on", OLD."has_card", OLD."honour_level", OLD."honour_year", OLD."household", OLD."household_place_sealed", OLD."id", OLD."joined_on", OLD."migrant_worker", OLD."mobile_sealed", OLD."name", OLD."name_key", OLD."nationality", OLD."native_place_sealed", OLD."new_employment", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, NOW(), \'delete\', OLD."id", OLD."pinyin", OLD."political_status_sealed", OLD."position", OLD."retained_for", OLD."seal_id", OLD."sex", OLD."skill_level", OLD."staff_number", OLD."standing", OLD."standing_on", OLD."status", OLD."union_id", OLD."unit_code", OLD."workplace"); RETURN NULL;',
                    hash="ab4f4acc8bf8d62e1061007fd9c3005d233eafb1",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_925fb",
                    table="members_member",
                    when="AFTER",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("standing__in", ["normal", "retained", "resigned", "expelled"])),
                name="member_standing_known",
            ),
        ),
        AddConstraintNotValid(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("standing__in", ["resigned", "expelled"]), _negated=True),
                    models.Q(("standing_on__isnull", False), ("union", None)),
                    _connector="OR",
                ),
                name="member_ended_standing_is_dated",
            ),
        ),
        AddConstraintNotValid(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        (
                            "retained_for__in",
                            [
                                "unemployed",
                                "laid_off",
                                "retired",
                                "early_retired",
                                "left_work",
                                "sick",
                                "bankrupt",
                                "military",
                                "other",
                            ],
                        ),
                        ("standing", "retained"),
                        ("standing_on__isnull", False),
                    ),
                    models.Q(models.Q(("standing", "retained"), _negated=True), ("retained_for", "")),
                    _connector="OR",
                ),
                name="member_retained_for_a_reason",
            ),
        ),
    ]
