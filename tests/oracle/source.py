"""Python source put together piece by piece: modules, symbols, and imports in the style that each module drew."""

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Symbol:
    """A name defined at the top of a module."""

    module: str
    name: str


class Module:
    """One file of the app, with the imports that its text turned out to need."""

    def __init__(self, dotted, rng, cyclic=False, early=False):
        self.dotted = dotted
        self.rng = rng
        # Whether its own imports of the project must wait until a function runs.
        self.cyclic = cyclic
        # Whether it is imported while a module that it imports is not yet done.
        self.early = early
        self.imports = {}
        self.styles = {}
        self.blocks = []

    @property
    def package(self):
        return self.dotted.rpartition(".")[0]

    @property
    def path(self):
        return self.dotted.replace(".", "/") + ".py"

    def need(self, line):
        """An import of something outside the project."""
        self.imports.setdefault(line)

    def add(self, text):
        """A top-level statement, function or class."""
        self.blocks.append(textwrap.dedent(text).strip("\n"))

    def define(self, name):
        return Symbol(self.dotted, name)

    def how(self, symbol):
        """The import line for a symbol and the expression that then means it; no line for the module's own."""
        if symbol.module == self.dotted:
            return None, symbol.name
        styles = ["name", "name", "name", "alias", "module"] + ["dotted"] * (not self.early)
        style = self.styles.setdefault(symbol.module, self.rng.choice(styles))
        package, _, leaf = symbol.module.rpartition(".")
        near = package == self.package and self.styles.setdefault("relative", self.rng.random() < 0.6)
        start = f".{leaf}" if near else symbol.module
        if style == "name":
            return f"from {start} import {symbol.name}", symbol.name
        if style == "alias":
            alias = f"{symbol.name}Row" if symbol.name[0].isupper() else f"{symbol.name}_now"
            alias = alias.upper() if symbol.name.isupper() else alias
            return f"from {start} import {symbol.name} as {alias}", alias
        if style == "module":
            alias = leaf if package == self.package else f"{package.replace('.', '_')}_{leaf}"
            shown = leaf if alias == leaf else f"{leaf} as {alias}"
            return f"from {'.' if near else package} import {shown}", f"{alias}.{symbol.name}"
        return f"import {symbol.module}", f"{symbol.module}.{symbol.name}"

    def ref(self, symbol):
        """The expression for a symbol, imported at the top."""
        line, expression = self.how(symbol)
        if line:
            self.need(line)
        return expression

    def text(self):
        def group(line):
            first = line.split()[1].split(".")[0]
            return 2 if not first or first == self.package else 0 if first not in ("django", "redis") else 1

        imports = sorted(self.imports, key=lambda line: (group(line), line))
        return "\n\n\n".join((["\n".join(imports)] if imports else []) + self.blocks) + "\n"


class Scope:
    """A function being written: what it refers to is imported at the top, or in the function itself."""

    def __init__(self, module, local=None):
        self.module = module
        self.local = module.cyclic if local is None else local
        self.imports = {}

    def ref(self, symbol):
        if not self.local:
            return self.module.ref(symbol)
        line, expression = self.module.how(symbol)
        if line:
            self.imports.setdefault(line)
        return expression

    def need(self, line):
        self.module.need(line)

    def function(self, head, body, decorators=()):
        """The text of a function whose body was written in this scope."""
        lines = [*self.imports, *body] or ["pass"]
        return "\n".join([*decorators, f"{head}:", *indent(lines)])


def indent(lines):
    return [f"    {line}" if line else "" for text in lines for line in text.split("\n")]
