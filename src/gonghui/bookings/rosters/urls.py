from django.urls import path

from gonghui.bookings.rosters import contest_views, sheet_views, views

urlpatterns = [
    path("<int:pk>/people/", views.people, name="people"),
    path("<int:pk>/people/mark/", views.mark, name="mark"),
    path("<int:pk>/people/export/", sheet_views.export, name="roster_export"),
    path("<int:pk>/people/insurance/", sheet_views.insurance, name="insurance"),
    path("<int:pk>/people/sign-in/", sheet_views.sign_in_sheet, name="sign_in_sheet"),
    path("sign-in/<uuid:code>/", views.sign_in, name="sign_in"),
    path("calendar/<int:pk>/", sheet_views.calendar, name="calendar"),
    path("contests/", contest_views.contests, name="contests"),
    path("contests/<int:pk>/decide/", contest_views.decide, name="contest_decide"),
]
