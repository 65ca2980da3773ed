"""`assent agency`: found an agency, do its daily work, and keep it whole."""
