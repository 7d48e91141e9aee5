"""The jobs of the bookings."""

from procrastinate.contrib.django import app

from gonghui.bookings.announcements import actions as announcements
from gonghui.bookings.due import actions as due
from gonghui.bookings.eligibility import actions as eligibility
from gonghui.bookings.places import actions as places
from gonghui.kit.jobs import awaited


@app.task(queue="mailings")
def confirm_booking(booking_id: int) -> None:
    """What became of a booking, to its officers; a repeated run notifies nobody twice."""
    places.confirm(booking_id)


@app.task(queue="mailings")
def tell_booked(announcement_id: int) -> None:
    """A change of what was published, to the officers of everybody booked; a repeated run notifies nobody twice."""
    announcements.tell(announcement_id)


@app.periodic(cron="* * * * * */20")
@app.task(queue="upkeep", queueing_lock="settle_due_places")
def settle_due_places(timestamp: int) -> None:
    """Three times a minute: a free place finds its next within twenty seconds."""
    due.settle_due()


@app.periodic(cron="15 0-10 * * *")
@app.task(queue="upkeep", queueing_lock="remind_booked")
def remind_booked(timestamp: int) -> None:
    """Every hour from 8:15 to 18:15, so that a worker's pause of some hours costs nothing."""
    due.remind_booked()


@app.periodic(cron="*/5 * * * *")
@app.task(queue="upkeep", queueing_lock="tell_announcements")
def tell_announcements(timestamp: int) -> None:
    """Announcements whose job was lost."""
    announcements.tell_untold()


@awaited("imports", waiting=eligibility.counting, give_up=eligibility.give_up)
def count_eligible(programme_id: int) -> None:
    """Goes through all members of the publisher; the page shows 「正在统计」 until then."""
    eligibility.count(programme_id)
