"""Synthetic campaigns of any size, with the decisions that they are to come to."""

from pipelines.generation.generate import GeneratedCampaign, Order, generate

__all__ = ["GeneratedCampaign", "Order", "generate"]
