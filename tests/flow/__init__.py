"""The whole route without a server: rows in, resources, refusals and counts out."""
