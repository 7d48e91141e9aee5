"""Addresses of the pictures and documents of programmes; `bookings/urls.py` joins them."""

from django.urls import path

from gonghui.bookings.documents import views as documents
from gonghui.bookings.pictures import views

urlpatterns = [
    path("<int:pk>/pictures/", views.pictures, name="pictures"),
    path("<int:pk>/pictures/add/", views.add, name="picture_add"),
    path("pictures/<int:pk>/edit/", views.edit, name="picture_edit"),
    path("pictures/<int:pk>/move/", views.move, name="picture_move"),
    path("pictures/<int:pk>/remove/", views.remove, name="picture_remove"),
    path("pictures/<uuid:key>/<int:width>.<rendition:kind>", views.show, name="picture"),
    path("<int:pk>/documents/add/", documents.add, name="document_add"),
    path("documents/<int:pk>/remove/", documents.remove, name="document_remove"),
    path("documents/<int:pk>/", documents.send, name="document"),
]
