from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "gonghui.filings"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts import hooks as accounts
        from gonghui.filings.amendment import review as review_amendment
        from gonghui.filings.filing import review
        from gonghui.filings.models import Amendment, Filing
        from gonghui.filings.registration import actions as registration
        from gonghui.filings.registration import review as review_claims
        from gonghui.filings.relocation import review as review_relocation
        from gonghui.reviews.hooks import KINDS
        from gonghui.unions import union_details

        KINDS.register(review.FilingKind.code, review.FilingKind(), order=3)
        KINDS.register(review_amendment.AmendmentKind.code, review_amendment.AmendmentKind(), order=4)
        KINDS.register(review_claims.AccountClaimKind.code, review_claims.AccountClaimKind(), order=5)
        KINDS.register(review_relocation.RelocationKind.code, review_relocation.RelocationKind(), order=6)
        accounts.on_email_proved.register(registration.register_announced, order=1)
        union_details.kept_in(Filing, "values")
        union_details.kept_in(Amendment, "values")
