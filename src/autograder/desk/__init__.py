"""What goes over the instructor's desk: feedback for students."""
