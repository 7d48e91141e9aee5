"""Jobs of accounts."""

from allauth.account.adapter import get_adapter
from procrastinate.contrib.django import app

from gonghui.accounts.devices import link_token
from gonghui.accounts.limits import spend
from gonghui.accounts.models import User
from gonghui.accounts.sign_in import MAX_FAILURES, WARNING


@app.task(queue="urgent_mail")
def warn_of_failures(user_id: int | None) -> None:
    """Mails an account's owner that failed sign-ins were stopped. None: there is no such account."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user and spend(WARNING, user.email):
        get_adapter().send_mail("account/email/sign_in_stopped", user.email, {"user": user, "failures": MAX_FAILURES})


@app.task(queue="urgent_mail")
def mail_device_link(user_id: int | None) -> None:
    """Mails the link that makes a new device known. None: there is no such account."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user:
        get_adapter().send_mail("account/email/device_link", user.email, {"user": user, "token": link_token(user)})
