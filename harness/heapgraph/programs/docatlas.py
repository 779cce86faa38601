"""An atlas of Python modules: reads their sources, finds who defines, calls and documents what, and writes pages about it.

    docatlas.py [--out FOLDER] [--search WORDS] MODULE [MODULE ..]

A module may be a package; then its modules are read, too. Sources are parsed by a few asyncio workers. From the syntax
trees come scopes with their symbols, then a graph of calls, an index of words, and a page per module with links between
pages. Without --out nothing is written, the pages are only counted. Needs Python 3.8 and the standard library.
"""

import argparse
import ast
import asyncio
import collections
import functools
import html
import importlib.util
import logging
import pathlib
import re
import sys
import weakref

log = logging.getLogger("docatlas")

WORD = re.compile(r"[a-z]{4,}")
STOP_WORDS = frozenset("that this with from have will which when then than been they them their there".split())


class SourceProblem(Exception):
    """A module that cannot be read or parsed. What went wrong underneath is its cause."""

    def __init__(self, module, reason):
        super().__init__("%s: %s" % (module, reason))
        self.module = module


class Events:
    """Who wants to know about what. Listeners are called in the order in which they came."""

    def __init__(self):
        self._listeners = collections.defaultdict(list)

    def on(self, event, listener):
        self._listeners[event].append(listener)

        def off():
            self._listeners[event].remove(listener)

        return off

    def emit(self, event, *values):
        for listener in list(self._listeners[event]):
            listener(*values)


class Symbol:
    """A name that a module, class or function defines, and the definitions that call it or are called by it."""

    __slots__ = ("name", "kind", "scope", "node", "body", "calls", "called_by", "__weakref__")

    def __init__(self, name, kind, scope, node):
        self.name = name
        self.kind = kind
        self.scope = scope
        self.node = node
        self.body = None
        self.calls = []
        self.called_by = []

    @property
    def qualified(self):
        if self.kind == "module":
            return self.scope.module.name
        parent = self.scope.owner
        if parent is None:
            return "%s.%s" % (self.scope.module.name, self.name)
        return "%s.%s" % (parent.qualified, self.name)

    def doc(self):
        if self.kind in ("class", "function", "module"):
            return ast.get_docstring(self.node) or ""
        return ""


class Scope:
    """A namespace of the source. Knows its parent and its children; `owner` is the symbol that it is the body of."""

    def __init__(self, module, parent=None, owner=None):
        self.module = module
        self.parent = parent
        self.owner = owner
        self.children = []
        self.symbols = {}
        self.pending_calls = []
        if parent is not None:
            parent.children.append(self)

    def define(self, name, kind, node):
        symbol = self.symbols.get(name)
        if symbol is None:
            symbol = self.symbols[name] = Symbol(name, kind, self, node)
        return symbol

    def resolve(self, name):
        """The symbol that a name means here, by the rules of Python, or None."""
        scope = self
        while scope is not None:
            # Names of a class are not seen from its methods.
            if scope is self or scope.owner is None or scope.owner.kind != "class":
                symbol = scope.symbols.get(name)
                if symbol is not None:
                    return symbol
            scope = scope.parent
        return None

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()


class Module:
    """A source file, its syntax tree and the scopes in it."""

    def __init__(self, name, path, atlas):
        self.name = name
        self.path = path
        self.atlas = atlas
        self.text = None
        self.tree = None
        self.scope = None
        self.imports = {}

    def parse(self, data):
        try:
            self.text = data.decode("utf-8")
            self.tree = ast.parse(self.text, str(self.path))
        except (SyntaxError, UnicodeDecodeError) as error:
            raise SourceProblem(self.name, "cannot be parsed") from error
        self.scope = Scope(self)
        ScopeBuilder(self).visit(self.tree)


class ScopeBuilder(ast.NodeVisitor):
    """Goes through a syntax tree and makes its scopes and symbols."""

    def __init__(self, module):
        self.module = module
        self.scope = module.scope

    def _inside(self, symbol, node):
        outer = self.scope
        self.scope = symbol.body = Scope(self.module, outer, symbol)
        try:
            self.generic_visit(node)
        finally:
            self.scope = outer

    def visit_ClassDef(self, node):
        self._inside(self.scope.define(node.name, "class", node), node)

    def visit_FunctionDef(self, node):
        self._inside(self.scope.define(node.name, "function", node), node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node):
        self.scope.define(node.arg, "parameter", node)
        self.generic_visit(node)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Store):
            self.scope.define(node.id, "variable", node)

    def visit_Import(self, node):
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.module.imports[name] = alias.name
            self.scope.define(name, "import", node)

    def visit_ImportFrom(self, node):
        for alias in node.names:
            name = alias.asname or alias.name
            self.module.imports[name] = "%s%s.%s" % ("." * node.level, node.module or "", alias.name)
            self.scope.define(name, "import", node)

    def visit_Call(self, node):
        self.scope.pending_calls.append(node.func)
        self.generic_visit(node)


