"""Turn the security that an operation needs into headers, query and cookies."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from .document import Document, Tree
from .literal import joined
from .secrets import Secrets
from .swagger import is_swagger, modern_scheme


class Security(Struct, frozen=True):
    """The security schemes of a document; their values are left to the `.env`."""

    document: Document
    secrets: Secrets

    def of(self, operation: Tree) -> Iterator[tuple[str, str, str]]:
        """Yield place, name and value of every credential that the first security entry needs."""
        ways = operation.get("security", self.document.tree.get("security")) or [{}]
        for name in ways[0]:
            scheme = self._scheme(name)
            kind, way = scheme.get("type"), str(scheme.get("scheme", "")).lower()
            if kind == "apiKey":
                key = str(scheme.get("name", ""))
                yield str(scheme.get("in")), key, self._secret(key)
            elif kind in ("oauth2", "openIdConnect") or way == "bearer":
                yield "header", "Authorization", joined("Bearer ", self._secret("token"))
            elif way == "basic":
                yield "header", "Authorization", joined("Basic ", self._secret("basic_auth"))
            else:
                told = f"of type {kind} is not converted" if kind else "is not described"
                self.document.notes.add(f"the security scheme {name} {told}")

    def _scheme(self, name: str) -> Tree:
        tree, follow = self.document.tree, self.document.follow
        if is_swagger(tree):
            return modern_scheme(follow(follow(tree.get("securityDefinitions")).get(name)))
        components = follow(tree.get("components"))
        return follow(follow(components.get("securitySchemes")).get(name))

    def _secret(self, name: str) -> str:
        reference = self.secrets.reference(name, "")
        # Once for the document: all operations share the value.
        what = f"{reference} has no value yet"
        self.document.notes.for_file.add(what, "write it into the .env")
        return reference
