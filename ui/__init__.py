"""Faces of the product: command line, REST, viewer and chat."""
