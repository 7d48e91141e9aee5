from django.urls import path

from gonghui.bookings.self_checks import views

urlpatterns = [
    path("offers/<int:pk>/self-check/", views.choose, name="self_check_choose"),
    path("offers/<int:pk>/self-check/<int:member_pk>/", views.send, name="self_check_send"),
    path("self-checks/", views.list_own, name="self_checks"),
    path("self-checks/desk/", views.desk, name="self_check_desk"),
    path("self-checks/<int:pk>/", views.self_check, name="self_check"),
    path("self-checks/<int:pk>/withdraw/", views.withdraw, name="self_check_withdraw"),
    path("self-checks/<int:pk>/again/", views.again, name="self_check_again"),
]
