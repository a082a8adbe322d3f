"""The version of this package, in the one place that the build, the tool and the marks read."""

VERSION = "0.1.0"
