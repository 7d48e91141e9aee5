"""A city's worth of unions and members, invented row by row and loaded by COPY (ADR 32, 60).

`plan` says how many of what, and where; `shares` divides it, with the numbers that each share gives out. `making` makes a
share's rows, by `unions`, `filings`, `members`, `transfers`, `cards`, `inspections`, in one of the `processes`; `growing`
lets `rows` send them into tables that are `bare` meanwhile.
"""
