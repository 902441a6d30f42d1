"""One module for each format that is written. The same pages and settings give the same bytes."""
