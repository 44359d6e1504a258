"""Synthetic campaigns of any size, with the decisions that they are to come to."""

from pipelines.generation.generate import GeneratedCampaign, generate
from pipelines.generation.order import Order

__all__ = ["GeneratedCampaign", "Order", "generate"]
