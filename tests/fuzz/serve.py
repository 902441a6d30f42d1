"""The service with the steps of this distribution alone, as the committed document describes it."""

if __name__ == "__main__":
    # Worker processes import this module again, and need none of these.
    from connector.serving import serve
    from connector.settings import Settings
    from steps import registry

    serve(Settings(), registry.build)
