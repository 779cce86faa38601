"""Runs scenario programs on this interpreter and writes what it did, as the field `expect` of a scenario file.

The files of this folder are one script: places (where things are in memory), objects (the kinds), acting (finalizers and
callbacks), running (operations), watching (snapshots, exceptions, collections), translating (from and to JSON). Its argument:

    FILE        a scenario file, or one scenario a line
    -           one scenario a line, on standard input
    --about     which interpreter this is, one line of JSON

One line of JSON is written for each scenario: {"name", "expect"}, or {"name", "skipped": why}.

The observer must not disturb what it observes: an object of the driver's own that the collector knows would be counted,
would trigger collections, and would survive them. So:

D1. While a program runs, the driver makes nothing that the collector knows: only integers. Operations and actions lie
    in arrays; the interpreter's memory is read and written through one array of words that begins at address 0.
D2. The interpreter's own objects are taken out of the collector's lists before (`hide`); they are in lists without a head.
D3. Finalizers and callbacks are generators that exist before: calling one makes no frame. Each object with a finalizer has
    a class of its own, since a generator is not told who is finalized.
D4. A generator that returns is the exception out of a finalizer (StopIteration, raised in C: no traceback of ours). What
    the interpreter makes to report it is balanced; the threshold is lifted meanwhile, so that it triggers nothing.
D5. A snapshot is taken with the program's lists taken out and put back afterwards. The collection before they are put back
    empties the free lists of what the snapshot used.
D6. Freed dictionaries go into a free list and do not lower the young count; so do the tuples that the interpreter makes when an
    object dies that has several weak references. After each operation they are fetched from there and counted. (What finalizers
    make during a full collection may be counted too few: the collection empties free lists.) A tuple of more than nine references has no
    free list: the count is lowered by it, also if a collection has set it to 0 meanwhile, which is made good. From a collection that a callback
    starts such a tuple is hidden: it would be seen there, and reach the weak references before their turn. And it is made to let
    go of those without a callback, for which it does nothing: hidden, it would hold them as something outside does.
D7. A tuple is padded to more than 20 items: such tuples have no free list.

An object is known to be freed or cleared when it has let go of its token, an object whose count nobody else changes.
"""

import gc
import json
import sys
import weakref
from array import array

VERSION = sys.version_info[:2]
OLDEST = (3, 6)
NEWEST = (3, 13)


def fail(reason):
    """One line for people, and the exit code that says so."""
    sys.stderr.write("verify_python: " + reason + "\n")
    sys.exit(3)


if sys.implementation.name != "cpython":
    fail("this is %s; only CPython has the collector that is compared here" % sys.implementation.name)
if VERSION < OLDEST:
    fail("this is Python %d.%d; 3.6 is the oldest that is compared" % VERSION)
if VERSION > NEWEST:
    fail("this is Python %d.%d; there are no rules for versions after 3.13" % VERSION)
if "t" in getattr(sys, "abiflags", ""):
    fail("this is a build without a global lock: it has another collector")
if hasattr(sys, "getobjects"):
    fail("this is a build that traces references: its objects have another form")
try:
    import ctypes
except ImportError:
    fail("this interpreter was built without ctypes, which the driver reads memory with")
if ctypes.sizeof(ctypes.c_void_p) != 8 or sys.byteorder != "little":
    fail("the driver knows 64-bit little-endian machines only")
try:
    from _testcapi import with_tp_del
except ImportError:
    with_tp_del = None

gc.disable()

# All of memory, as words and as halves of words (D1).
MEM = (ctypes.c_uint64 * (1 << 57)).from_address(0)
HALF = (ctypes.c_int32 * (1 << 58)).from_address(0)

# Where things are.

# Bytes before an object that belong to the collector.
HEADER = sys.getsizeof([]) - [].__sizeof__()
NONE = id(None)


