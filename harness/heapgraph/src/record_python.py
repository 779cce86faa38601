"""Runs a Python program and records its object graph as a HEAPGRF1 file.

    python3 record_python.py OUT REPORT AT MODES WORKLOAD SCRIPT [ARGUMENT ..]

OUT is written over. REPORT gets one line: "ok N M" or "error" and why. AT is empty, or names the function (FUNCTION
or MODULE:FUNCTION) at whose first call in the main thread the graph is recorded; the program then goes on. Otherwise it
is recorded when the program's last line has run, or when an exception or sys.exit() has ended it: before threads are
waited for and before atexit handlers. MODES holds "new_only", "gc_only", both or nothing.

The nodes are all objects that the collector tracks, then everything that they refer to, transitively, by
gc.get_referents(). The file is for CPython 3.6 and later; for older ones it is still valid syntax, so as to say so.

What makes the counts exact. The recorder lives in the program's own process, so what it holds must be left out:

1. Its own objects (its module, functions and their code, frames, lists) are not nodes.
2. It measures all counts in one loop, during which it holds each node by the same number of references. How many that
   is tells an object that nobody else holds and that is measured last.
3. References from its own objects to nodes (the names in its code, the modules that it uses) are counted one by one and
   subtracted. None of the numbers that it keeps meanwhile is one of CPython's cached small ones: positions begin at BIAS.
4. Immortal objects (3.12 and later) have a count that does not move; nothing is subtracted there.

Code objects are opaque to the collector: what only they hold (names, constants) has external references.
"""

import sys

if sys.version_info < (3, 6) or sys.implementation.name != "cpython":
    sys.stderr.write("recording needs CPython 3.6 or later; this is %s\n" % sys.version.split("\n")[0])
    sys.exit(2)

import _weakref
import gc
import os

# Positions begin here, above every small int that CPython keeps one copy of.
BIAS = 1 << 16
# The position of an object that is the recorder's own or was left out.
OWN = -BIAS
LEFT_OUT = -BIAS - 1
# From this count on an object is immortal, in the versions that have such objects.
IMMORTAL = 1 << 29 if sys.version_info >= (3, 12) else 1 << 62
LIMIT_32 = 0xFFFFFFFF
HAVE_GC = 1 << 14
HEAP_TYPE = 1 << 9

# Lists of the recorder. SETTINGS: out, report, at, modes, workload, process. HELD: what the recorder holds for the
# interpreter's sake, so that it counts as held from outside. BASELINE: objects older than the program.
SETTINGS = []
HELD = []
BASELINE = []
# What record() has to put back: whether the collector was on, and the switch interval.
BEFORE = []
# Frames of the recorder that have ended, but that the program's traceback still refers to.
FRAMES = []
# What the compiler keeps of this file as long as it runs. It is found by the text that is only in there.
ARENA = []
MARK = "the recorder's mark, which nothing else is equal to"
MODULE = sys.modules["__main__"]
# A module that must not be asked for its referents, or, which is never asked, this one: _asyncio reports, in 3.12 and
# later, objects that it has freed and keeps for reuse, and they would be freed a second time. Only its namespace is
# followed.
UNSAFE = [MODULE]
MODULE_TYPE = type(MODULE)
FUNCTION_TYPE = type(lambda: None)


def main():
    """Takes the arguments, runs the program as __main__, records, and ends as the program ends."""
    here = os.path.dirname(os.path.abspath(sys.argv[0]))
    SETTINGS.extend(sys.argv[1:6] + [os.getpid()])
    sys.argv[:] = sys.argv[6:]
    if sys.path and sys.path[0] and os.path.abspath(sys.path[0]) == here:
        sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    sys.path_importer_cache.pop(MODULE.__file__, None)
    del here
    find_arena()
    load()
    # Tuples of names and constants are tracked until the first collection that sees them.
    gc.collect()
    if "new_only" in SETTINGS[3]:
        objects, _ = everything({}, False)
        BASELINE.extend(objects)
        del objects, _
    if SETTINGS[2]:
        sys.setprofile(watch)
    run()
    sys.setprofile(None)
    if SETTINGS[2]:
        report("error the program never called %s in its main thread, so nothing was recorded" % SETTINGS[2])
    else:
        record()
    if HELD:
        finish(HELD.pop())


