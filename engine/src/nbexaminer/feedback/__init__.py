"""What students get back: a page a notebook, and pages in bundles. Nothing hidden is in it."""
