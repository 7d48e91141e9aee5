"""Django's error messages of fields, reworded for officers; its own (「确保该变量至少包含 2 字符」) are technical.

A field copies its messages when it is declared, so an app's ``apps.py`` imports this module before any form.
"""

from django.core import validators
from django.forms import ChoiceField, DateField, Field, IntegerField

Field.default_error_messages["required"] = "请填写这一项。"
ChoiceField.default_error_messages |= {
    "required": "请选择这一项。",
    "invalid_choice": "“%(value)s”不在选项中，请重新选择。",
}
IntegerField.default_error_messages["invalid"] = "请填写整数，例如 100。"
DateField.default_error_messages["invalid"] = "日期请写成“2017-07-23”的样子，并核对有没有这一天。"
validators.validate_email.message = "邮箱地址不正确，请写成“name@example.com”的样子。"
validators.MinLengthValidator.message = "至少要 %(limit_value)d 个字，现在是 %(show_value)d 个。"
validators.MaxLengthValidator.message = "不能超过 %(limit_value)d 个字，现在是 %(show_value)d 个。"
validators.MinValueValidator.message = "不能小于 %(limit_value)s。"
validators.MaxValueValidator.message = "不能大于 %(limit_value)s。"
