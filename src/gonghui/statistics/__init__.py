"""Figures of the tree by month, counted by a job, so that no page counts ten million members."""
