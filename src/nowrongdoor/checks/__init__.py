"""Is this resource valid FHIR R4, and valid by the profiles that it follows? Where not, and why."""

from nowrongdoor.checks.checker import Checker
from nowrongdoor.checks.reading import read_resources

__all__ = ["Checker", "read_resources"]
