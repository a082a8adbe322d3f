"""The audit log: one record a file, each with the hash of the one before."""
