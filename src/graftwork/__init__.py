"""Graftwork: LLM help inside the workflow that a company already has."""

__version__ = "0.1.0"
