"""What people are shown and given: texts in which nothing hides, files, errors."""
