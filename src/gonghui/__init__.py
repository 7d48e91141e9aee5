"""gonghui: the online work platform of a city's trade-union federation."""

__version__ = "0.1.0"
