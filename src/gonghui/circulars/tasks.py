"""The job of circulars."""

from gonghui.circulars.deliveries import actions as deliveries
from gonghui.kit.jobs import awaited


@awaited("mailings", waiting=deliveries.waiting, give_up=deliveries.give_up)
def deliver(pk: int) -> None:
    """Goes through a circular's unions, a batch a transaction. A killed run is taken up where it stopped."""
    while deliveries.deliver_next(pk):
        pass
