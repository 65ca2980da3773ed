"""`assent apply`, `assent consult`: a developer's application, from draft to appeal."""
