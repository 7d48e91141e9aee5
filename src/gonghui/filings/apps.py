from django.apps import AppConfig


class FilingsConfig(AppConfig):
    name = "gonghui.filings"

    def ready(self) -> None:
        """Registers with the apps below (docs/architecture.md, Hooks)."""
        from gonghui.accounts import hooks as accounts
        from gonghui.filings import handing_on
        from gonghui.filings.amendment.review import AmendmentKind
        from gonghui.filings.coverage.sheet import COVERED
        from gonghui.filings.filing.review import FilingKind
        from gonghui.filings.filing.review import task_kinds as filing_tasks
        from gonghui.filings.models import Amendment, Filing
        from gonghui.filings.registration.actions import register_announced
        from gonghui.filings.registration.review import AccountClaimKind
        from gonghui.filings.relocation.review import RelocationKind
        from gonghui.filings.reminders import queries as reminders
        from gonghui.imports import hooks as imports
        from gonghui.notices.hooks import task_kinds
        from gonghui.reviews.hooks import KINDS
        from gonghui.superiors import hooks as superiors
        from gonghui.unions import hooks as unions
        from gonghui.unions import union_details

        KINDS.register(FilingKind.code, FilingKind(), order=3)
        KINDS.register(AmendmentKind.code, AmendmentKind(), order=4)
        KINDS.register(AccountClaimKind.code, AccountClaimKind(), order=5)
        KINDS.register(RelocationKind.code, RelocationKind(), order=6)
        imports.KINDS.register(COVERED.key, COVERED, order=2)
        task_kinds.register(filing_tasks, order=4)
        task_kinds.register(reminders.deadline_kinds, order=8)
        accounts.worklist.register(reminders.work, order=9)
        superiors.unfinished.register(handing_on.open_relocations, order=2)
        superiors.on_handed_on.register(handing_on.take_over_filings, order=2)
        unions.CONDITIONS.register("due", reminders.UNIONS_BY_DEADLINE, order=4)
        accounts.on_email_proved.register(register_announced, order=1)
        union_details.kept_in(Filing, "values")
        union_details.kept_in(Amendment, "values")
