"""Addresses of the officer's side; `bookings/urls.py` joins them."""

from django.urls import path

from gonghui.bookings.catalogue import views as offers
from gonghui.bookings.ledger import views as ledger
from gonghui.bookings.places import views as places
from gonghui.bookings.places import workbook_views as workbooks

urlpatterns = [
    path("offers/", offers.list_offers, name="offers"),
    path("offers/<int:pk>/", offers.offer, name="offer"),
    path("offers/<int:pk>/fit/", offers.fit, name="fit"),
    path("offers/<int:pk>/book/", places.book, name="book"),
    path("offers/<int:pk>/workbook/", workbooks.choose, name="workbook"),
    path("offers/workbook.xlsx", workbooks.template, name="workbook_template"),
    path("booked/", places.list_booked, name="booked"),
    path("booked/<int:pk>/", places.booking, name="booking"),
    path("booked/<int:pk>/withdraw/", places.withdraw, name="withdraw"),
    path("booked/<int:pk>/change/", places.change, name="change"),
    path("places/<int:pk>/substitute/", places.substitute, name="substitute"),
    path("places/<int:pk>/contest/", places.contest, name="contest"),
    path("waiting/<int:pk>/answer/", places.answer, name="answer"),
    path("ledger/", ledger.records, name="ledger"),
    path("ledger/<int:pk>/", ledger.record, name="record"),
]
