"""A folder run on the machines of a Dask cluster: the same plan, the same outputs."""
