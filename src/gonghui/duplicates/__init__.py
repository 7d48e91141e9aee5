"""Look-alikes of the register: two records that may be one person, judged side by side, merged, and parted again."""
