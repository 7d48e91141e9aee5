"""What all rows of the city share: the plan, the tables, the superiors, and how an act is recorded and notified."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from django.db import models
from django.urls import reverse

from gonghui.accounts.models import User
from gonghui.audit.hooks import VERBS
from gonghui.audit.models import Entry
from gonghui.audit.verbs import fact
from gonghui.demo_data.backdating import ADDRESS
from gonghui.demo_data.city.plan import Clock, Plan
from gonghui.demo_data.city.rows import Rows
from gonghui.notices.models import Notice
from gonghui.reviews.actions import task_of
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Review, ReviewPart, ReviewState, Step
from gonghui.reviews.queries import task_kind
from gonghui.unions.models import Union

TOLD_DAYS = 45
"""Older notices are deleted, or of no interest in a demo."""

READ_DAYS = 5
"""A notice that asks for nothing is read after so many days."""


class Actor(NamedTuple):
    """Somebody with an account."""

    pk: int
    name: str
    union_id: int


@dataclass
class Superior:
    """A level-3 union, with its own superior loaded, and who reviews there."""

    union: Union
    reviewer: Actor

    @property
    def pk(self) -> int:
        return self.union.pk

    @property
    def level2(self) -> Union:
        assert self.union.superior  # noqa: S101 (of level 3)
        return self.union.superior


class Say(NamedTuple):
    """What a superior has decided, and when."""

    decision: str
    at: datetime
    opinion: str = ""


@dataclass
class Grassroots:
    """One union of the city, as what happens in it needs it."""

    number: int  # in the plan
    row: Union  # not saved: its id and seal
    name: str
    employer: str
    superior: Superior
    officer: Actor
    state: str
    size: int
    registered_at: datetime
    approved_at: datetime | None = None
    code: str = ""
    values: dict[str, Any] = field(default_factory=dict)  # the form as typed
    busy: bool = False  # an exclusive request waits

    @property
    def pk(self) -> int:
        return self.row.pk


@dataclass
class World:
    """One for the whole load."""

    plan: Plan
    clock: Clock
    rows: Rows
    superiors: Sequence[Superior]
    city_officer: Actor
    first_number: int  # 工会编号: what the first union has behind its three digits

    def chance(self, about: str, union: Grassroots) -> Random:
        return self.plan.chance(about, union.number)

    def audit(
        self,
        verb: str,
        at: datetime,
        by: Actor | None,
        union_id: int | None,
        about: tuple[type[models.Model], int, str] | None = None,
        **data: Any,
    ) -> None:
        """As ``audit.actions.record`` would have; ``about``: model, id and label of the object."""
        VERBS[verb]
        for key, value in data.items():
            fact(verb, key).said(value)
        model, id_, label = about or (None, None, "")
        self.rows.add(
            Entry,
            id=self.rows.id_on(Entry, at),
            at=at,
            verb=verb,
            actor_id=by.pk if by else None,
            actor_label=by.name if by else "系统",
            union_id=union_id,
            object_type=model._meta.label_lower if model else "",
            object_id=id_,
            label=label,
            data=data,
            address=ADDRESS if by else None,
        )

    def tell(
        self,
        who: Actor,
        at: datetime,
        title: str,
        *,
        body: str = "",
        url: str = "",
        task: str = "",
        kind: str = "",
        open_: bool = False,
    ) -> None:
        """Ring somebody's bell. What it asks for is ``open_`` or done; what asks for nothing is read after some days."""
        days = self.clock.days_since(at)
        if days > TOLD_DAYS and not open_:
            return
        unread = open_ or (days <= READ_DAYS and not task)
        self.rows.add(
            Notice,
            id=self.rows.id_on(Notice, at),
            user_id=who.pk,
            title=title,
            body=body,
            url=url,
            tasks=[task] if task else [],
            kind=kind,
            created_at=at,
            read_at=None if unread else at + timedelta(hours=3),
        )

    def review(
        self,
        kind: str,
        union: Grassroots,
        at: datetime,
        says: Mapping[ReviewPart, tuple[Superior, Say | None]],
        *,
        title: str = "",
        by: Actor | None = None,
        proposed: dict[str, Any] | None = None,
        base: dict[str, Any] | None = None,
        round_: int = 1,
        withdrawn_at: datetime | None = None,
    ) -> tuple[int, str]:
        """Adds a request with its steps, records it and notifies its reviewers. Returns its id and state."""
        by = by or union.officer
        meant = KINDS[kind]
        title = union.employer if meant.titled_by_employer else title
        state, closed_at = _outcome([say for _, say in says.values()], withdrawn_at)
        pk = self.rows.id_on(Review, at)
        union.busy |= meant.exclusive and state == ReviewState.PENDING
        self.rows.add(
            Review, id=pk, kind=kind, union_id=union.pk, state=state, exclusive=meant.exclusive, title=title, round=round_,
            proposed=proposed or {}, base=base or {}, submitted_by_id=by.pk, submitted_at=at, closed_at=closed_at,
        )  # fmt: skip
        self.audit("review.submitted", at, by, union.pk, (Review, pk, title), kind=kind, round=round_)
        subject = "：".join(filter(None, (union.employer,) if meant.titled_by_employer else (union.name, title)))
        for part, (superior, say) in says.items():
            open_ = state == ReviewState.PENDING and say is None
            self.rows.add(
                Step, id=self.rows.id_on(Step, at), review_id=pk, part=part, superior_id=superior.pk, open=open_,
                decision=say.decision if say else None, opinion=say.opinion if say else "",
                reviewer_id=superior.reviewer.pk if say else None, decided_at=say.at if say else None,
            )  # fmt: skip
            url = reverse("reviews:review", args=[pk])
            self.tell(
                superior.reviewer,
                at,
                f"{meant.label}待审核：{subject}",
                url=url,
                task=task_of(pk, part),
                kind=task_kind(kind),
                open_=open_,
            )
            if say:
                self.audit(
                    f"review.{say.decision}", say.at, superior.reviewer, union.pk, (Review, pk, title),
                    opinion=say.opinion, part=str(part),
                )  # fmt: skip
        if withdrawn_at:
            self.audit("review.withdrawn", withdrawn_at, by, union.pk, (Review, pk, title))
        return pk, state

    def decision(
        self, at: datetime, days: float, refused: float, opinions: tuple[Sequence[str], Sequence[str]], chance: Random
    ) -> Say:
        """A superior's say after about so many days: refused with that likelihood. ``opinions``: on approval, on refusal."""
        no = chance.random() < refused
        when = self.clock.after(at, min(chance.expovariate(1 / days), 4 * days), chance)
        return Say(Step.Decision.REFUSED if no else Step.Decision.APPROVED, when, chance.choice(opinions[no]))


def _outcome(says: Sequence[Say | None], withdrawn_at: datetime | None) -> tuple[str, datetime | None]:
    if withdrawn_at:
        return ReviewState.WITHDRAWN, withdrawn_at
    given = [say for say in says if say]
    if no := next((say for say in given if say.decision == Step.Decision.REFUSED), None):
        return ReviewState.REFUSED, no.at
    if len(given) == len(says):
        return ReviewState.APPROVED, max(say.at for say in given)
    return ReviewState.PENDING, None


def actor_of(user: User) -> Actor:
    """Somebody of the tables."""
    return Actor(user.pk, str(user), user.union_id or 0)
