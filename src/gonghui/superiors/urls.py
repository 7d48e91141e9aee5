from django.urls import path

from gonghui.superiors import views

app_name = "superiors"
urlpatterns = [
    path("", views.changes, name="changes"),
    path("changes/<int:pk>/", views.change, name="change"),
    path("<int:pk>/add/", views.add, name="add"),
    path("<int:pk>/rename/", views.rename, name="rename"),
    path("<int:pk>/move/", views.move, name="move"),
    path("<int:pk>/close/", views.close, name="close"),
]
