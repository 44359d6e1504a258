"""Where the files that ship with the project lie."""

from __future__ import annotations

from pathlib import Path

PROJECT_DIR = Path(__file__).parent.parent
SQL_DIR = PROJECT_DIR / "sql"
EXPECTATIONS_DIR = PROJECT_DIR / "expectations"
AUDITS_DIR = EXPECTATIONS_DIR / "audits"
CAMPAIGNS_DIR = PROJECT_DIR / "data" / "campaigns"
REFERENCE_DIR = PROJECT_DIR / "data" / "reference"
DICTIONARY = PROJECT_DIR / "data" / "README.md"
TEMPLATES_DIR = PROJECT_DIR / "pipelines" / "templates"
SAMPLE_DIR = PROJECT_DIR / "data" / "sample"
DEFAULT_HOME = PROJECT_DIR / "data" / "home"
