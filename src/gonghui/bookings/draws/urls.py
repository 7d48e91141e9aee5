from django.urls import path

from gonghui.bookings.draws import views

urlpatterns = [
    path("<int:pk>/draw/", views.draw, name="draw"),
    path("<int:pk>/draw/list.txt", views.draw_list, name="draw_list"),
    path("<int:pk>/draw/run/", views.run, name="draw_run"),
]
