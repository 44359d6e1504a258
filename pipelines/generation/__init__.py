"""Synthetic campaigns of any size, with the decisions that they are to come to."""

from pipelines.generation.order import Order
from pipelines.generation.writing import GeneratedCampaign, generate

__all__ = ["GeneratedCampaign", "Order", "generate"]
