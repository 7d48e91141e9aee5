from django.urls import path

from gonghui.statistics import views

app_name = "statistics"
urlpatterns = [
    path("", views.own, name="own"),
    path("<int:pk>/", views.node, name="node"),
    path("<int:pk>/cell/", views.cell, name="cell"),
    path("<int:pk>/export/", views.export, name="export"),
]
