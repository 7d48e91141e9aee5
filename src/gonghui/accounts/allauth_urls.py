"""The pages of allauth that this product uses, with their rate limits; its other pages have no address.

Each has our own template. allauth's own limits are off (settings.py): under load their cache loses counts. Passwords and
codes are counted where they are checked (sign_in.py).
"""

from datetime import timedelta

from allauth.account import views as account
from allauth.account.decorators import reauthentication_required
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as usersessions
from django.urls import path, re_path

from gonghui.accounts.limits import Limit, by_email, by_user, limited

MINUTE = timedelta(minutes=1)
_mails_a_user = limited(Limit("change_email", 10, MINUTE), by_user)
_passwords_an_address = limited(Limit("set_password", 20, MINUTE))
_resets_an_address = limited(Limit("reset_password", 20, MINUTE))
_resets_an_email = limited(Limit("reset_password_of", 5, timedelta(minutes=15)), by_email)

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("signup/", limited(Limit("sign_up", 20, MINUTE))(account.signup), name="account_signup"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("email/", _mails_a_user(account.email), name="account_email"),
    path("confirm-email/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path(
        "password/change/",
        limited(Limit("change_password", 5, MINUTE), by_user)(account.password_change),
        name="account_change_password",
    ),
    path(
        "password/reset/", _resets_an_address(_resets_an_email(account.password_reset)), name="account_reset_password"
    ),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _passwords_an_address(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("2fa/", mfa.index, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path(
        "sessions/", reauthentication_required(usersessions.list_usersessions, allow_get=True), name="usersessions_list"
    ),
]
