"""The kinds of request: each app describes its own by a ``ReviewKind`` class, in its review.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet

from gonghui.accounts.models import User
from gonghui.reviews.hooks import KINDS
from gonghui.reviews.models import Review, Step
from gonghui.reviews.scans import Scans
from gonghui.unions.models import Union


@dataclass(frozen=True)
class Change:
    """One line of the comparison. ``old`` is None where there is nothing to compare ``new`` with."""

    label: str
    old: str | None
    new: str

    @property
    def differs(self) -> bool:
        return self.old is not None and self.old != self.new

    @property
    def unchanged(self) -> bool:
        return self.old == self.new


@dataclass(frozen=True)
class Check:
    """One automatic finding: ``ok`` (nothing to do), ``look`` (a person should look), ``bad`` (not to be approved unseen)."""

    level: str
    text: str


class ReviewKind:
    """A kind of request. Subclasses define how it is shown and what its end does; the engine does the rest.

    ``on_approved`` and ``on_refused`` run inside the deciding transaction with the review locked; ``step`` is the one that
    ended it, with the opinion. on_approved must check that the live values are still what the reviewer saw, and raises
    ``kit.errors.Refused`` if not.
    """

    code: ClassVar[str]
    label: ClassVar[str]
    exclusive: ClassVar[bool] = True
    has_secrets: ClassVar[bool] = False  # ``changes`` are masked, ``full_changes`` are not
    shows_others: ClassVar[bool] = False  # ``changes`` name people outside any scope: every access is recorded
    withdrawable: ClassVar[bool] = True  # by the requesting union, on the review's page
    locks_union: ClassVar[bool] = False  # before the review, as every action that moves a member does
    titled_by_employer: ClassVar[bool] = False  # a request's title is its employer's name, as submitted
    scans: ClassVar[Scans] = Scans()  # what may be attached: nothing
    old_heading: ClassVar[str] = "原内容"
    new_heading: ClassVar[str] = "申请内容"
    unknown: ClassVar[str] = "-"  # shown for a missing old value
    request_noun: ClassVar[str] = "申请"  # what the union withdraws, on its own page
    live_note: ClassVar[str] = ""  # shown there beside the union's values while the request is pending

    def others(self, review: Review) -> Sequence[int]:
        """Returns the members whom ``changes`` name though they are in nobody's scope, for the record of the access."""
        return ()

    def headings(self, review: Review) -> tuple[str, str]:
        """Returns the headings of the two columns of the comparison."""
        return self.old_heading, self.new_heading

    def folds_unchanged(self, review: Review) -> bool:
        """Whether unchanged lines are folded: where the reviewer has approved them before."""
        return False

    def changes(self, review: Review) -> Sequence[Change]:
        raise NotImplementedError

    def full_changes(self, review: Review) -> Sequence[Change]:
        """Returns ``changes`` unmasked; the caller records the disclosure."""
        return self.changes(review)

    def details(self, review: Review) -> tuple[str, str] | None:
        """Returns label and address of a page that shows more of the request; optional."""
        return None

    def rounds(self, about: str, union: Union) -> QuerySet[Review]:
        """The rounds of the union's request ``about`` this, whose scans the next one takes along; none where each request
        is another.
        """
        return Review.objects.filter(kind=self.code, union=union)

    def may_attach(self, about: str, user: User) -> bool:
        """Whether ``user`` may collect scans for a request of this kind ``about``: "" is the own union itself."""
        return about == ""

    def prepare(self, reviews: Sequence[Review]) -> Mapping[int, Any]:
        """Returns, by review id, what its ``checks`` need from the database, read at once; optional."""
        return {}

    def checks(self, review: Review, prepared: Any) -> Sequence[Check]:
        """Returns the automatic checks; ``prepared``: what ``prepare`` has read for this review."""
        return ()

    def lock(self, review: Review) -> None:
        """Takes the locks that must come before the review's own."""
        if self.locks_union:
            Union.objects.select_for_update(no_key=True).get(pk=review.union_id)

    def on_approved(self, review: Review, step: Step, *, by: User) -> None:
        raise NotImplementedError

    def on_refused(self, review: Review, step: Step, *, by: User) -> None:
        raise NotImplementedError

    def on_withdrawn(self, review: Review, *, by: User) -> None:
        raise NotImplementedError


def asker(review: Review) -> str:
    """Returns the name of the requesting union, which a reviewer of many unions reads first. Reads ``review.union``."""
    return review.title if KINDS[review.kind].titled_by_employer else review.union.name


def matter(review: Review) -> str:
    """Returns the object of the request, such as a batch or a member; "" where it is the union itself."""
    return "" if KINDS[review.kind].titled_by_employer else review.title


def subject(review: Review) -> str:
    """Returns both in one line, for headings and notices: 上海示例科技有限公司工会：11-27 新办 4 人."""
    return "：".join(filter(None, (asker(review), matter(review))))


def prepare(reviews: Sequence[Review]) -> dict[int, Any]:
    """Returns, by review id, what each kind reads at once before the checks run one by one."""
    prepared: dict[int, Any] = {}
    for code, kind in KINDS.items():
        if own := [review for review in reviews if review.kind == code]:
            prepared |= kind.prepare(own)
    return prepared


def checks_of(review: Review, prepared: Mapping[int, Any] | None = None) -> Sequence[Check]:
    """Returns the automatic checks of the review; ``prepared``: read for it and others (None: for it alone)."""
    prepared = prepare([review]) if prepared is None else prepared
    return KINDS[review.kind].checks(review, prepared.get(review.pk))


def is_clean(review: Review, prepared: Mapping[int, Any] | None = None) -> bool:
    """Whether every automatic check of the review is ``ok``: only then may it be approved in bulk."""
    return all(check.level == "ok" for check in checks_of(review, prepared))
