"""From a decided run to money sent."""
