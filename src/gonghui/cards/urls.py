from django.urls import path

from gonghui.cards.applications import views
from gonghui.cards.holders import views as holder_views
from gonghui.cards.orders import views as desk_views

app_name = "cards"
urlpatterns = [
    path("", views.list_batches, name="list"),
    path("add/", views.add, name="add"),
    path("add/fit/", views.fit, name="fit"),
    path("pick/", views.pick, name="pick"),
    path("apply/", views.apply, name="apply"),
    path("code/", views.code, name="code"),
    path("members/<int:pk>/name/", views.agree, name="agree"),
    path("batches/<int:pk>/", views.batch, name="batch"),
    path("batches/<int:pk>/act/", views.act, name="act"),
    path("batches/<int:pk>/sign-off/", views.sign_off, name="sign_off"),
    path("holders/", holder_views.holders, name="holders"),
    path("report/", holder_views.report, name="report"),
    path("<int:pk>/", holder_views.card, name="card"),
    path("<int:pk>/reveal/", holder_views.reveal, name="reveal"),
    path("ledger/", holder_views.ledger, name="ledger"),
    path("desk/", desk_views.desk, name="desk"),
    path("desk/gather/", desk_views.gather, name="gather"),
    path("orders/<int:pk>/", desk_views.order, name="order"),
    path("orders/<int:pk>/file/", desk_views.export, name="export"),
    path("orders/<int:pk>/results/", desk_views.upload, name="upload"),
    path("orders/<int:pk>/sample/", desk_views.sample, name="sample"),
    path("orders/<int:pk>/act/", desk_views.act, name="order_act"),
]
