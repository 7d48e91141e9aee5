from django.urls import path

from gonghui.bookings.providers import roster_views, views

urlpatterns = [
    path("providers/", views.providers, name="providers"),
    path("providers/create/", views.create, name="provider_create"),
    path("providers/accounts/<int:pk>/", views.change, name="provider_change"),
    path("providers/accounts/<int:pk>/reset/", views.reset, name="provider_reset"),
    path("roster/", roster_views.roster, name="roster"),
    path("roster/mark/", roster_views.mark, name="roster_mark"),
]
