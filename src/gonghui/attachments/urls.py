from django.urls import path

from gonghui.attachments import views

app_name = "attachments"
urlpatterns = [
    path("add/", views.add, name="add"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("<int:pk>/", views.download, name="download"),
]