class LruCache:
    """Results of a function, the least recently used one dropped first: a ring of entries beside a dict."""

    class Entry:
        __slots__ = ("key", "value", "before", "after")

        def __init__(self, key=None, value=None):
            self.key, self.value = key, value
            self.before = self.after = self

    def __init__(self, capacity, dropped=None):
        self.capacity = capacity
        self.dropped = dropped
        self.hits = self.misses = 0
        self._entries = {}
        self._ring = self.Entry()

    def get(self, key, make):
        entry = self._entries.get(key)
        if entry is None:
            self.misses += 1
            entry = self._entries[key] = self.Entry(key, make())
        else:
            self.hits += 1
            entry.before.after, entry.after.before = entry.after, entry.before
        last = self._ring.before
        entry.before, entry.after = last, self._ring
        last.after = self._ring.before = entry
        if len(self._entries) > self.capacity:
            self._drop(self._ring.after)
        return entry.value

    def _drop(self, entry):
        del self._entries[entry.key]
        entry.before.after, entry.after.before = entry.after, entry.before
        if self.dropped is not None:
            self.dropped(entry.key)


class Page:
    """What is shown of a symbol. Pages form a tree, and each knows its neighbours and who links to it."""

    def __init__(self, symbol, parent):
        self.symbol = symbol
        self.parent = parent
        self.children = []
        self.previous = self.next = None
        self.back_links = weakref.WeakSet()
        self.render = functools.partial(render, self)
        if parent is not None:
            parent.children.append(self)

    @property
    def address(self):
        return self.symbol.qualified.replace(".", "/") + ".html"


class Atlas:
    """Everything that is known about the modules."""

    def __init__(self):
        self.events = Events()
        self.modules = {}
        self.problems = []
        self.words = collections.defaultdict(dict)
        self.pages = {}
        self.module_of = weakref.WeakKeyDictionary()
        self.fragments = LruCache(500, dropped=lambda key: log.debug("dropped %s", key))
        self.statistics = collections.Counter()
        self.events.on("parsed", self._index_symbols)
        self.events.on("parsed", lambda module: self.statistics.update(modules=1, lines=module.text.count("\n")))
        self.events.on("problem", self.problems.append)
        self.events.on("problem", lambda problem: self.statistics.update(problems=1))

    def _index_symbols(self, module):
        for scope in module.scope.walk():
            for symbol in scope.symbols.values():
                self.module_of[symbol] = module
                for word in set(WORD.findall(symbol.doc().lower())) - STOP_WORDS:
                    self.words[word].setdefault(symbol, []).append(symbol.node.lineno)

    def link_calls(self):
        """Finds out which definition each call means, as far as names alone tell."""
        for module in self.modules.values():
            for scope in module.scope.walk():
                for function in scope.pending_calls:
                    target = self._target(scope, function)
                    if target is None:
                        self.statistics["calls to elsewhere"] += 1
                    elif scope.owner is not None:
                        self.statistics["calls"] += 1
                        scope.owner.calls.append(target)
                        target.called_by.append(scope.owner)

    def _target(self, scope, function):
        if isinstance(function, ast.Name):
            symbol = scope.resolve(function.id)
            if symbol is not None and symbol.kind == "import":
                return self._imported(symbol.scope.module, symbol.name)
            return symbol
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
            if function.value.id == "self":
                return self._method(scope, function.attr)
            module = self.modules.get(scope.module.imports.get(function.value.id))
            return module and module.scope.symbols.get(function.attr)
        return None

    def _imported(self, module, name):
        path, _, name = module.imports[name].rpartition(".")
        if path.startswith("."):
            path = module.name.rpartition(".")[0] + path.rstrip(".")
        source = self.modules.get(path)
        return source and source.scope.symbols.get(name)

    @staticmethod
    def _method(scope, name):
        while scope is not None and (scope.owner is None or scope.owner.kind != "class"):
            scope = scope.parent
        return scope and scope.symbols.get(name)

    def make_pages(self):
        last = None
        for module in self.modules.values():
            root = Symbol(module.name, "module", module.scope, module.tree)
            page = self.pages[root] = Page(root, None)
            last = self._chain(last, page)
            for scope in module.scope.walk():
                above = self.pages.get(scope.owner, page)
                for symbol in scope.symbols.values():
                    if symbol.kind in ("class", "function"):
                        self.pages[symbol] = Page(symbol, above)
                        last = self._chain(last, self.pages[symbol])
        for symbol, page in self.pages.items():
            for target in symbol.calls:
                if target in self.pages:
                    self.pages[target].back_links.add(page)

    @staticmethod
    def _chain(last, page):
        if last is not None:
            last.next, page.previous = page, last
        return page

    def search(self, text):
        """Symbols whose documentation has all these words, the most often called first."""
        found = [set(self.words.get(word, ())) for word in WORD.findall(text.lower())]
        hits = set.intersection(*found) if found else set()
        return sorted(hits, key=lambda symbol: (-len(symbol.called_by), symbol.qualified))


