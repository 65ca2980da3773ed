"""`assent gate`: admit jobs beside a scheduler, or without one."""
