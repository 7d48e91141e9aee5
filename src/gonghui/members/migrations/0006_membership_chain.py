"""Stays become a chain: each succeeds one of the same member on the day on which that one ended; gaps get stays of their own."""

import django.db.models.deletion
from django.db import migrations, models

_CHAIN = """
SET CONSTRAINTS ALL IMMEDIATE;
WITH ordered AS (
    SELECT id, member_id, ended_on, ended_by, ended_act, lead(id) OVER following AS next_id,
        lead(began_on) OVER following AS next_on, lead(began_by) OVER following AS next_by,
        lead(began_act) OVER following AS next_act
    FROM members_membership WINDOW following AS (PARTITION BY member_id ORDER BY id)),
gaps AS (
    INSERT INTO members_membership
        (member_id, previous_id, union_id, began_on, began_by, began_act, ended_on, ended_by, ended_act)
    SELECT member_id, id, NULL, ended_on, ended_by, ended_act, next_on, next_by, next_act FROM ordered
    WHERE ended_on IS NOT NULL AND (next_on IS NULL OR next_on > ended_on)
    RETURNING id, previous_id)
UPDATE members_membership AS stay SET previous_id = coalesce(gaps.id, ordered.id)
FROM ordered LEFT JOIN gaps ON gaps.previous_id = ordered.id WHERE stay.id = ordered.next_id;
INSERT INTO members_membership (member_id, union_id, began_on, began_by)
SELECT id, union_id, (created_at AT TIME ZONE 'Asia/Shanghai')::date, 'added' FROM members_member AS member
WHERE NOT EXISTS (SELECT FROM members_membership WHERE member_id = member.id);
SET CONSTRAINTS ALL DEFERRED
"""

_KEY = """
ALTER TABLE members_membership ADD CONSTRAINT membership_no_gap FOREIGN KEY (previous_id, member_id, began_on)
    REFERENCES members_membership (id, member_id, ended_on) DEFERRABLE INITIALLY DEFERRED
"""


_REASONS = [
    ("added", "新增"),
    ("imported", "模板导入"),
    ("merged", "工会合并"),
    ("dissolved", "工会撤销"),
    ("restored", "工会恢复"),
    ("transferred", "会员转移"),
    ("resigned", "离职"),
    ("retired", "退休"),
    ("died", "去世"),
    ("left", "其他原因转出"),
    ("undone", "撤销转出"),
]


class Migration(migrations.Migration):
    dependencies = [("members", "0005_moves"), ("unions", "0004_former_code")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="previous",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.membership",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="union",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="unions.union",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="began_by",
            field=models.TextField(choices=_REASONS, verbose_name="加入方式"),
        ),
        migrations.AlterField(
            model_name="membership",
            name="ended_by",
            field=models.TextField(choices=_REASONS, null=True, verbose_name="离开方式"),
        ),
        migrations.RemoveConstraint(model_name="membership", name="membership_one_open"),
        migrations.RunSQL(_CHAIN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                models.F("member"), condition=models.Q(("previous", None)), name="membership_begins_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                models.F("previous"), condition=models.Q(("previous__isnull", False)), name="membership_succeeded_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("id", "member", "ended_on"), name="membership_end"),
        ),
        migrations.RunSQL(_KEY, "ALTER TABLE members_membership DROP CONSTRAINT membership_no_gap"),
    ]