def find_arena():
    """Finds the list in which the compiler keeps the names and texts of this file."""
    for referrer in gc.get_referrers(MARK):
        if type(referrer) is list:
            ARENA.append(referrer)


def run():
    """Runs the program. This frame stands below it and holds nothing by name."""
    try:
        # The program's code and namespace are held by this call only.
        exec(HELD.pop(), HELD.pop())
    except BaseException as error:
        # The first entry is the call above.
        error.__traceback__ = error.__traceback__.tb_next
        HELD.append(error)
        FRAMES.append(sys._getframe())


def load():
    """Puts the program's namespace and code into HELD, or ends like Python does for a program that is none."""
    script = sys.argv[0]
    module = MODULE_TYPE("__main__")
    module.__dict__.update(__file__=script, __builtins__=sys.modules["builtins"], __cached__=None)
    module.__loader__ = type(MODULE.__loader__)("__main__", script)
    for name in ("__loader__", "__file__", "__cached__", "__spec__", "__doc__"):
        MODULE.__dict__[name] = None
    try:
        with open(script, "rb") as file:
            code = compile(file.read(), script, "exec", 0, True)
    except (OSError, SyntaxError, ValueError) as error:
        report("error the program cannot be loaded: %s" % error)
        error.__traceback__ = None
        sys.excepthook(type(error), error, None)
        sys.exit(1)
    sys.modules["__main__"] = module
    HELD.extend((module.__dict__, code))


def finish(error):
    """Ends the process as the exception would have ended it."""
    if isinstance(error, SystemExit):
        raise error
    sys.excepthook(type(error), error, error.__traceback__)
    sys.exit(1)


def watch(frame, event, argument):
    """The profile function that waits for the function at whose call the graph is recorded."""
    if event != "call" or frame.f_globals is globals():
        return
    module, _, name = SETTINGS[2].rpartition(":")
    if frame.f_code.co_name != name or (module and frame.f_globals.get("__name__") != module):
        return
    del module, name, _
    sys.setprofile(None)
    record()
    SETTINGS[2] = ""
    # Nothing is left to do at the end.
    SETTINGS[5] = None


def report(line):
    """Says in the report file how it went; only the first line counts, and only from the process that was started."""
    if SETTINGS[5] != os.getpid():
        return
    try:
        with open(SETTINGS[1], "x", encoding="utf-8", errors="replace") as file:
            file.write(line)
    except FileExistsError:
        pass


def record():
    """Records the graph as it is now. The program finds everything as it was."""
    if SETTINGS[5] != os.getpid():
        return
    BEFORE.extend((gc.isenabled(), sys.getswitchinterval()))
    gc.disable()
    # Other threads of the program stand still meanwhile, unless they run outside the interpreter's lock.
    sys.setswitchinterval(1000.0)
    try:
        nodes, edges = write_graph()
        report("ok %d %d" % (nodes, edges))
    except Exception as error:
        report("error the graph cannot be recorded: %s: %s" % (type(error).__name__, error))
    finally:
        UNSAFE[0] = MODULE
        sys.setswitchinterval(BEFORE.pop())
        if BEFORE.pop():
            gc.enable()


def own_objects():
    """The recorder's objects that the collector may know, and its code. Each once."""
    own = [MODULE, MODULE.__dict__, SETTINGS, HELD, BASELINE, BEFORE, FRAMES, UNSAFE, ARENA] + ARENA
    codes = []
    # The module's own code has a function, too, in 3.11 and later.
    for value in gc.get_referrers(MODULE.__dict__):
        if type(value) is FUNCTION_TYPE and value.__globals__ is MODULE.__dict__:
            own.append(value)
            codes.append(value.__code__)
    frames = FRAMES[:]
    frame = sys._getframe(1)
    # In 3.11 and later frames are objects only once somebody asks for them, so the program's are not asked for.
    while frame is not None and (frame.f_globals is MODULE.__dict__ or sys.version_info < (3, 11)):
        if frame.f_globals is MODULE.__dict__:
            frames.append(frame)
        frame = frame.f_back
    for frame in frames:
        own.append(frame)
        if frame.f_code not in codes:
            codes.append(frame.f_code)
        # Before 3.11, a profile function has made a dict of the frame's local names.
        for value in gc.get_referents(frame):
            if type(value) is dict and value is not MODULE.__dict__ and value is not sys.modules["builtins"].__dict__:
                own.append(value)
    for code in codes:
        # Tuples of nothing but names and numbers are not tracked after the first collection; these may hold tuples.
        own.append(code.co_consts)
    return own, codes


