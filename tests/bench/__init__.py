"""Measures of the whole route; printed, failing nothing. `python -m tests.bench` from the top of the checkout."""
