"""The static files: read once, compressed once, served under an address that changes with them."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

# Modules are refused by browsers when their type is wrong, and systems differ.
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
# Lines that are only a comment, and indentation: a quarter of what a phone would download.
_COMMENT = re.compile(rb"^[ \t]*(?://.*|/\*(?:(?!\*/).)*\*/[ \t]*)\n", re.MULTILINE)
_INDENT = re.compile(rb"^[ \t]+", re.MULTILINE)
_SQUEEZED = frozenset({".js", ".css"})


def squeezed(name: str, body: bytes) -> bytes:
    """Return a script or a sheet without comment lines and indentation; other files as they are.

    No text that a person reads stands in those files on lines of its own.
    """
    if Path(name).suffix not in _SQUEEZED:
        return body
    return _INDENT.sub(b"", _COMMENT.sub(b"", body))


@dataclass(frozen=True)
class Asset:
    """One file: its bytes, the same compressed, its media type."""

    body: bytes
    compressed: bytes
    content_type: str


class Assets:
    """Every file of a folder, at `/static/<version>/<name>`.

    The version is a digest of all the contents, so an address is cached for
    good and a module's relative imports stay within one version.
    """

    def __init__(self, folder: Path, made: Mapping[str, bytes] | None = None) -> None:
        """Read `folder`; `made` adds files made by the program, by name."""
        self._files: dict[str, Asset] = {}
        read = {
            path.relative_to(folder).as_posix(): squeezed(path.name, path.read_bytes())
            for path in folder.rglob("*")
            if path.is_file()
        }
        digest = hashlib.sha256()
        for name, body in sorted({**read, **(made or {})}.items()):
            digest.update(name.encode() + b"\0" + body)
            kind = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
            self._files[name] = Asset(
                body, gzip.compress(body, 9, mtime=0), kind or "application/octet-stream"
            )
        self.version = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Return the address of a file; KeyError when there is no such file."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    def __getitem__(self, name: str) -> Asset:
        return self._files[name]

    async def serve(self, request: web.Request) -> web.Response:
        """Answer `GET /static/{version}/{name}`; an old version gets today's file, uncached."""
        asset = self._files.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound(text="Fichier inconnu.")
        current = request.match_info["version"] == self.version
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache",
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
            # The widget loads these modules from other sites; they hold nothing personal.
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        body = asset.body
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body = asset.compressed
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, content_type=asset.content_type, headers=headers)
