"""Print the countries and currencies that a peer knows; run with the peers."""

import json
import sys

from cbpr_rules.reference.countries import ISO3166_ALPHA2
from cbpr_rules.reference.currencies import ISO4217

json.dump(
    {"countries": sorted(ISO3166_ALPHA2), "currencies": sorted(ISO4217)}, sys.stdout
)