def own_references(own, codes):
    """How often the recorder's objects refer to what: a dict from id to number, and what keeps the ids valid."""
    referents = []
    for value in own:
        if value is not HELD and type(value) is not tuple:
            referents.extend(gc.get_referents(value))
    for code in codes:
        referents.extend(code_referents(code))
    # Names of a namespace are not reported.
    referents.extend(MODULE.__dict__)
    referents.append(MODULE.__name__)
    # The function that measures, during the call.
    referents.append(sys.getrefcount)
    if sys.version_info < (3, 11):
        # The frame in which it was called.
        referents.append(sys.modules["builtins"].__dict__)
    counts = {}
    for value in referents:
        counts[id(value)] = counts.get(id(value), 0) + 1
    return counts, referents


def code_referents(code):
    """What a code object refers to, directly or through its tuples of names, which the collector does not report."""
    found = [code.co_filename, code.co_name]
    groups = [code.co_consts, code.co_names]
    if sys.version_info >= (3, 11):
        # One tuple holds all local names; `co_varnames` is made of it on demand.
        found.extend((code.co_qualname, code.co_exceptiontable))
        found.extend(code.co_varnames)
    else:
        groups.extend((code.co_varnames, code.co_freevars, code.co_cellvars))
    found.extend(groups)
    for group in groups:
        found.extend(group)
    return found


def everything(index, gc_only):
    """All tracked objects that the index does not have, then what they refer to. Fills the index: id to position."""
    known = gc.get_objects()
    if sys.version_info < (3, 11):
        index[id(sys._getframe())] = OWN
    index[id(index)] = index[id(known)] = OWN
    objects = []
    index[id(objects)] = OWN
    for value in known:
        key = id(value)
        if key not in index:
            index[key] = BIAS + len(objects)
            objects.append(value)
    del known
    edges = 0
    unsafe = UNSAFE[0]
    for value in objects:
        for referent in gc.get_referents(value) if value is not unsafe else (value.__dict__,):
            edges += 1
            key = id(referent)
            if key not in index:
                if gc_only and not is_collected(referent):
                    index[key] = LEFT_OUT
                else:
                    index[key] = BIAS + len(objects)
                    objects.append(referent)
    return objects, edges


def is_collected(value):
    """Whether the collector knows this kind of object: whether it has a collector header."""
    kind = type(value)
    if not type.__dict__["__flags__"].__get__(kind) & HAVE_GC:
        return False
    # Types themselves have one if they were made at run time.
    return not isinstance(value, type) or bool(type.__dict__["__flags__"].__get__(value) & HEAP_TYPE)


def array(letter, count):
    """A flat array of zeros. A memoryview needs no module, which would become part of the graph."""
    width = {"Q": 8, "q": 8, "I": 4, "H": 2, "B": 1}[letter]
    return memoryview(bytearray(count * width)).cast(letter)


def measure(objects):
    """The reference count of each object without the references that this loop adds."""
    objects.append(object())
    counts = array("q", BIAS + len(objects))
    position = BIAS
    for value in objects:
        counts[position] = sys.getrefcount(value)
        position += 1
    del value
    objects.pop()
    # Nobody but the list holds the last object.
    added = counts[position - 1]
    counts = counts[BIAS : position - 1]
    for position, count in enumerate(counts):
        if count < IMMORTAL:
            counts[position] = count - added
    return counts


