from django.urls import path

from gonghui.reviews import views

app_name = "reviews"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("several/", views.decide_several, name="several"),
    path("<int:pk>/", views.review, name="review"),
    path("<int:pk>/decide/", views.decide, name="decide"),
    path("phrases/<int:pk>/remove/", views.remove_phrase, name="remove_phrase"),
]
