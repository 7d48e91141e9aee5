from django.urls import path

from gonghui.bookings.sessions import views

urlpatterns = [
    path("<int:pk>/sessions/", views.sessions, name="sessions"),
    path("venues/<int:pk>/sessions/add/", views.add, name="session_add"),
    path("sessions/<int:pk>/", views.session, name="session"),
    path("sessions/<int:pk>/edit/", views.edit, name="session_edit"),
    path("sessions/<int:pk>/capacity/", views.capacity, name="session_capacity"),
    path("sessions/<int:pk>/shares/add/", views.share_add, name="share_add"),
    path("sessions/<int:pk>/move/", views.move, name="places_move"),
    path("sessions/<int:pk>/cancel/", views.cancel, name="session_cancel"),
]
