"""How every form field looks: one template for a field, one for the summary of errors."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Forms and fields drawn by the templates under templates/forms/, with Tabler's classes."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
