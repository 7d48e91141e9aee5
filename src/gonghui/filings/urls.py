from django.urls import path

from gonghui.filings import registration_views, views

app_name = "filings"
urlpatterns = [
    path("", views.own, name="own"),
    path("form/", views.start, name="start"),
    path("superiors/", views.superiors, name="superiors"),
    path("reviews/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("register/", registration_views.register, name="register"),
    path("register/suggest/", registration_views.suggest, name="suggest"),
    path("claims/<int:pk>/withdraw/", registration_views.withdraw_claim, name="withdraw_claim"),
    path("unions/<int:pk>/", views.union, name="union"),
]
