from pathlib import Path

import pytest

from campaigns.intake.checks import expectation
from scoring.contracts import IMPORT

PAGE = Path(__file__).parents[3] / "docs" / "import.md"


def section(table):
    """What the page says of a table, from the contract itself."""
    lines = [f"### {table.name}", "", f"Key: {', '.join(table.key)}.", "", "| column | holds |", "|---|---|"]
    for column in table.columns:
        name = f"**{column.name}**" if column.required else column.name
        lines.append(f"| {name} | {expectation(table, column).replace('|', '&#124;')} |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("table", IMPORT, ids=lambda table: table.name)
def test_the_page_says_what_the_contract_says(table):
    assert section(table) in PAGE.read_text()
