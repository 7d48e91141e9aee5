"""A city's worth of unions and members, invented row by row and loaded by COPY (ADR 32).

`plan` says how many of what, and where; `unions`, `filings`, `members`, `transfers`, `cards`, `inspections` make the rows
of one union after the other, each from the plan's seed and the union's number alone; `rows` sends them to the tables.
"""
