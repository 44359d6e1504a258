"""The batch pipeline that decides, explains and publishes channel incentives."""
