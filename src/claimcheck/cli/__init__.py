"""The command line: parse, call, print; nothing else."""

from claimcheck.cli.root import main

__all__ = ["main"]
