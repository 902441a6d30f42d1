"""The program `retusche`: every command is declared in `connector.commands`."""

import typer

from connector.commands import (
    clients,
    comfy,
    db,
    demo,
    export,
    flow,
    jobs,
    keys,
    models,
    openapi,
    run,
    serve,
    steps,
    styles,
    worker,
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals hold pictures, and may hold secrets
    help="Image-processing steps for workflow engines.",
)
app.command()(run.run)
app.command()(steps.steps)
app.command()(steps.describe)
app.command()(styles.styles)
app.command()(serve.serve)
app.command()(worker.worker)
app.command()(worker.keeper)
app.command()(demo.demo)
app.command()(openapi.openapi)
app.add_typer(models.app, name="models")
app.add_typer(jobs.app, name="jobs")
app.add_typer(keys.app, name="keys")
app.add_typer(clients.app, name="clients")
app.add_typer(db.app, name="db")
app.add_typer(export.app, name="export")
app.add_typer(comfy.app, name="comfy")
app.add_typer(flow.app, name="flow")


def main() -> None:
    """Run the command that the arguments name."""
    app()
