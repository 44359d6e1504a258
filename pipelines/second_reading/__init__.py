"""The second engine: a plain reading of the contract, to hold the pipeline against.

Everything here is worked out row by row and day by day with the standard library
alone, so that a mistake of the pipeline and a mistake of this reading are unlikely
to be the same one. It favours being obviously right over being fast. Nothing here
imports another module of the pipelines: what both engines shared, neither would
check.
"""

from pipelines.second_reading.decide import Result, decide
from pipelines.second_reading.refusal import Refused
from pipelines.second_reading.terms import Terms

__all__ = ["Refused", "Result", "Terms", "decide"]
