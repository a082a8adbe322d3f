"""What a folder run has done, kept so that it can be gone on with."""
