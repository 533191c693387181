"""The bulk plane, the static client, and what operators ask."""
