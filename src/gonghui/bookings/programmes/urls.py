from django.urls import path

from gonghui.bookings.programmes import detail_views, publishing_views, views

urlpatterns = [
    path("", views.programmes, name="programmes"),
    path("create/", views.create, name="create"),
    path("<int:pk>/", views.programme, name="programme"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/venues/add/", detail_views.venue_add, name="venue_add"),
    path("venues/<int:pk>/edit/", detail_views.venue_edit, name="venue_edit"),
    path("venues/<int:pk>/remove/", detail_views.venue_remove, name="venue_remove"),
    path("<int:pk>/packages/add/", detail_views.package_add, name="package_add"),
    path("packages/<int:pk>/edit/", detail_views.package_edit, name="package_edit"),
    path("<int:pk>/check/", publishing_views.check, name="check"),
    path("<int:pk>/survey/", publishing_views.survey, name="survey"),
    path("<int:pk>/cancel/", publishing_views.cancel, name="cancel"),
]
