"""What was handed in: archives read without trusting them, sorted by student, and stored.

`archives` reads zip files and folders, `triage` decides whose each file is, `match_assignment`
which notebook it is; `store` puts it where grading looks, `enrollment` tells the gradebook.
"""
