from django.urls import path

from gonghui.duplicates import views

app_name = "duplicates"
urlpatterns = [
    path("", views.list_pairs, name="list"),
    path("<int:pk>/", views.pair, name="pair"),
    path("<int:pk>/reveal/", views.reveal, name="reveal"),
    path("<int:pk>/act/", views.act, name="act"),
    path("asked/", views.list_asked, name="asked"),
    path("asked/<int:pk>/", views.consent, name="consent"),
    path("asked/<int:pk>/answer/", views.answer, name="answer"),
]
