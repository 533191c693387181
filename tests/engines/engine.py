"""What the tests need of a browser engine, and a visitor who uses the page with it.

The engines are driven by different protocols, each with gaps of its own; what all can do is to
run a script in the page. So whatever a visitor does is done by the scripts below.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PASSPHRASE = "correct-horse-battery-staple"
WAIT_SECONDS = 90.0
LOOK_SECONDS = 0.1
FIND = """
const named = (one) => (one.getAttribute('aria-label') ?? one.textContent).trim();
const called = (kind, name, place = document) =>
  [...place.querySelectorAll(kind)].find((one) => named(one) === name);
const labelled = (name) => [...document.querySelectorAll('input, textarea')].find(
  (one) => named(one) === name || [...(one.labels ?? [])].some((label) => named(label) === name));
const titled = (name) => [...document.querySelectorAll('article')].find(
  (one) => one.ariaLabel === name);
const card = (name) => [...document.querySelectorAll('article')].find(
  (one) => one.innerText.includes(name));
"""
FILL = """
const [name, value] = args;
const field = labelled(name);
Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, value);
field.dispatchEvent(new Event('input', { bubbles: true }));
"""
"""React hears of a value only when it is set past its own setter."""
FILES = "input[type=file]:not([webkitdirectory])"
ADD_INPUT = """
const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true });
input.id = 'given';
document.body.append(input);
"""
PICK_FOLDER = """
const given = document.querySelector('#given');
const files = [...given.files];
given.remove();
const [paths] = args;
if (files.length !== paths.length) throw new Error(`${files.length} files`);
files.forEach((file, at) => {
  Object.defineProperty(file, 'webkitRelativePath', { value: paths[at] });
});
const picker = document.querySelector('input[webkitdirectory]');
Object.defineProperty(picker, 'files', { value: files, configurable: true });
picker.dispatchEvent(new Event('change', { bubbles: true }));
delete picker.files;
"""
"""The drivers give no folder to an input: Firefox's gives nothing, WebKit's an empty file.

So its files are chosen one by one, and get the paths that the engine's own dialog gives them.
"""
CHUNKS_ASKED = """
return performance.getEntriesByType('resource')
  .filter(({ name }) => /\\/chunks\\/[0-9]+$/.test(name)).length;
"""
IS_SENDING = r"""
const [name, percent] = args;
return /Sending\s+([0-9]+)\s%/.exec(card(name)?.innerText ?? '')?.[1] >= percent;
"""


class Engine(Protocol):
    """A browser with one page."""

    def goto(self, url: str) -> None:
        """Open an address."""

    def run(self, script: str, *args: object) -> Any:
        """Run the body of a function in the page; `args` is the list of its arguments."""

    def choose(self, selector: str, *paths: Path) -> None:
        """Choose files for a file input, in their order."""

    def download(self, begin: Callable[[], None], targets: Mapping[str, Path]) -> None:
        """Begin downloads; returns when each file of these names is whole at its target."""

    def close(self) -> None:
        """End the browser."""


class Visitor:
    """Somebody who uses the page as a person does, in some engine."""

    def __init__(self, engine: Engine, url: str) -> None:
        """Take the browser and the server's address."""
        self._engine = engine
        self._url = url.replace("127.0.0.1", "localhost")  # a secure context in all of them

    def look(self, script: str, *args: object) -> Any:
        """Run a script that can use what FIND defines."""
        return self._engine.run(FIND + script, *args)

    def wait(self, script: str, *args: object) -> None:
        """Wait until a script gives something true; fail with what the page shows."""
        ends_at = time.monotonic() + WAIT_SECONDS
        while not self.look(script, *args):
            if time.monotonic() > ends_at:
                shown = self.look("return document.body.innerText;")
                raise AssertionError(f"not in time: {script} {args}; shown:\n{shown}")
            time.sleep(LOOK_SECONDS)

    def fill(self, label: str, value: str) -> None:
        """Give a field a value."""
        self.wait("return labelled(args[0]) !== undefined;", label)
        self.look(FILL, label, value)

    def press(self, button: str) -> None:
        """Press a button."""
        self.wait("return called('button', args[0])?.disabled === false;", button)
        self.look("called('button', args[0]).click();", button)

    def join(self, session: str, name: str) -> None:
        """Open the page and join."""
        self._engine.goto(self._url)
        self.fill("Session name", session)
        self.fill("Your name", name)
        self.fill("Passphrase", PASSPHRASE)
        self.press("Join or create")
        self.wait("return labelled('Message') !== undefined;")

    def say(self, text: str) -> None:
        """Share a text."""
        self.fill("Message", text)
        self.press("Send")

    def sees(self, text: str) -> None:
        """Wait until a content shows a text."""
        self.wait("return card(args[0]) !== undefined;", text)

    def share(self, path: Path) -> None:
        """Share a file."""
        self._engine.choose(FILES, path)

    def share_folder(self, root: Path) -> None:
        """Share a folder."""
        paths = sorted(path for path in root.rglob("*") if path.is_file())
        self.look(ADD_INPUT)
        self._engine.choose("#given", *paths)
        self.look(PICK_FOLDER, [path.relative_to(root.parent).as_posix() for path in paths])

    def reload(self, session: str, name: str) -> None:
        """Close the page over what it is doing, open it anew and join again."""
        self._engine.goto("about:blank")
        self.join(session, name)

    def choose_again(self, name: str, path: Path) -> None:
        """Choose the file of an interrupted upload again."""
        self.wait("return card(args[0])?.querySelector('input[type=file]');", name)
        self._engine.choose("article input[type=file]", path)

    def chunks_asked(self) -> int:
        """Count the chunks that this page has sent or asked for."""
        asked: int = self.look(CHUNKS_ASKED)
        return asked

    def is_sending(self, name: str, percent: int = 1) -> None:
        """Wait until so much of a file has been sent."""
        self.wait(IS_SENDING, name, percent)

    def saves_streams_alone(self) -> None:
        """From now on nothing is saved but through the service worker: the rest needs blobs."""
        self.look("URL.createObjectURL = () => { throw new Error('not streamed'); };")

    def says(self, name: str, text: str) -> None:
        """Wait until a content's card says something."""
        self.wait("return card(args[0])?.innerText.includes(args[1]);", name, text)

    def has_complete(self, name: str, button: str = "Save") -> None:
        """Wait until a file, or with another button a folder, can be saved."""
        script = "const one = card(args[0]); return one && called('button', args[1], one);"
        self.wait(script, name, button)

    def save(self, path: str, target: Path) -> None:
        """Save a file, or one of an open folder, to `target`."""
        self._save([path], "Save", {path.rsplit("/", 1)[-1]: target})

    def save_at_once(self, targets: Mapping[str, Path]) -> None:
        """Save files, each to its target, all begun in one moment."""
        self._save([*targets], "Save", targets)

    def save_zip(self, name: str, target: Path) -> None:
        """Save a folder as a zip file to `target`."""
        self._save([name], "Save as zip", {f"{name}.zip": target})

    def _save(self, titles: list[str], button: str, targets: Mapping[str, Path]) -> None:
        script = "for (const title of args[0]) called('button', args[1], titled(title)).click();"
        self._engine.download(lambda: self.look(script, titles, button), targets)
