"""Documents of a programme, without their contents."""

from django.db.models import QuerySet

from gonghui.bookings.models import Document, Programme


def listed(programme: Programme) -> QuerySet[Document]:
    """Returns them in their order."""
    return Document.objects.filter(programme=programme).defer("content").order_by("order")
