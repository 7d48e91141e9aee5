"""Before publishing: how many could come, counted by a job over all members of the publisher (SPEC 6.2)."""

from dataclasses import asdict

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from gonghui.accounts.models import User
from gonghui.accounts.rules import require
from gonghui.bookings.eligibility.queries import Survey, survey
from gonghui.bookings.models import Programme
from gonghui.bookings.places.notifications import notify_publisher
from gonghui.bookings.rules import can_manage
from gonghui.bookings.sentences import NOT_MANAGER
from gonghui.kit.jobs import defer

GIVEN_UP = "统计中断，请重新统计；如果一直如此，请联系技术支持。"


def ask_survey(programme: Programme, *, by: User) -> None:
    """Asks a job to count; asked twice, it counts once. Raises Refused when ``by`` may not."""
    from gonghui.bookings.tasks import count_eligible

    with transaction.atomic():
        rows = Programme.objects.select_for_update(of=("self",), no_key=True).select_related("publisher")
        programme = rows.get(pk=programme.pk)
        require(can_manage, by, programme, sentence=NOT_MANAGER)
        if programme.survey_asked_at is None:
            Programme.objects.filter(pk=programme.pk).update(survey_asked_at=timezone.now())
            defer(count_eligible, programme_id=programme.pk)


def counting() -> QuerySet[Programme]:
    """Those that wait for their number."""
    return Programme.objects.filter(survey_asked_at__isnull=False)


def count(programme_id: int) -> None:
    """Counts, and keeps the result with its time."""
    programme = Programme.objects.select_related("publisher").get(pk=programme_id)
    result = asdict(survey(programme)) | {"counted_at": timezone.now().isoformat()}
    counting().filter(pk=programme_id).update(survey=result, survey_asked_at=None)


def give_up(programme_id: int) -> None:
    """The count has failed: the page says so, the publisher is told, and it may be asked again."""
    with transaction.atomic():
        if counting().filter(pk=programme_id).update(survey={"failed": GIVEN_UP}, survey_asked_at=None):
            programme = Programme.objects.get(pk=programme_id)
            notify_publisher(programme, f"没有统计成功：{programme}", GIVEN_UP)


def counted(programme: Programme) -> Survey | None:
    """The result as counted last; none before, or after a failure (``programme.survey["failed"]``)."""
    kept = programme.survey
    if not kept or "failed" in kept:
        return None
    lines = [(str(said), number) for said, number in kept["lines"]]
    return Survey(members=kept["members"], eligible=kept["eligible"], lines=lines)
