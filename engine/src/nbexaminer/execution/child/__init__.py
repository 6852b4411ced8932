"""What runs in a student's process, without any secret: a shell, and answers to calls."""
