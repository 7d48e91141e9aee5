"""Django's admin beside the platform: what the member list is measured against (`bench/member_list.py`)."""
