"""Proposes 单位性质 and 经济类型（全国口径） where the mixed list leaves no doubt (ADR 38); the rest stays empty.

One statement. The history triggers rest: the earlier version of a row would differ only by columns that it never had.
"""

import pgtrigger
from django.db import migrations

CERTAIN = {
    # of the mixed list: (单位性质, 经济类型（全国口径）); empty where more than one value is possible
    "state": ("state", "state"),
    "collective": ("collective", "collective"),
    "stock_cooperative": ("stock_cooperative", ""),
    "joint_operation": ("joint_operation", "joint_operation"),
    "stock_limited": ("", "shareholding"),
    "private": ("private", "private"),
    "other_domestic": ("other_domestic", ""),
    "hmt_invested": ("hmt_invested", "hmt_invested"),
    "foreign_invested": ("foreign_invested", "foreign_invested"),
    "individual": ("individual", "individual"),
    "government": ("government", ""),
}


def propose(apps: object, schema_editor: object) -> None:
    rows = ", ".join(["(%s, %s, %s)"] * len(CERTAIN))
    values = [value for mixed, proposed in CERTAIN.items() for value in (mixed, *proposed)]
    with pgtrigger.ignore(), schema_editor.connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(
            f"""
            UPDATE unions_employer
            SET employer_kind = certain.kind, national_economic_type = certain.economic
            FROM (VALUES {rows}) AS certain (mixed, kind, economic)
            WHERE economic_type = certain.mixed
            """,  # noqa: S608 (only placeholders)
            values,
        )


class Migration(migrations.Migration):
    dependencies = [("unions", "0016_national_form")]
    operations = [migrations.RunPython(propose, migrations.RunPython.noop)]
