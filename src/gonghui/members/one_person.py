"""Two records of one person: pairs that a number proves, and records that were merged into another (SPEC 3.11, 5.6).

Here and not in models.py, which imports both.
"""

import pgtrigger
from django.db import models
from django.db.models.functions import Now


class Duplicate(models.Model):
    """Two records of one person. ``member`` keeps a key that its number does not prove; ``other`` has the proven key.

    `gonghui check` lists them until they are merged; see identity.py.
    """

    member = models.OneToOneField("members.Member", on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey("members.Member", on_delete=models.CASCADE, related_name="+")

    class Meta:
        app_label = "members"

    def __str__(self) -> str:
        return f"{self.member_id}, {self.other_id}"


class Alias(models.Model):
    """``member`` was merged into ``main``: the record stays, with its number and its document, and leads there.

    It is in no union and has no memberships; `merging.py` writes both, and takes both back.
    """

    member = models.OneToOneField("members.Member", on_delete=models.PROTECT, primary_key=True, related_name="alias_of")
    main = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="aliases")
    since = models.DateTimeField("合并时间", db_default=Now())

    class Meta:
        app_label = "members"
        constraints = [
            models.CheckConstraint(condition=~models.Q(member=models.F("main")), name="alias_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} → {self.main_id}"


ALIAS_STAYS_OUT = pgtrigger.Trigger(
    name="alias_stays_out",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("union_id"),
    condition=pgtrigger.Condition("OLD.union_id IS NULL AND NEW.union_id IS NOT NULL"),
    func="""
        IF EXISTS (SELECT FROM members_alias WHERE member_id = NEW.id) THEN
            RAISE EXCEPTION 'member % was merged into another record', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'members_member_alias_stays_out';
        END IF;
        RETURN NEW;
    """,
)
"""A merged record joins no union, whoever writes it. Asked only of those who come from no union."""
