"""The campaign that measures the problem bank: what it accepts, refuses, kills and names."""
