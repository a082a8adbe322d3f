"""The nine methods with the reference tool's very values, its defects included.

For data sets that tool has begun to process.  Where it would stop the run, the value is a fault.
"""
