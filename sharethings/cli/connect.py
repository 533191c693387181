"""What every client command shares: where, who, and the passphrase."""

from __future__ import annotations

import asyncio
import getpass
import os
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sharethings.cli.exits import Exit, exit_of, sentence_of
from sharethings.cli.options import with_common
from sharethings.cli.policy import tell_new, tell_old
from sharethings.cli.terminal import ask_secret, say
from sharethings.client.server import Server
from sharethings.client.session import Session
from sharethings.crypto.keys import norm
from sharethings.memory import keep_freed_memory
from sharethings.protocol.errors import SessionNotFoundError
from sharethings.protocol.limits import SESSION_NAME_MAX_BYTES

if TYPE_CHECKING:
    from sharethings.client.join import Wishes

PASSPHRASE_MIN_CHARACTERS = 12
MEMBER_NAME_MAX_CHARACTERS = 80
"""As in the browser's form."""
THREADS_COUNT = 2
"""For sealing, opening and files: each thread keeps some 10 MiB of chunks that were freed."""
ENVIRONMENT = "SHARETHINGS_PASSPHRASE"
NO_PROMPT = f"No passphrase: use --passphrase-file or {ENVIRONMENT}."

ServerOption = Annotated[
    str, typer.Option("--server", envvar="SHARETHINGS_SERVER", help="Address of the server.")
]
SessionOption = Annotated[
    str, typer.Option("--session", envvar="SHARETHINGS_SESSION", help="Name of the session.")
]
NameOption = Annotated[
    str, typer.Option("--as", envvar="SHARETHINGS_AS", help="Your name as members see it.")
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        envvar="SHARETHINGS_PASSPHRASE_FILE",
        help=f"File with the passphrase; else {ENVIRONMENT}, else a prompt.",
    ),
]
CaOption = Annotated[
    Path | None,
    typer.Option("--ca-file", envvar="SHARETHINGS_CA_FILE", help="Certificates to trust (PEM)."),
]
PlainOption = Annotated[
    bool, typer.Option("--allow-plain-http", help="Allow http:// to another machine.")
]


def login_name() -> str:
    """Give the name of who runs the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "terminal"


@dataclass(frozen=True, slots=True)
class Access:
    """How a command reaches its session."""

    server: Server
    session_name: str
    member_name: str
    passphrase_file: Path | None

    async def open(self, create: Wishes | None = None) -> Session:
        """Join, with `create` make the session when there is none.

        What holds for it is said when it is new, and when it is not as was wished.
        """
        given = self.passphrase()
        passphrase = ask_secret("Passphrase: ", NO_PROMPT) if given is None else given
        characters = len(norm(passphrase).decode())
        place = (self.server, self.session_name, self.member_name, passphrase)
        try:
            opened = await Session.open(*place, say=say)
        except SessionNotFoundError as error:
            if create is None:
                raise SessionNotFoundError(
                    f"There is no session {self.session_name} on {self.server.url}. Check both "
                    "names; whoever shares something first makes it."
                ) from error
        else:
            if create is not None and create.unmet(opened.policy):
                say(tell_old(self.session_name, opened.policy))
            return opened
        if characters < PASSPHRASE_MIN_CHARACTERS:
            raise typer.BadParameter(
                f"The passphrase must have at least {PASSPHRASE_MIN_CHARACTERS} characters."
            )
        if given is None and norm(ask_secret("New session, passphrase again: ", NO_PROMPT)) != norm(
            passphrase
        ):
            raise typer.BadParameter("The two passphrases are not the same.")
        opened = await Session.open(*place, create=True, wishes=create, say=say)
        say(tell_new(self.session_name, opened.policy, create))
        return opened

    def passphrase(self) -> str | None:
        """Find the passphrase; never in the arguments, where every process can read it."""
        if self.passphrase_file is not None:
            try:
                return self.passphrase_file.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise typer.BadParameter(
                    f"The passphrase file {self.passphrase_file} cannot be read."
                ) from error
        return os.environ.get(ENVIRONMENT)


def _access(options: dict[str, Any]) -> Access:
    server = Server.parse(options["server"], options["ca_file"], plain=options["plain"])
    session, name = options["session"], options["name"]
    if not 1 <= len(norm(session)) <= SESSION_NAME_MAX_BYTES:
        raise typer.BadParameter(
            f"The name of a session (--session) has 1 to {SESSION_NAME_MAX_BYTES} bytes."
        )
    if not 1 <= len(name) <= MEMBER_NAME_MAX_CHARACTERS:
        raise typer.BadParameter(
            f"Your name (--as) has 1 to {MEMBER_NAME_MAX_CHARACTERS} characters."
        )
    return Access(server, session, name, options["passphrase_file"])


def _common(
    server: ServerOption,
    session: SessionOption,
    name: NameOption = login_name(),
    passphrase_file: PassphraseOption = None,
    ca_file: CaOption = None,
    plain: PlainOption = False,
) -> None:
    """Declare the options of every client command; only its signature is used."""


def client_command(work: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make a command of `work(access, …)`: the common options stand beside its own."""

    def call(common: dict[str, Any], **own: Any) -> None:
        async def act() -> None:
            await work(_access(common), **own)

        keep_freed_memory()
        run(act())

    return with_common(_common, work, call)


def _run(runner: asyncio.Runner, work: Coroutine[Any, Any, None]) -> None:
    try:
        runner.run(work)
    except KeyboardInterrupt:
        say("Interrupted.")
        # The work has cleaned up. A thread that waits for a pipe would hold an ordinary exit.
        os._exit(Exit.INTERRUPTED)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a command's work; a failure with a sentence ends it with its exit code."""
    try:
        with asyncio.Runner() as runner:
            runner.get_loop().set_default_executor(ThreadPoolExecutor(THREADS_COUNT))
            _run(runner, work)
    except BrokenPipeError:
        raise typer.Exit(Exit.DONE) from None
    except Exception as error:
        code = exit_of(error)
        if code is None:
            raise
        say(sentence_of(error))
        raise typer.Exit(code) from None
