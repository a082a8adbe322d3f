"""A folder frozen in a manifest and done in shards, wherever and whenever each is run."""
