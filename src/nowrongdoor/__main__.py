"""`python -m nowrongdoor` is `nwd`."""

from nowrongdoor.cli import main

main()