def write_graph():
    """Walks the graph, measures it and writes the file. Returns the numbers of nodes and edges."""
    if sys.version_info >= (3, 12):
        UNSAFE[0] = sys.modules.get("_asyncio", MODULE)
    index = {}
    own, codes = own_objects()
    index[id(own)] = index[id(codes)] = OWN
    for value in own:
        index[id(value)] = OWN
    for value in BASELINE:
        index.setdefault(id(value), LEFT_OUT)
    del value
    objects, edges = everything(index, "gc_only" in SETTINGS[3])
    counts = measure(objects)
    # From here on, counts may change: they are known.
    own_counts, own_referents = own_references(own, codes)

    n = len(objects)
    offsets, outside, incoming = array("Q", n + 1), array("I", n), array("I", n)
    targets = array("I", edges)
    m = 0
    unsafe = UNSAFE[0]
    for position, value in enumerate(objects):
        for referent in gc.get_referents(value) if value is not unsafe else (value.__dict__,):
            target = index.get(id(referent), LEFT_OUT)
            if target >= BIAS:
                target -= BIAS
                targets[m] = target
                incoming[target] += 1
                m += 1
            else:
                outside[position] += 1
        offsets[position + 1] = m

    external, refcount = array("I", n), array("I", n)
    for position, value in enumerate(objects):
        count = counts[position]
        if count < IMMORTAL:
            count -= own_counts.get(id(value), 0)
        refcount[position] = min(max(count, 0), LIMIT_32)
        external[position] = min(max(count - incoming[position], 0), LIMIT_32)
    del own, codes, own_counts, own_referents, counts, incoming

    names, kinds, traits = [], array("H", n), {}
    sizes, flags = array("I", n), array("B", n)
    for position, value in enumerate(objects):
        kind = type(value)
        trait = traits.get(id(kind))
        if trait is None:
            trait = traits[id(kind)] = describe(kind, names)
        kinds[position] = trait[0]
        flags[position] = (
            (1 if is_collected(value) else 0)
            | (2 if gc.is_tracked(value) else 0)
            | trait[1]
            | (8 if _weakref.getweakrefcount(value) else 0)
        )
        sizes[position] = min(size_of(value), LIMIT_32)

    arrays = [
        ("offsets", offsets),
        ("targets", targets[:m]),
        ("type", kinds),
        ("size", sizes),
        ("refcount", refcount),
        ("external", external),
        ("outside", outside),
        ("flags", flags),
    ]
    header = (
        '{"n": %d, "m": %d, "types": [%s], "python": %s, "workload": %s, "new_only": %s, "gc_only": %s, "arrays": [%s]}'
        % (
            n,
            m,
            ", ".join(map(quote, names)),
            quote("%d.%d.%d" % sys.version_info[:3]),
            quote(SETTINGS[4]),
            "true" if "new_only" in SETTINGS[3] else "false",
            "true" if "gc_only" in SETTINGS[3] else "false",
            ", ".join(['["%s", "%s"]' % (name, items.format) for name, items in arrays]),
        )
    ).encode("ascii")
    with open(SETTINGS[0], "wb") as file:
        file.write(b"HEAPGRF1")
        file.write(len(header).to_bytes(4, "little"))
        file.write(header)
        for _, items in arrays:
            file.write(little_endian(items))
    return n, m


def describe(kind, names):
    """The index of a type's name, and its flag for a finalizer. The type's own attributes are not asked."""
    try:
        module = type.__dict__["__module__"].__get__(kind)
    except AttributeError:
        module = None
    name = type.__dict__["__qualname__"].__get__(kind)
    if isinstance(module, str):
        name = module + "." + name
    if len(names) < 0xFFFF:
        names.append(name)
    elif len(names) == 0xFFFF:
        names.append("(other types)")
    finalizer = 0
    # A type that nobody has used yet may have no bases so far.
    for base in type.__dict__["__mro__"].__get__(kind) or ():
        if "__del__" in type.__dict__["__dict__"].__get__(base):
            finalizer = 4
    return len(names) - 1, finalizer


def size_of(value):
    """Bytes, the collector's header included. A program's own __sizeof__ may be wrong or fail."""
    try:
        return max(sys.getsizeof(value), 0)
    except Exception:
        return object.__sizeof__(value)


def quote(text):
    """A JSON string, in ASCII."""
    pieces = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            pieces.append("\\" + character)
        elif 0x20 <= code < 0x7F:
            pieces.append(character)
        elif 0xD800 <= code < 0xE000:
            pieces.append("?")
        elif code < 0x10000:
            pieces.append("\\u%04x" % code)
        else:
            code -= 0x10000
            pieces.append("\\u%04x\\u%04x" % (0xD800 | code >> 10, 0xDC00 | code & 0x3FF))
    return '"' + "".join(pieces) + '"'


def little_endian(items):
    """The array's bytes in the order of the file."""
    data = bytearray(items.cast("B"))
    if sys.byteorder == "big":
        width = items.itemsize
        turned = bytearray(len(data))
        for byte in range(width):
            turned[byte::width] = data[width - 1 - byte :: width]
        data = turned
    return data


main()
