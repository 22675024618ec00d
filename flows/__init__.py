"""On top: Prefect, and the command line that starts it all."""
