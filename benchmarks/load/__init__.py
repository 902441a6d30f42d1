"""Many callers at once: who asks for jobs while others send large pictures, and what the API needs for it."""
