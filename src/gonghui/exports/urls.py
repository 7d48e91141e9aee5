from django.urls import path

from gonghui.exports import views

app_name = "exports"
urlpatterns = [
    path("", views.list_exports, name="list"),
    path("<int:pk>/", views.view, name="export"),
    path("<int:pk>/decide/", views.decide, name="decide"),
    path("<int:pk>/recall/", views.recall, name="recall"),
    path("<int:pk>/file/", views.fetch, name="fetch"),
]
