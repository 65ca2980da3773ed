"""`assent vote`: read what is put to the vote, vote on it, count the votes again."""