def link(atlas, symbol):
    """A link to a symbol's page, from the cache if it was made before."""
    return atlas.fragments.get(
        symbol, lambda: '<a href="/%s.html">%s</a>' % (symbol.qualified.replace(".", "/"), html.escape(symbol.name))
    )


def render(page, atlas):
    symbol = page.symbol
    lines = ["<h1>%s</h1>" % html.escape(symbol.qualified), "<pre>%s</pre>" % html.escape(symbol.doc())]
    for title, symbols in (("Calls", symbol.calls), ("Called by", symbol.called_by)):
        if symbols:
            unique = sorted(set(symbols), key=lambda s: s.qualified)
            lines.append("<h2>%s</h2>" % title)
            lines.extend(link(atlas, target) for target in unique)
    for neighbour, title in ((page.previous, "back"), (page.parent, "up"), (page.next, "on")):
        if neighbour is not None:
            lines.append('<a href="/%s">%s</a>' % (neighbour.address, title))
    return "\n".join(lines)


def find_sources(names):
    """Names and files of the modules that are meant; of a package, all those directly in it."""
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            yield name, None
            continue
        yield name, pathlib.Path(spec.origin)
        for folder in spec.submodule_search_locations or ():
            for path in sorted(pathlib.Path(folder).glob("*.py")):
                if path.stem not in ("__init__", "__main__"):
                    yield "%s.%s" % (name, path.stem), path


async def reader(queue, atlas):
    """A worker: takes modules from the queue for as long as there are any."""
    loop = asyncio.get_running_loop()
    while True:
        module = await queue.get()
        try:
            try:
                data = await loop.run_in_executor(None, module.path.read_bytes)
            except (OSError, AttributeError) as error:
                raise SourceProblem(module.name, "has no source file") from error
            module.parse(data)
        except SourceProblem as problem:
            atlas.events.emit("problem", problem)
        else:
            atlas.modules[module.name] = module
            atlas.events.emit("parsed", module)
        finally:
            queue.task_done()


async def writer(queue, atlas, out):
    """A worker: renders the pages of the queue, and writes them if there is a folder for them."""
    while True:
        page = await queue.get()
        text = page.render(atlas)
        atlas.statistics.update(pages=1, characters=len(text))
        if out is not None:
            path = out / page.address
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        queue.task_done()


def publish(atlas, queue):
    """Hands all pages to the writers. At this point everything is in memory at once."""
    for page in atlas.pages.values():
        queue.put_nowait(page)


async def build(names, out):
    atlas = Atlas()
    sources, pages = asyncio.Queue(), asyncio.Queue()
    readers = [asyncio.ensure_future(reader(sources, atlas)) for _ in range(4)]
    for name, path in find_sources(names):
        sources.put_nowait(Module(name, path, atlas))
    await sources.join()
    atlas.modules = dict(sorted(atlas.modules.items()))
    atlas.link_calls()
    atlas.make_pages()
    # Links that are on many pages are made first.
    for symbol in sorted(atlas.pages, key=lambda symbol: -len(symbol.called_by))[:400]:
        link(atlas, symbol)
    writers = [asyncio.ensure_future(writer(pages, atlas, out)) for _ in range(4)]
    await asyncio.sleep(0)
    publish(atlas, pages)
    await pages.join()
    for task in readers + writers:
        task.cancel()
    await asyncio.gather(*readers, *writers, return_exceptions=True)
    return atlas


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--search", metavar="WORDS")
    parser.add_argument("modules", nargs="+", metavar="MODULE")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    atlas = asyncio.run(build(arguments.modules, arguments.out))
    for problem in atlas.problems:
        log.warning("%s", problem)
    for title, count in sorted(atlas.statistics.items()):
        print("%8d %s" % (count, title))
    if arguments.search:
        for symbol in atlas.search(arguments.search)[:10]:
            print("%8d calls of %s" % (len(symbol.called_by), symbol.qualified))
    return 1 if atlas.problems and not atlas.modules else 0


if __name__ == "__main__":
    sys.exit(main())
