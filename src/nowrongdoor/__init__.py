"""No Wrong Door: county behavioral-health exports and plan data to FHIR R4, and on to any FHIR server."""

__version__ = "0.1.0"
