"""What the class did, for staff: facts are gathered, figures computed, and a page is made."""
