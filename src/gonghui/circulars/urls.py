from django.urls import path

from gonghui.circulars import views
from gonghui.circulars.receipts import views as receipts

app_name = "circulars"
urlpatterns = [
    path("", receipts.received, name="received"),
    path("sent/", views.sent, name="sent"),
    path("create/", views.create, name="create"),
    path("<int:pk>/", views.circular, name="circular"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/act/", views.act, name="act"),
    path("<int:pk>/recall/", views.recall, name="recall"),
    path("<int:pk>/confirm/", receipts.confirm, name="confirm"),
    path("<int:pk>/receipts/", receipts.receipts, name="receipts"),
]
