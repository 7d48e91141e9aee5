"""Attacks on a demo of our own on this machine: each prints what came of it, and exits with 1 where it got somewhere."""
