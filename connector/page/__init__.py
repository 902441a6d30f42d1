"""The page for people: files that `connector.api.page` serves as they lie here; no build step."""
