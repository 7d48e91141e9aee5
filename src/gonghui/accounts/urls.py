from django.urls import path

from gonghui.accounts import list_views, privacy_views, session_views, views

app_name = "accounts"
urlpatterns = [
    path("settings/", views.settings_page, name="settings"),
    path("privacy/", privacy_views.accept, name="privacy"),
    path("stay/", session_views.stay, name="stay"),
    path("kept-form/", session_views.kept_form, name="kept_form"),
    path("resend-verification/", views.resend_verification, name="resend_verification"),
    path("device-link/", views.send_device_link, name="send_device_link"),
    path("device/<str:token>/", views.device, name="device"),
    path("list-setting/", list_views.setting, name="list_setting"),
    path("views/", list_views.save, name="save_view"),
    path("views/<int:pk>/remove/", list_views.remove, name="remove_view"),
    path("users/", views.list_accounts, name="list"),
    path("users/new/", views.create_account, name="create"),
    path("users/<int:pk>/", views.account, name="account"),
    path("users/<int:pk>/roles/", views.change_roles, name="roles"),
    path("users/<int:pk>/hand-over/", views.hand_over, name="hand_over"),
    path("users/<int:pk>/reset/", views.reset, name="reset"),
    path("users/<int:pk>/disable/", views.disable_account, name="disable"),
    path("users/<int:pk>/enable/", views.enable_account, name="enable"),
    path("users/<int:pk>/invite/", views.invite_again, name="invite"),
    path("unions/<int:pk>/", views.officers, name="officers"),
]
