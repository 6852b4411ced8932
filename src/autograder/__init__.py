"""Grades any nbgrader course: what a problem is, how answers and classes are graded."""
