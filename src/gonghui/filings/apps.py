from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "gonghui.filings"

    def ready(self) -> None:
        """The approval engine learns the kinds of this app."""
        from gonghui.filings import review, review_amendment, review_claims, review_relocation  # noqa: F401
        from gonghui.filings.models import Amendment, Filing
        from gonghui.unions import particulars

        particulars.kept_in(Filing, "values")
        particulars.kept_in(Amendment, "values")
