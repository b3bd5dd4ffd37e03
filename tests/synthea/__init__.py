"""Synthea: people that a generator invents, as CSV and as FHIR; the FHIR is the answer sheet to the CSV."""
