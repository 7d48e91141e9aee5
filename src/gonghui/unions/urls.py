from django.urls import path

from gonghui.unions import views

app_name = "unions"
urlpatterns = [
    path("", views.tree, name="tree"),
    path("<int:pk>/", views.node, name="node"),
]
