from django.urls import path

from gonghui.reviews import below_views, cover_views, desk_views, views

app_name = "reviews"
urlpatterns = [
    path("", desk_views.desk, name="desk"),
    path("export/", desk_views.export, name="export"),
    path("several/", desk_views.decide_several, name="several"),
    path("several/<int:pk>/", desk_views.change_bulk, name="change_bulk"),
    path("fit/", desk_views.fit, name="fit"),
    path("below/", below_views.below, name="below"),
    path("below/<int:pk>/", below_views.below_union, name="below_union"),
    path("covers/", cover_views.covers, name="covers"),
    path("covers/<int:pk>/revoke/", cover_views.revoke, name="revoke_cover"),
    path("<int:pk>/", views.review, name="review"),
    path("<int:pk>/reveal/", views.reveal, name="reveal"),
    path("<int:pk>/presence/", views.here, name="presence"),
    path("<int:pk>/form/", views.approval_form, name="form"),
    path("<int:pk>/decide/", views.decide, name="decide"),
    path("phrases/<int:pk>/remove/", views.remove_phrase, name="remove_phrase"),
]