def find_generations():
    """The addresses of the heads of the three lists, and by how much a threshold lies behind its head."""
    old = gc.get_threshold()
    gc.set_threshold(1000003, 10007, 10009)
    gc.collect()
    last = []
    young = MEM[(id(last) - HEADER) >> 3]
    place = HEADER
    if HALF[(young + place) >> 2] != 1000003:
        fail("the young generation was not found; is this an unusual build?")
    stride = 8
    while HALF[(young + stride + place) >> 2] != 10007 or HALF[(young + 2 * stride + place) >> 2] != 10009:
        stride += 8
        if stride > 128:
            fail("the older generations were not found; is this an unusual build?")
    gc.set_threshold(*old)
    return [young, young + stride, young + 2 * stride], place


GENERATIONS, THRESHOLD = find_generations()
COUNT = THRESHOLD + 4
Y, M, O = [head >> 3 for head in GENERATIONS]
YCOUNT, MCOUNT, OCOUNT = [(head + COUNT) >> 2 for head in GENERATIONS]
YLIMIT, MLIMIT, OLIMIT = [(head + THRESHOLD) >> 2 for head in GENERATIONS]
CAN_FREEZE = hasattr(gc, "freeze")


def find_permanent():
    """The head of the list of frozen objects: where the list of a frozen object ends."""
    if not CAN_FREEZE:
        return 0
    witness = []
    gc.freeze()
    at = MEM[(id(witness) - HEADER) >> 3]
    # Between the generations and the garbage list in the same structure, where no object can lie. (Near it, one can.)
    low = high = GENERATIONS[2]
    while MEM[high >> 3] != id(gc.garbage):
        high += 8
        if high - low > 512:
            fail("the garbage list was not found; is this an unusual build?")
    steps = 0
    while not low < at < high:
        at = MEM[at >> 3]
        steps += 1
        if steps > 10000000:
            fail("the list of frozen objects was not found; is this an unusual build?")
    gc.unfreeze()
    return at


PERMANENT = find_permanent()
P = PERMANENT >> 3


HEADS = [head >> 3 for head in GENERATIONS] + ([P] if CAN_FREEZE else [])


def hide():
    """Takes all objects out of the collector's lists (D2)."""
    for head in HEADS:
        first, last = MEM[head], MEM[head + 1]
        if first >> 3 != head:
            MEM[last >> 3] = first
            MEM[(first >> 3) + 1] = last | (MEM[(first >> 3) + 1] & FLAGS)
            MEM[head] = MEM[head + 1] = head << 3


# What the words that link the lists hold beside an address.
FLAGS = 7 if VERSION >= (3, 8) else 0


def find_totals():
    """The words that hold `long_lived_total` and `long_lived_pending`.

    Since 3.7 they come after the garbage list in the same structure. In 3.6 they are somewhere in the interpreter's data: words
    that follow the number of objects that a collection has kept.
    """
    start = GENERATIONS[0] >> 3
    if not CAN_FREEZE:
        return find_word(2), find_word(1)
    garbage = id(gc.garbage)
    for word in range(start, start + 64):
        if MEM[word] == garbage:
            return word + 2, word + 3
    fail("the number of old objects was not found; is this an unusual build?")


def find_word(generation):
    """The word that is the number of survivors after a collection of this generation, each time; the lists are empty."""
    words = None
    for size in (12347, 9973):
        gc.collect()
        hide()
        witnesses = [[] for _ in range(size)]
        gc.collect(generation)
        seen = []
        for word in words or data_words():
            if 0 <= MEM[word] - size < 32:
                seen.append(word)
        words = seen
        del witnesses
    if not words:
        fail("the number of old objects was not found; is this an unusual build?")
    return words[0]


def data_words():
    """The words of the interpreter's own data: the mapping that the generations lie in, and those that join on to it."""
    words = []
    end = None
    try:
        with open("/proc/self/maps") as maps:
            for line in maps:
                low, high = [int(part, 16) for part in line.split()[0].split("-")]
                if low <= GENERATIONS[0] < high or (low == end and line.split()[1].startswith("rw")):
                    words.extend(range(low >> 3, high >> 3))
                    end = high
    except OSError:
        fail("Python 3.6 can be compared only where there is /proc/self/maps")
    return words


TOTAL, PENDING = find_totals()
