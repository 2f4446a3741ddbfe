"""The app: what a user configures and hangs tasks on."""
