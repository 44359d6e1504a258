"""Names and addresses of made-up companies; any likeness is chance."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.generation.chance import Chance

FIRST_WORDS = (
    "Alder", "Amber", "Ashdown", "Beacon", "Birchwood", "Blackthorn", "Bluebell",
    "Brightwater", "Brookside", "Calder", "Cedar", "Chalkhill", "Copperfield",
    "Crosswind", "Dalewood", "Dunmore", "Eastgate", "Elmstead", "Fairview",
    "Fernhill", "Foxglove", "Glenmore", "Granite", "Greenfield", "Harbour",
    "Hawthorn", "Hazelwood", "Highfield", "Ironbridge", "Juniper", "Kestrel",
    "Kingsway", "Larkfield", "Lighthouse", "Lindenhof", "Lowland", "Maple",
    "Meadow", "Millstone", "Moorland", "Northfield", "Oakridge", "Orchard",
    "Pebble", "Pinewood", "Quarry", "Ravenscar", "Redwood", "Riverside", "Rowan",
    "Sandpiper", "Silverlake", "Southbank", "Stonegate", "Summit", "Thistle",
    "Tidewater", "Valley", "Westbrook", "Willow", "Brontë", "Müller",
)  # fmt: skip
TRADES = (
    "Bakery", "Dental", "Logistics", "Interiors", "Plumbing", "Optics", "Joinery",
    "Catering", "Brewing", "Ceramics", "Veterinary", "Printing", "Furniture",
    "Textiles", "Accounting", "Architects", "Cycles", "Foods", "Gardens",
    "Instruments", "Kitchens", "Lettings", "Marine", "Motors", "Packaging",
    "Roofing", "Security", "Surveyors", "Toys", "Travel",
)  # fmt: skip
FORMS = ("Ltd", "Limited", "LLP", "Group", "& Sons", "Services")
# Names that delimited text has to quote.
QUOTED_FORMS = (", Reed & Partners", ' "The Old Yard" Ltd', "; North and South")
IT_TRADES = (
    "IT", "Cloud", "Systems", "Networks", "Digital", "Computing", "Technology", "Data",
)  # fmt: skip
COUNTRIES = ("GB", "GB", "GB", "GB", "GB", "IE", "DE", "NL", "US")
STREETS = ("High Street", "Station Road", "Mill Lane", "Church Street", "Park Avenue")


def company(chance: Chance) -> str:
    """Return the name of a customer."""
    name = f"{chance.pick(FIRST_WORDS)} {chance.pick(TRADES)}"
    if chance.one_in(40):
        return name + chance.pick(QUOTED_FORMS)
    return f"{name} {chance.pick(FORMS)}"


def reseller(chance: Chance) -> str:
    """Return the name of a partner."""
    return f"{chance.pick(FIRST_WORDS)} {chance.pick(IT_TRADES)} {chance.pick(FORMS)}"


def domain(name: str, number: int) -> str:
    """Return a domain that nobody can own.

    >>> domain("Brontë & Söhne, Ltd", 7)
    'brontshneltd7.onmicrosoft.example'
    """
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return f"{plain}{number}.onmicrosoft.example"


def email(name: str) -> str:
    """Return an address at a domain that is kept for examples.

    >>> email("Alder IT Ltd")
    'alder.it.ltd@example.com'
    """
    return ".".join(re.findall(r"[a-z0-9]+", name.lower())) + "@example.com"
