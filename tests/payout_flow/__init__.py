"""From a run to money sent, as people and machines do it."""
