"""Texts and law: documents, clauses, terms, catalog and store. No vectors, no models."""
