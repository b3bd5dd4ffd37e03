"""Is this resource valid FHIR R4, and what US Core asks of it? Where not, and why."""

from nowrongdoor.checks.checker import Checker
from nowrongdoor.checks.reading import read_resources

__all__ = ["Checker", "read_resources"]
