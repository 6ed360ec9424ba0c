"""The command line: `waiqin …`. Every command fails with one clear sentence and exit code 1."""

import click


class LazyGroup(click.Group):
    """Finds its commands in `COMMANDS` and imports a module only when its command is called."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        from importlib import import_module

        if name not in COMMANDS:
            return None
        command = getattr(import_module(f"field_ops.cli.{COMMANDS[name]}"), f"{name}_command")
        assert isinstance(command, click.Command)
        return command


# Command → the module that holds it, in the order in which --help shows them.
COMMANDS = {
    "serve": "serving",
    "web": "serving",
    "worker": "serving",
    "demo": "playing",
    "sandbox": "playing",
    "migrate": "keeping",
    "doctor": "keeping",
    "backup": "keeping",
    "restore": "keeping",
    "openapi": "keeping",
    "host": "hosts",
    "org": "hosts",
    "role": "roles",
    "import": "exchanging",
    "export": "exchanging",
    "token": "tokens",
    "webhook": "webhooks",
    "inbox": "queues",
    "outbox": "queues",
    "evidence": "proving",
}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="waiqin", prog_name="waiqin")
def main() -> None:
    """Waiqin 外勤: field sales inside DingTalk and WeCom."""
