"""Small models that the tests build themselves, in the files' true forms, for the true loading code."""
