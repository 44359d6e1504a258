"""The batch pipeline that decides, explains and publishes channel incentives."""

__version__ = "0.1.0"
