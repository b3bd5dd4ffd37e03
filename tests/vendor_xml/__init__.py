"""XML of vendors and counties: records in elements, and a county's client messages."""
