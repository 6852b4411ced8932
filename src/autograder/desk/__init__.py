"""The instructor's desk: what comes in, feedback, what the class did, what goes to an LMS."""
