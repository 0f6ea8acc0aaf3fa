"""A client of yaml-language-server: what VS Code asks when a user opens a file, types in it and points at it."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from tests.support.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = ROOT / ".tools" / "language-server" / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
SETTINGS: dict[str, Any] = {
    "validate": True,
    "hover": True,
    "completion": True,
    "schemaStore": {"enable": False},
    "kubernetesCRDStore": {"enable": False},
}
CURSOR = "▮"


class LanguageServer:
    """One running server. Files are on disk, because the schema of a file is found relative to it."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], schemas: dict[str, list[str]]) -> None:
        self._settings = {"yaml": {**SETTINGS, "schemas": schemas}}
        self._stdin = stdin
        self._stdout = stdout
        self._number = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}

    def start(self, folder: Path) -> None:
        text = {"completion": {"completionItem": {"documentationFormat": ["markdown"], "snippetSupport": True}}}
        capabilities = {"textDocument": text, "workspace": {"configuration": True}}
        self._ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities})
        self._send({"method": "initialized", "params": {}})

    def open(self, file: Path, text: str) -> list[str]:
        """Write and open a file. Return what is underlined: the text and the message of each problem."""
        file.write_text(text)
        document = {"uri": file.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while file.as_uri() not in self._diagnostics:
            self._receive()
        return [f"{_cut(text, one['range'])}: {one['message']}" for one in self._diagnostics[file.as_uri()]]

    def complete(self, file: Path, text: str) -> dict[str, str]:
        """Return the choices at the cursor of a text, each with its documentation."""
        answer = self._at_cursor("textDocument/completion", file, text)
        return {item["label"]: _plain(item.get("documentation")) for item in answer["items"]}

    def hover(self, file: Path, text: str) -> str:
        answer = self._at_cursor("textDocument/hover", file, text)
        return _plain(answer and answer["contents"])

    def _at_cursor(self, method: str, file: Path, text: str) -> Any:
        before, cursor, after = text.partition(CURSOR)
        assert cursor
        self.open(file, before + after)
        position = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
        return self._ask(method, {"textDocument": {"uri": file.as_uri()}, "position": position})

    def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._stdin.flush()

    def _receive(self) -> dict[str, Any]:
        """Read one message, and answer it if the server asks for something."""
        length = 0
        while line := self._stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server has ended"
        message: dict[str, Any] = json.loads(self._stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            wanted = [self._settings.get(item.get("section"), {}) for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": wanted})
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        return message


def _plain(markup: Any) -> str:
    """Return the text of a documentation, which is a text or an object. Markdown escapes some characters."""
    text = markup.get("value", "") if isinstance(markup, dict) else markup or ""
    return str(text).replace("\\", "").replace("&nbsp;", " ")


def _cut(text: str, place: dict[str, Any]) -> str:
    """Return the text in a range, which is in one line."""
    start, end = place["start"], place["end"]
    line: str = text.splitlines()[start["line"]]
    return line[start["character"] : end["character"] if end["line"] == start["line"] else None]


@contextmanager
def start_language_server(folder: Path, schemas: dict[str, list[str]] | None = None) -> Iterator[LanguageServer]:
    """Start a server for a directory. ``schemas``: the setting yaml.schemas, from schemas to names of files."""
    with subprocess.Popen(["node", SERVER, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        assert child.stdout
        server = LanguageServer(child.stdin, child.stdout, schemas or {})
        server.start(folder)
        yield server
        child.kill()
