from django.urls import path

from gonghui.bookings.rosters import contest_views, sheets, views

urlpatterns = [
    path("<int:pk>/people/", views.people, name="people"),
    path("<int:pk>/people/mark/", views.mark, name="mark"),
    path("<int:pk>/people/export/", sheets.export, name="roster_export"),
    path("<int:pk>/people/insurance/", sheets.insurance, name="insurance"),
    path("<int:pk>/people/sign-in/", sheets.sign_in_sheet, name="sign_in_sheet"),
    path("sign-in/<uuid:code>/", views.sign_in, name="sign_in"),
    path("calendar/<int:pk>/", sheets.calendar, name="calendar"),
    path("contests/", contest_views.contests, name="contests"),
    path("contests/<int:pk>/decide/", contest_views.decide, name="contest_decide"),
]
