"""Issues: the catalogue of 22 issue types, and claim → reasons with rewording."""

from claimcheck.issues.candidates import Candidate, Context
from claimcheck.issues.catalogue import Catalogue, Example, IssueType, load_catalogue
from claimcheck.issues.established import (
    Established,
    Fact,
    default_established,
    load_established,
)
from claimcheck.issues.rewording import message_for, suggestion_for
from claimcheck.issues.rules import propose
from claimcheck.issues.severity import severity_of

__all__ = [
    "Candidate",
    "Catalogue",
    "Context",
    "Established",
    "Example",
    "Fact",
    "IssueType",
    "default_established",
    "load_catalogue",
    "load_established",
    "message_for",
    "propose",
    "severity_of",
    "suggestion_for",
]
