"""Runs scenario programs on this interpreter and writes what it did, as the field `expect` of a scenario file.

    python3 verify_python.py FILE        a scenario file, or one scenario a line
    python3 verify_python.py -           one scenario a line, on standard input
    python3 verify_python.py --about     what this interpreter can do, one line of JSON

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
    make during a full collection may be counted too few: the collection empties free lists.)
D7. A tuple is padded to more than 20 items: such tuples have no free list.

An object is known to be freed or cleared when it has let go of its token, an object whose count nobody else changes.
"""

import gc
import json
import sys
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
if not getattr(sys, "_is_gil_enabled", lambda: True)():
    fail("this is a build without a global lock: it has another collector")
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

# ---------------------------------------------------------------------------------------------------------------------
# Where things are
# ---------------------------------------------------------------------------------------------------------------------

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
    low, high = GENERATIONS[0] - 4096, GENERATIONS[0] + 4096
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

# ---------------------------------------------------------------------------------------------------------------------
# The kinds
# ---------------------------------------------------------------------------------------------------------------------

NODE, FIN, LEGACY, LIST, DICT, TUPLE, ATOM, WEAKREF, INST = range(9)
KINDS = {"node": NODE, "fin": FIN, "legacy": LEGACY, "flist": LIST, "dict": DICT, "tuple": TUPLE, "atom": ATOM,
         "weakref": WEAKREF, "inst": INST}
# What can be the target of a weak reference: of the others, Python has none.
WEAKLY = (NODE, FIN, LEGACY, LIST, INST)

SLOTS = ("s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7")
# Under which a dictionary keeps its token; no slot of a program is a string.
KEY = "token"


class Node(object):
    """Eight slots, dropped and visited from 0 to 7, and the token."""
    __slots__ = SLOTS + ("token", "__weakref__")


class List(list):
    """A list of a class of its own: lists proper are reused from a free list and not counted."""
    __slots__ = ("token", "__weakref__")


import weakref  # noqa: E402


class Weak(weakref.ref):
    """A weak reference of a class of its own: those proper are shared where they have no callback."""
    __slots__ = ("token",)


class Inst(object):
    """Eight attributes, one that keeps its dictionary tracked, and the token.

    The dictionary is made when asked for, where the version allows: since 3.13 only for instances that have no slots.
    """


ANCHOR = [None]
DICT_AT = id(dict)


def offset_of_slots():
    """Where the first slot of a node lies."""
    node = Node()
    mark = 0.5
    node.s0, node.s7 = mark, mark
    for word in range(2, 16):
        if MEM[(id(node) >> 3) + word] == id(mark) and MEM[(id(node) >> 3) + word + 7] == id(mark):
            return word
    fail("the slots of an object were not found; is this an unusual build?")


SLOT = offset_of_slots()

# ---------------------------------------------------------------------------------------------------------------------
# What a program and its finalizers share (D1): lists and arrays of fixed length, by the number of the object
# ---------------------------------------------------------------------------------------------------------------------

TOKENS, TOKEN_AT, TOKEN_COUNT = [], array("q"), array("q")
REGISTERS = []
ADDRESS = array("Q")
ALIVE = array("b")
KIND = array("b")
HOLDS = array("q")
TARGET = array("q")
ACTORS, CALLS, FRAMES = [], [], []
FIN_CLASSES, LEGACY_CLASSES = [], []
FIRST_ACTION, LAST_ACTION = array("q"), array("q")
NUMBER_AT = {}

ACTIONS = array("q")
CODE = array("q")
OPERANDS = array("q")
LOG = array("q", bytes(8 * 4096))
# Position of the operation; length of the log; is the driver cleaning up; the young threshold while it is lifted; how many
# reports of collections are kept; was there an exception of the driver's own; how many dictionaries are kept.
STATE = array("q", [0, 0, 0, 0, 0, 0, 0])
PC, LENGTH, QUIET, LIMIT, SPARE, WRONG, USED = range(7)
CELL = [None]
CELL_AT = MEM[(id(CELL) + 24) >> 3] >> 3
PAIR = (CELL, CELL)  # the arguments of a weak reference; replaced before each use
PAIR_AT = (id(PAIR) + 24) >> 3
# As many as a tuple may have here: the compiler makes longer ones out of lists.
MOST_ITEMS = 24
ITEMS = [None] * MOST_ITEMS

(ROOT_SELF, ATTACH_SELF, ROOT_SLOT, CLEAR_SLOT, UNROOT, NEW, LINK, COLLECT, DEREF, RAISE) = range(10)
ACTION_NAMES = {"root_self": ROOT_SELF, "attach_self": ATTACH_SELF, "root_slot": ROOT_SLOT, "clear_slot": CLEAR_SLOT,
                "unroot": UNROOT, "new": NEW, "link": LINK, "collect": COLLECT, "deref": DEREF, "raise": RAISE}

# Records of the log: kind, position, and two numbers.
(L_RESULT, L_FINALIZER, L_CALLBACK, L_RAISED, L_DEREF, L_COLLECT, L_FREED, L_SKIPPED, L_START, L_STOP, L_INFO,
 L_SNAP) = range(12)
# Names of results.
R_COLLECT, R_ENABLED, R_FREEZE_COUNT = range(3)
RESULT_NAMES = ("collect", "isenabled", "freeze_count")

# Calls with no argument, or with a tuple that exists: other calls make one in some versions.
COLLECT_GENERATION = gc.collect
COLLECT_ALL = gc.collect
GENERATION = [(0,), (1,), (2,)]
SET_DEBUG = gc.set_debug
FLAGS_OF = [(0,), (gc.DEBUG_SAVEALL,)]
CLEAR_GARBAGE = gc.garbage.clear
CLEAR_CALLBACKS = gc.callbacks.clear
KEPT = []
NO_LIMIT = 0x7FFFFFFF

# The code that follows is in pieces, since a call would make a frame before 3.11. Each piece stands where $NAME is written.
PIECES = {
    # Puts object `v` into slot `k` of object `o`; `v` None empties it. `kind` is that of `o`.
    "STORE": """
if kind <= LEGACY or kind == INST:
    if k == 0: o.s0 = v
    elif k == 1: o.s1 = v
    elif k == 2: o.s2 = v
    elif k == 3: o.s3 = v
    elif k == 4: o.s4 = v
    elif k == 5: o.s5 = v
    elif k == 6: o.s6 = v
    elif k == 7: o.s7 = v
    else: done = 0
elif kind == LIST:
    if v is None:
        if 0 <= k < len(o): del o[k]
    elif k < len(o): o[k] = v
    else:
        CELL[0] = v
        o += CELL
        CELL[0] = None
elif kind == DICT:
    if v is not None: o[k] = v
    elif k in o: del o[k]
else: done = 0
""",
    # The address `p` of what slot `k` of the object at address `a` refers to; 0: nothing.
    "READ": """
p = 0
if kind <= LEGACY:
    if 0 <= k < 8: p = MEM[(a >> 3) + SLOT + k]
elif kind == LIST:
    if 0 <= k < MEM[(a >> 3) + 2]: p = MEM[(MEM[(a >> 3) + 3] >> 3) + k]
elif kind == TUPLE:
    if 0 <= k < MOST_ITEMS: p = MEM[(a >> 3) + 3 + k]
elif kind == DICT:
    if k in o: p = id(o[k])
elif kind == INST:
    if k == 0: p = id(o.s0)
    elif k == 1: p = id(o.s1)
    elif k == 2: p = id(o.s2)
    elif k == 3: p = id(o.s3)
    elif k == 4: p = id(o.s4)
    elif k == 5: p = id(o.s5)
    elif k == 6: p = id(o.s6)
    elif k == 7: p = id(o.s7)
if p == NONE or p not in NUMBER_AT: p = 0
""",
    # Fills the register of the object at address `p`. The reference is written, so that any object can be had by its address.
    "ROOT": """
j = NUMBER_AT[p]
if REGISTERS[j] is None:
    MEM[p >> 3] += 1
    MEM[REGISTERS_AT + j] = p
""",
    # Makes object number `i` of kind `kind`, and roots it.
    "MAKE": """
if kind == NODE: o = Node()
elif kind == FIN: o = FIN_CLASSES[i]()
elif kind == LIST: o = List()
elif kind == DICT:
    o = dict()
    o[KEY] = TOKENS[i]
elif kind == LEGACY: o = LEGACY_CLASSES[i]()
elif kind == INST:
    o = Inst()
    o.s0 = o.s1 = o.s2 = o.s3 = o.s4 = o.s5 = o.s6 = o.s7 = None
    o.anchor = ANCHOR
elif kind == TUPLE:
    o = (ITEMS[0], ITEMS[1], ITEMS[2], ITEMS[3], ITEMS[4], ITEMS[5], ITEMS[6], ITEMS[7],
         ITEMS[8], ITEMS[9], ITEMS[10], ITEMS[11], ITEMS[12], ITEMS[13], ITEMS[14], ITEMS[15],
         ITEMS[16], ITEMS[17], ITEMS[18], ITEMS[19], ITEMS[20], ITEMS[21], ITEMS[22], ITEMS[23], TOKENS[i])
    for j in RANGE_ITEMS: ITEMS[j] = None
else: o = TOKENS[i]
if kind != DICT and kind != TUPLE and kind != ATOM: o.token = TOKENS[i]
a = ADDRESS[i] = id(o)
NUMBER_AT[a] = i
KIND[i] = kind
ALIVE[i] = 1
REGISTERS[i] = o
o = None
""",
    # Fetches what lies in free lists (D6). The first object that is not from there raises the count. All are kept: they would be in
    # the list again.
    "DRAIN": """
k = HALF[YLIMIT]
HALF[YLIMIT] = NO_LIMIT
j = 0 if DRAINS[0] else SHORTEST
while j == 0 or j <= LAST_DRAINED[0]:
    x = HALF[YCOUNT]
    y = 0
    while HALF[YCOUNT] == x:
        if j: KEPT[STATE[USED]] = NOTHING * j
        else: KEPT[STATE[USED]] = {}
        STATE[USED] += 1
        y += 1
    HALF[YCOUNT] = x - y + 1 if x - y + 1 > 0 else 0
    j = j + 2 if j else SHORTEST
HALF[YLIMIT] = k
""",
    # Appends a record.
    "RECORD": """
LOG[STATE[LENGTH]] = what
LOG[STATE[LENGTH] + 1] = STATE[PC]
LOG[STATE[LENGTH] + 2] = x
LOG[STATE[LENGTH] + 3] = y
STATE[LENGTH] += 4
""",
}

ACTOR = '''
def actor(i):
    """The finalizer of object i, or the callback of weak reference i."""
    o = v = me = None
    while True:
        me = yield
        if STATE[QUIET]:
            me = None
            continue
        if KIND[i] == WEAKREF:
            # It is held until the last action is done, as a function's argument is.
            what, x, y = L_CALLBACK, i, 1 if me() is None else 0
        else:
            # Since 3.12 old-style finalizers are given the object; it is found as the others are.
            me = None
            what, x, y = L_FINALIZER, i, 0
        $RECORD
        at = FIRST_ACTION[i]
        end = LAST_ACTION[i]
        raised = 0
        while at < end:
            do = ACTIONS[at]
            done = 1
            if do == ROOT_SELF:
                p = ADDRESS[i]
                $ROOT
            elif do == ATTACH_SELF:
                j = ACTIONS[at + 1]
                o = REGISTERS[j]
                if o is not None:
                    k, kind, p = ACTIONS[at + 2], KIND[j], ADDRESS[i]
                    MEM[p >> 3] += 1
                    MEM[CELL_AT] = p
                    v = CELL[0]
                    CELL[0] = None
                    $STORE
                    o = v = None
            elif do == ROOT_SLOT:
                k, kind, a = ACTIONS[at + 1], KIND[i], ADDRESS[i]
                if kind != WEAKREF:
                    $READ
                    if p:
                        $ROOT
            elif do == CLEAR_SLOT:
                k, kind, p = ACTIONS[at + 1], KIND[i], ADDRESS[i]
                if kind != WEAKREF:
                    MEM[p >> 3] += 1
                    MEM[CELL_AT] = p
                    o = CELL[0]
                    CELL[0] = None
                    $STORE
                    o = None
            elif do == UNROOT:
                REGISTERS[ACTIONS[at + 1]] = None
            elif do == NEW:
                own = i
                if DRAINS[0] or LAST_DRAINED[0]:
                    $DRAIN
                i, kind = ACTIONS[at + 1], ACTIONS[at + 2]
                $MAKE
                i = own
            elif do == LINK:
                j = ACTIONS[at + 1]
                o = REGISTERS[j]
                v = REGISTERS[ACTIONS[at + 3]]
                if o is not None and v is not None:
                    k, kind = ACTIONS[at + 2], KIND[j]
                    $STORE
                o = v = None
            elif do == COLLECT:
                what, x, y = L_COLLECT, i, COLLECT_ALL()
                $RECORD
            elif do == DEREF:
                j = ACTIONS[at + 1]
                what, x, y = L_DEREF, j, -2
                if REGISTERS[j] is not None and KIND[j] == WEAKREF:
                    y = -1 if REGISTERS[j]() is None else TARGET[j]
                $RECORD
            else:
                raised = 1
                at = end
            at += 4
        me = None
        if raised:
            what, x, y = L_RAISED, 0, 0
            $RECORD
            if HOOKED:
                STATE[LIMIT] = HALF[YLIMIT]
                HALF[YLIMIT] = NO_LIMIT
            if FRAMES[i] is not None and VERSION >= (3, 11):
                HALF[YCOUNT] += 1
            return
'''

RUN = '''
def run(n, operations):
    """Runs the program that has been put into CODE; what it does is in LOG and SNAPSHOTS afterwards."""
    o = v = p = x = y = prev = None
    FRAME.append(FRAME_OF())
    gc.collect()
    # D2, in place: a call would leave a frame in a free list.
    for j in RANGE_HEADS:
        h = HEADS[j]
        first, last = MEM[h], MEM[h + 1]
        if first >> 3 != h:
            MEM[last >> 3] = first
            MEM[(first >> 3) + 1] = last | (MEM[(first >> 3) + 1] & FLAGS)
            MEM[h] = MEM[h + 1] = h << 3
    COLLECT_ALL()
    HALF[YCOUNT] = HALF[MCOUNT] = HALF[OCOUNT] = 0
    pc = 0
    while pc < operations:
        STATE[PC] = pc
        at = pc * 6
        op = CODE[at]
        i = CODE[at + 1]
        done = 1
        snap = 0
        begun = STATE[LENGTH]
        if PRIMED[0]:
            # D6. Three of each length, since callbacks may be nested.
            k = HALF[YLIMIT]
            x = HALF[YCOUNT]
            HALF[YLIMIT] = NO_LIMIT
            j = PRIMED[0]
            while j <= DRAINS[1]:
                o = NOTHING * j
                v = NOTHING * j
                prev = NOTHING * j
                o = v = prev = None
                j += 2
            HALF[YCOUNT] = x
            HALF[YLIMIT] = k
        if op == OP_NEW:
            kind = CODE[at + 2]
            if kind == TUPLE:
                k, last = 0, CODE[at + 4]
                for j in RANGE_ITEMS:
                    if j < last and REGISTERS[OPERANDS[CODE[at + 3] + j]] is not None:
                        ITEMS[k] = REGISTERS[OPERANDS[CODE[at + 3] + j]]
                        k += 1
            $MAKE
        elif op == OP_EDGE:
            o = REGISTERS[i]
            v = REGISTERS[CODE[at + 3]]
            if o is None or v is None: done = 0
            else:
                k, kind = CODE[at + 2], KIND[i]
                $STORE
            v = None
            o = None
        elif op == OP_UNROOT:
            if REGISTERS[i] is None: done = 0
            else: REGISTERS[i] = None
        elif op == OP_LOAD:
            o = REGISTERS[i]
            if o is None: done = 0
            else:
                k, kind, a = CODE[at + 2], KIND[i], ADDRESS[i]
                $READ
                o = None
                if p:
                    $ROOT
                else: done = 0
        elif op == OP_DEL_EDGE:
            o = REGISTERS[i]
            if o is None: done = 0
            else:
                k, kind = CODE[at + 2], KIND[i]
                $STORE
            o = None
        elif op == OP_COLLECT:
            what, x, y = L_RESULT, R_COLLECT, COLLECT_GENERATION(*GENERATION[i])
            $RECORD
            snap = CODE[at + 2]
        elif op == OP_OBSERVE:
            snap = 1
        elif op == OP_HOLD:
            if REGISTERS[i] is None: done = 0
            else:
                MEM[ADDRESS[i] >> 3] += 1
                HOLDS[i] += 1
        elif op == OP_RELEASE:
            if HOLDS[i] == 0: done = 0
            else:
                HOLDS[i] -= 1
                MEM[CELL_AT] = ADDRESS[i]
                CELL[0] = None
        elif op == OP_WEAKREF:
            j = CODE[at + 2]
            if REGISTERS[j] is None or not CODE[at + 3 + (KIND[j] not in WEAKLY)]: done = 0
            else:
                # The same pair for all: a call with arguments would make one.
                p = ADDRESS[j]
                MEM[p >> 3] += 1
                MEM[PAIR_AT] = p
                if CODE[at + 3] == 2:
                    p = CALL_AT[i]
                    MEM[PAIR_AT + 1] = p
                else:
                    MEM[PAIR_AT + 1] = NONE
                o = Weak(*PAIR)
                MEM[CELL_AT] = MEM[PAIR_AT]
                MEM[PAIR_AT] = NONE
                MEM[PAIR_AT + 1] = NONE
                o.token = TOKENS[i]
                p = ADDRESS[i] = id(o)
                NUMBER_AT[p] = i
                KIND[i] = WEAKREF
                TARGET[i] = j
                ALIVE[i] = 1
                REGISTERS[i] = o
                o = None
                CELL[0] = None
        elif op == OP_DEREF or op == OP_DEREF_LOAD:
            if REGISTERS[i] is None or KIND[i] != WEAKREF: done = 0
            elif op == OP_DEREF:
                what, x, y = L_DEREF, i, -1 if REGISTERS[i]() is None else TARGET[i]
                $RECORD
            elif REGISTERS[i]() is None: done = 0
            else:
                p = ADDRESS[TARGET[i]]
                $ROOT
        elif op == OP_ENABLE:
            ENABLE()
        elif op == OP_DISABLE:
            DISABLE()
        elif op == OP_ISENABLED:
            what, x, y = L_RESULT, R_ENABLED, 1 if IS_ENABLED() else 0
            $RECORD
        elif op == OP_SET_THRESHOLD:
            HALF[YLIMIT], HALF[MLIMIT], HALF[OLIMIT] = i, CODE[at + 2], CODE[at + 3]
        elif op == OP_FREEZE:
            FREEZE()
        elif op == OP_UNFREEZE:
            UNFREEZE()
        elif op == OP_FREEZE_COUNT:
            y = 0
            h = MEM[P]
            while h != PERMANENT:
                # The dictionary of an instance is an object too.
                if MEM[(h + HEADER >> 3) + 1] == DICT_AT: y += 1
                elif h + HEADER in NUMBER_AT and ALIVE[NUMBER_AT[h + HEADER]]: y += 1
                h = MEM[h >> 3]
            what, x = L_RESULT, R_FREEZE_COUNT
            $RECORD
        elif op == OP_SET_DEBUG:
            SET_DEBUG(*FLAGS_OF[i])
        elif op == OP_CLEAR_GARBAGE:
            CLEAR_GARBAGE()
        elif op == OP_GC_CALLBACKS:
            CLEAR_CALLBACKS()
            CALLED[0] = i
            if i: ADD_CALLBACK(on_collection)
        elif op == OP_GET_COUNT or op == OP_REFERRERS or op == OP_REFERENTS:
            snap = 2
        elif op == OP_CHAIN:
            kind = NODE
            last = i + CODE[at + 2]
            prev = None
            while i < last:
                o = Node()
                o.token = TOKENS[i]
                p = ADDRESS[i] = id(o)
                NUMBER_AT[p] = i
                KIND[i] = NODE
                ALIVE[i] = 1
                if DRAINS[0] or LAST_DRAINED[0]:
                    $DRAIN
                if prev is None:
                    v = o
                else:
                    prev.s0 = o
                    if CODE[at + 4]: o.s1 = prev
                prev = o
                i += 1
            if prev is not None:
                if CODE[at + 3]:
                    prev.s0 = v
                    if CODE[at + 4]: v.s1 = prev
                REGISTERS[CODE[at + 1]] = v
            o = v = prev = None
        elif op == OP_MATERIALISE:
            if REGISTERS[i] is None or KIND[i] != INST: done = 0
            else: REGISTERS[i].__dict__
        if not done:
            what, x, y = L_SKIPPED, 0, 0
            $RECORD
        # A safe point: since 3.12 a collection that is due runs after a call.
        IS_ENABLED()
        j = 0
        while j < n:
            if ALIVE[j] and MEM[TOKEN_AT[j]] <= TOKEN_COUNT[j]:
                ALIVE[j] = 0
                what, x, y = L_FREED, j, 0
                $RECORD
            j += 1
        if STATE[LENGTH] > begun and (DRAINS[0] or LAST_DRAINED[0]):
            $DRAIN
        if snap:
            # D5
            SAVED[0] = HALF[YCOUNT]
            SAVED[1] = HALF[MCOUNT]
            SAVED[2] = HALF[OCOUNT]
            SAVED[3] = IS_ENABLED()
            DISABLE()
            SAVED[4] = MEM[TOTAL]
            SAVED[5] = MEM[PENDING]
            for j in RANGE_HEADS:
                h = HEADS[j]
                SAVED[8 + 2 * j] = MEM[h]
                SAVED[9 + 2 * j] = MEM[h + 1]
                MEM[h] = MEM[h + 1] = h << 3
            CLEAR_CALLBACKS()
            STATE[QUIET] = 1
            what, x, y = L_SNAP, 0, 0
            $RECORD
            if snap == 1: SNAPSHOTS.append(snapshot(n))
            else: SNAPSHOTS.append(answer(op, i))
            h = None
            COLLECT_ALL()
            for j in RANGE_HEADS:
                h = HEADS[j]
                first, last = MEM[h], MEM[h + 1]
                if first >> 3 != h:
                    MEM[last >> 3] = first
                    MEM[(first >> 3) + 1] = last | (MEM[(first >> 3) + 1] & FLAGS)
                MEM[h] = SAVED[8 + 2 * j]
                MEM[h + 1] = SAVED[9 + 2 * j]
            STATE[QUIET] = 0
            if CALLED[0]: ADD_CALLBACK(on_collection)
            MEM[TOTAL] = SAVED[4]
            MEM[PENDING] = SAVED[5]
            HALF[YCOUNT], HALF[MCOUNT], HALF[OCOUNT] = SAVED[0], SAVED[1], SAVED[2]
            if SAVED[3]: ENABLE()
        pc += 1
    STATE[QUIET] = 1
    DISABLE()
'''

OP_NAMES = ("new", "edge", "unroot", "load", "del_edge", "collect", "observe", "hold", "release", "weakref", "deref",
            "deref_load", "enable", "disable", "isenabled", "set_threshold", "freeze", "unfreeze", "freeze_count",
            "set_debug", "clear_garbage", "gc_callbacks", "get_count", "referrers", "referents", "chain", "materialise",
            "addr", "addr_same")
OPS = {name: number for number, name in enumerate(OP_NAMES)}
for _name in OP_NAMES:
    globals()["OP_" + _name.upper()] = OPS[_name]

ENABLE, DISABLE, IS_ENABLED = gc.enable, gc.disable, gc.isenabled
FREEZE, UNFREEZE = getattr(gc, "freeze", None), getattr(gc, "unfreeze", None)
RANGE_ITEMS = range(MOST_ITEMS)
RANGE_HEADS = range(len(HEADS))
SAVED = array("Q", bytes(8 * 16))
SNAPSHOTS = []
# Are starts and stops of collections logged.
CALLED = array("b", [0])
# Does the program make dictionaries; the longest tuple that is made of weak references to one object.
DRAINS = array("b", [0, 0])
NOTHING = (None,)
# In programs that collect by themselves the tuples must not trigger: they are in the free list before. Here is the length of the
# shortest, 0 if that is not needed; and that of the longest that is to be fetched afterwards.
PRIMED = array("b", [0])
LAST_DRAINED = array("b", [0])
# Since 3.13 there is a tuple for a single weak reference too.
SHORTEST = 2 if VERSION >= (3, 13) else 4
FRAME_OF = sys._getframe
FRAME = []
CALL_AT = array("Q")
REGISTERS_AT = 0


def expand(source):
    """Puts the pieces in, at the indentation of their names."""
    lines = []
    for line in source.split("\n"):
        name = line.strip()
        if name.startswith("$"):
            indent = line[: len(line) - len(name)]
            lines.extend(indent + piece for piece in PIECES[name[1:]].strip("\n").split("\n"))
        else:
            lines.append(line)
    return "\n".join(lines)


exec(compile(expand(ACTOR), "<actor>", "exec"))
exec(compile(expand(RUN), "<run>", "exec"))


# ---------------------------------------------------------------------------------------------------------------------
# Exceptions and collections: what is called while a program runs
# ---------------------------------------------------------------------------------------------------------------------


def hook():
    """Called with the report of an exception, after it has been made: from here on things are only freed (D4)."""
    while True:
        report = yield
        if report.exc_type is not StopIteration:
            STATE[WRONG] = 1
        report = None  # noqa: F841
        if STATE[LIMIT] >= 0:
            HALF[YLIMIT] = STATE[LIMIT]
            STATE[LIMIT] = -1


HOOKED = VERSION >= (3, 8)
STATE[LIMIT] = -1
if HOOKED:
    HOOK = hook()
    next(HOOK)
    HOOK_FRAME = HOOK.gi_frame
    sys.unraisablehook = HOOK.send
else:
    # Nothing is made where there is nowhere to write to.
    STANDARD_ERROR, sys.stderr = sys.stderr, None


def on_collection(phase, info):
    """Start and stop of a collection. The dictionary that comes is kept: else it would be in a free list afterwards."""
    INFOS[STATE[SPARE]] = info
    STATE[SPARE] = (STATE[SPARE] + 1) % len(INFOS)
    start = phase == "start"
    if not start and HALF[YCOUNT] > 0:
        # The dictionary; and in 3.6 the arguments, of which a full collection has emptied the free list.
        HALF[YCOUNT] -= 2 if VERSION < (3, 7) and info["generation"] == 2 else 1
    at = STATE[LENGTH]
    LOG[at] = L_START if start else L_STOP
    LOG[at + 1] = STATE[PC]
    LOG[at + 2] = info["generation"]
    LOG[at + 3] = 0
    LOG[at + 4] = L_INFO
    LOG[at + 5] = STATE[PC]
    LOG[at + 6] = info["collected"]
    LOG[at + 7] = info["uncollectable"]
    STATE[LENGTH] = at + 8


ADD_CALLBACK = gc.callbacks.append
INFOS = [None] * 4096

# ---------------------------------------------------------------------------------------------------------------------
# Snapshots: taken while the program's objects are in no list, so that anything may be made
# ---------------------------------------------------------------------------------------------------------------------


def object_at(address):
    """The object."""
    return ctypes.cast(address, ctypes.py_object).value


def in_list(number):
    """The program's objects in the list, by number; dead ones and the interpreter's are left out."""
    head = HEADS[number] << 3
    found = []
    at = SAVED[8 + 2 * number]
    while at != head:
        index = NUMBER_AT.get(at + HEADER)
        if index is not None and ALIVE[index]:
            found.append(index)
        at = MEM[at >> 3]
    return found


def referents(index):
    """Numbers of the objects that the object refers to, in the order in which it says so."""
    if KIND[index] == ATOM:
        return []
    found = []
    work = gc.get_referents(object_at(ADDRESS[index]))
    if KIND[index] == INST:
        # Its dictionary is part of it.
        flat = []
        for item in work:
            flat.extend(gc.get_referents(item) if type(item) is dict and id(item) not in NUMBER_AT else [item])
        work = flat
    for item in work:
        other = NUMBER_AT.get(id(item))
        if other is not None and ALIVE[other] and not (other == index and KIND[other] == ATOM):
            found.append(other)
    return found


def snapshot(n):
    """What can be seen, by the driver's numbers."""
    lists = [in_list(number) for number in range(3)]
    frozen = set(in_list(3)) if CAN_FREEZE else set()
    alive = [index for index in range(n) if ALIVE[index]]
    rooted = [index for index in alive if REGISTERS[index] is not None]
    garbage = [NUMBER_AT[id(item)] for item in gc.garbage if id(item) in NUMBER_AT]
    listed = set(lists[0])
    listed.update(lists[1])
    listed.update(lists[2])
    seen = set(listed)
    seen.update(rooted)
    if len(seen) < len(alive):
        work = list(seen)
        while work:
            for other in referents(work.pop()):
                if other not in seen:
                    seen.add(other)
                    work.append(other)
    counts, weak = [], []
    finalized = []
    for index in alive:
        address = ADDRESS[index] >> 3
        if index in seen:
            counts.append((index, MEM[address] - (TOKEN_COUNT[index] if KIND[index] == ATOM else 0)))
            if KIND[index] == WEAKREF:
                weak.append((index, -1 if MEM[address + 2] == NONE else TARGET[index]))
        if (KIND[index] == FIN or KIND[index] == WEAKREF) and MEM[FINALIZED + address] & 1:
            finalized.append(index)
    return (alive, counts, lists, sorted(frozen & seen), sorted(seen - listed - frozen), weak, finalized, garbage,
            rooted, list(SAVED[0:3]))


FINALIZED = (16 if VERSION < (3, 8) else 8) - HEADER >> 3


def answer(op, index):
    """Counts, and who refers to whom."""
    if op == OP_GET_COUNT:
        return list(SAVED[0:3])
    if REGISTERS[index] is None:
        return None
    if op == OP_REFERENTS:
        return referents(index)
    return [other for number in range(3) for other in in_list(number) if index in referents(other)]


# ---------------------------------------------------------------------------------------------------------------------
# From a scenario to numbers, and back
# ---------------------------------------------------------------------------------------------------------------------


class Unfit(Exception):
    """This interpreter cannot run the program; says why."""


def grow(n):
    """Makes room for objects 0..n-1."""
    global REGISTERS_AT
    for index in range(len(TOKENS), n):
        TOKENS.append(index + 0.5)
        TOKEN_AT.append(id(TOKENS[index]) >> 3)
        REGISTERS.append(None)
        ADDRESS.append(0)
        ALIVE.append(0)
        KIND.append(0)
        HOLDS.append(0)
        TARGET.append(0)
        ACTORS.append(None)
        CALLS.append(None)
        FRAMES.append(None)
        CALL_AT.append(0)
        FIN_CLASSES.append(None)
        LEGACY_CLASSES.append(None)
        FIRST_ACTION.append(0)
        LAST_ACTION.append(0)
        TOKEN_COUNT.append(0)
    REGISTERS_AT = MEM[(id(REGISTERS) + 24) >> 3] >> 3


def hire(index):
    """A generator for the object's finalizer or callback (D3)."""
    if ACTORS[index] is not None and ACTORS[index].gi_frame is not None:
        return
    call = actor(index)
    next(call)
    ACTORS[index] = call
    FRAMES[index] = call.gi_frame
    if VERSION >= (3, 11):
        # It exists now, and belongs to the generator.
        FRAMES[index] = 1
    CALLS[index] = call.send
    CALL_AT[index] = id(CALLS[index])
    if FIN_CLASSES[index] is not None:
        FIN_CLASSES[index].__del__ = call.__next__
    if LEGACY_CLASSES[index] is not None:
        LEGACY_CLASSES[index].__tp_del__ = old_style(call)


def old_style(call):
    """How the generator is called as an old-style finalizer: with the object since 3.12, without before."""
    return call.send if VERSION >= (3, 12) else call.__next__


def class_of(kind, index):
    """The class of an object with a finalizer."""
    hire(index)
    if kind == FIN and FIN_CLASSES[index] is None:
        FIN_CLASSES[index] = type("Fin", (Node,), {"__slots__": (), "__del__": ACTORS[index].__next__})
    if kind == LEGACY and LEGACY_CLASSES[index] is None:
        if with_tp_del is None:
            raise Unfit("old-style finalizers need the module _testcapi, which this interpreter lacks")
        made = type("Legacy", (Node,), {"__slots__": (), "__tp_del__": old_style(ACTORS[index])})
        LEGACY_CLASSES[index] = with_tp_del(made)


class Numbers(object):
    """The numbers of a program's ids, in the order of their first mention."""

    def __init__(self):
        self.of, self.ids = {}, []

    def __call__(self, name):
        number = self.of.get(name)
        if number is None:
            number = self.of[name] = len(self.ids)
            self.ids.append(name)
        return number


def is_on(value):
    """Flags are true, or a number that is not 0."""
    return 1 if value else 0


def encode(ops):
    """Fills CODE, OPERANDS and ACTIONS; returns the ids by number."""
    del CODE[:], OPERANDS[:], ACTIONS[:]
    numbers = Numbers()
    actors = []
    DRAINS[0] = DRAINS[1] = 0
    referenced = {}
    # The objects of a chain are neighbours.
    for op in ops:
        if op["op"] == "chain":
            for name in range(op["first"], op["first"] + op["n"]):
                numbers(name)
    for op in ops:
        name = op["op"]
        if name not in OPS:
            raise Unfit("unknown operation `%s`" % name)
        a = b = c = d = e = 0
        if name == "new":
            kind = KINDS[op["kind"]]
            a, b = numbers(op["id"]), kind
            if kind in (FIN, LEGACY):
                actors.append((kind, a, op.get("finalizer") or []))
            elif kind in (DICT, INST):
                DRAINS[0] = 1
            elif kind == TUPLE:
                items = op.get("items") or []
                if len(items) > MOST_ITEMS:
                    raise Unfit("a tuple of more than %d items" % MOST_ITEMS)
                c, d = len(OPERANDS), len(items)
                OPERANDS.extend(numbers(item) for item in items)
        elif name == "edge":
            a, b, c = numbers(op["from"]), op["slot"], numbers(op["to"])
        elif name in ("del_edge", "load"):
            a, b = numbers(op["from"]), op["slot"]
        elif name in ("unroot", "hold", "release", "deref", "deref_load", "referrers", "referents", "materialise"):
            a = numbers(op["id"])
        elif name == "weakref":
            a, b = numbers(op["id"]), numbers(op["target"])
            c = 1 if op.get("callback") is None else 2
            referenced[b] = referenced.get(b, 0) + 1
            # Longer ones have no free list.
            if 2 * referenced[b] >= SHORTEST:
                DRAINS[1] = min(20, max(DRAINS[1], 2 * referenced[b]))
            if c == 2:
                actors.append((WEAKREF, a, op["callback"]))
        elif name == "collect":
            a, b = op["gen"], 0 if op.get("snap") == "none" else 1
        elif name == "set_threshold":
            a, b, c = op["t0"], op["t1"], op["t2"]
        elif name in ("freeze", "unfreeze", "freeze_count") and not CAN_FREEZE:
            raise Unfit("freezing came with Python 3.7")
        elif name == "set_debug":
            a = 1 if op["flags"] == "saveall" else 0
        elif name == "gc_callbacks":
            a = is_on(op["on"])
        elif name == "chain":
            a, b, c, d = numbers(op["first"]), op["n"], is_on(op.get("ring")), is_on(op.get("back"))
        CODE.extend((OPS[name], a, b, c, d, e))
    spans = []
    for kind, index, actions in actors:
        start = len(ACTIONS)
        for action in actions:
            ACTIONS.extend(encode_action(action, numbers))
        spans.append((kind, index, start, len(ACTIONS)))
    automatic = DRAINS[1] and any(op["op"] == "enable" for op in ops)
    PRIMED[0] = SHORTEST if automatic else 0
    LAST_DRAINED[0] = 0 if automatic else DRAINS[1]
    n = len(numbers.ids)
    grow(n)
    for index in range(n):
        FIRST_ACTION[index] = LAST_ACTION[index] = 0
    for at in range(0, len(ACTIONS), 4):
        if ACTIONS[at] == NEW and ACTIONS[at + 2] in (FIN, LEGACY):
            class_of(ACTIONS[at + 2], ACTIONS[at + 1])
    for kind, index, start, end in spans:
        FIRST_ACTION[index], LAST_ACTION[index] = start, end
        hire(index)
        class_of(kind, index)
    return numbers.ids


def encode_action(action, numbers):
    """Four numbers."""
    do = action["do"]
    if do not in ACTION_NAMES:
        raise Unfit("unknown action `%s`" % do)
    if do == "attach_self":
        return ACTION_NAMES[do], numbers(action["to"]), action["slot"], 0
    if do in ("root_slot", "clear_slot"):
        return ACTION_NAMES[do], action["slot"], 0, 0
    if do in ("unroot", "deref"):
        return ACTION_NAMES[do], numbers(action["id"]), 0, 0
    if do == "new":
        kind = KINDS[action.get("kind") or "node"]
        if kind in (DICT, INST):
            DRAINS[0] = 1
        return NEW, numbers(action["id"]), kind, 0
    if do == "link":
        return LINK, numbers(action["from"]), action["slot"], numbers(action["to"])
    return ACTION_NAMES[do], 0, 0, 0


def ranges(ids):
    """A set of ids: `0-3,7`."""
    parts = []
    first = last = None
    for name in sorted(ids):
        if last is not None and name == last + 1:
            last = name
            continue
        if first is not None:
            parts.append(str(first) if first == last else "%d-%d" % (first, last))
        first = last = name
    if first is not None:
        parts.append(str(first) if first == last else "%d-%d" % (first, last))
    return ",".join(parts)


def to_snap(seen, ids):
    """A snapshot as the files have it."""
    alive, counts, lists, frozen, untracked, weak, finalized, garbage, rooted, count = seen

    def named(numbers):
        return [ids[number] for number in numbers]

    return {
        "alive": ranges(named(alive)),
        "rc": {str(ids[number]): value for number, value in counts},
        "gen": [ranges(named(each)) for each in lists],
        "order": [named(each) for each in lists],
        "frozen": ranges(named(frozen)),
        "untracked": ranges(named(untracked)),
        "wr": {str(ids[number]): value if value < 0 else ids[value] for number, value in weak},
        "is_finalized": ranges(named(finalized)),
        "garbage": named(garbage),
        "rooted": ranges(named(rooted)),
        "count": count,
    }


def to_expect(ops, ids):
    """The log as the files have it."""
    expect = {"results": [], "finalizers": [], "skipped": [], "freed": [], "weakref_callbacks": [], "unraisable": [],
              "values": [], "gc_events": []}
    freed = {}
    snaps = iter(SNAPSHOTS)
    for at in range(0, STATE[LENGTH], 4):
        what, pc, x, y = LOG[at], LOG[at + 1], LOG[at + 2], LOG[at + 3]
        if what == L_RESULT:
            expect["results"].append({"pc": pc, RESULT_NAMES[x]: y})
        elif what == L_FINALIZER:
            expect["finalizers"].append([pc, ids[x]])
        elif what == L_CALLBACK:
            expect["weakref_callbacks"].append([pc, ids[x], y])
        elif what == L_RAISED:
            expect["unraisable"].append(pc)
        elif what == L_DEREF:
            expect["values"].append([pc, ids[x], "deref", y if y < 0 else ids[y]])
        elif what == L_COLLECT:
            expect["values"].append([pc, ids[x], "collect", y])
        elif what == L_FREED:
            freed.setdefault(pc, []).append(ids[x])
        elif what == L_SKIPPED:
            expect["skipped"].append(pc)
        elif what in (L_START, L_STOP):
            phase = "start" if what == L_START else "stop"
            expect["gc_events"].append("%d %s %d %d %d" % (pc, phase, x, LOG[at + 6], LOG[at + 7]))
        elif what == L_SNAP:
            seen = next(snaps)
            name = ops[pc]["op"]
            if name in ("collect", "observe"):
                expect["results"].append({"pc": pc, "snap": to_snap(seen, ids)})
            elif seen is None:
                expect["skipped"].append(pc)
            elif name == "get_count":
                expect["results"].append({"pc": pc, "count": seen})
            else:
                names = [ids[number] for number in seen]
                expect["results"].append({"pc": pc, name: names if name == "referents" else sorted(names)})
    expect["freed"] = [[pc, ranges(freed[pc])] for pc in sorted(freed)]
    return expect


def clean(n):
    """Frees what the program has left; finalizers do nothing any more."""
    CLEAR_CALLBACKS()
    SET_DEBUG(0)
    HALF[YLIMIT], HALF[MLIMIT], HALF[OLIMIT] = LIMITS
    if CAN_FREEZE:
        UNFREEZE()
    for index in range(n):
        REGISTERS[index] = None
        while HOLDS[index]:
            HOLDS[index] -= 1
            MEM[CELL_AT] = ADDRESS[index]
            CELL[0] = None
    for index in range(n):
        if KIND[index] == LEGACY and MEM[TOKEN_AT[index]] > TOKEN_COUNT[index]:
            old = object_at(ADDRESS[index])
            old.s0 = old.s1 = old.s2 = old.s3 = old.s4 = old.s5 = old.s6 = old.s7 = None
            old = None
    CLEAR_GARBAGE()
    gc.collect()
    for index in range(STATE[USED]):
        KEPT[index] = None
    for index in range(min(len(INFOS), STATE[SPARE])):
        INFOS[index] = None
    NUMBER_AT.clear()
    STATE[SPARE] = 0
    for index in range(n):
        ALIVE[index] = 0
        if MEM[TOKEN_AT[index]] > TOKEN_COUNT[index]:
            raise AssertionError("object %d is left" % index)


LIMITS = gc.get_threshold()


def record(ops):
    """The program's `expect`."""
    ids = encode(ops)
    n = len(ids)
    room = 4096 + 8 * (n + len(ops) + len(ACTIONS)) * 4
    if len(LOG) < room:
        LOG.extend([0] * (room - len(LOG)))
    for index in range(n):
        TOKEN_COUNT[index] = MEM[TOKEN_AT[index]]
        KIND[index] = ATOM
    STATE[PC] = CALLED[0] = STATE[LENGTH] = STATE[QUIET] = STATE[SPARE] = STATE[USED] = 0
    if len(KEPT) < 24 * (n + len(ops)):
        KEPT.extend([None] * (24 * (n + len(ops)) - len(KEPT)))
    STATE[LIMIT] = -1
    del SNAPSHOTS[:], FRAME[:]
    run(n, len(ops))
    if STATE[WRONG]:
        raise AssertionError("an exception in the driver's own code")
    expect = to_expect(ops, ids)
    if not any(op["op"] == "gc_callbacks" for op in ops):
        del expect["gc_events"]
    clean(n)
    return expect


def answer_for(scenario):
    """One line of output."""
    try:
        return {"name": scenario["name"], "expect": record(scenario["ops"])}
    except Unfit as reason:
        return {"name": scenario["name"], "skipped": str(reason)}


def about():
    """What this interpreter is and can do."""
    return {"version": list(sys.version_info[:3]), "executable": sys.executable}


def scenarios(source):
    """From a scenario file, or from lines."""
    if source == "-":
        for line in sys.stdin:
            if line.strip():
                yield json.loads(line)
        return
    with open(source) as file:
        text = file.read()
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    for scenario in whole["scenarios"] if whole else map(json.loads, text.splitlines()):
        yield scenario


def main(arguments):
    """See the module."""
    if len(arguments) != 1:
        fail("one argument: a scenario file, - or --about")
    if arguments[0] == "--about":
        print(json.dumps(about()))
        return
    write = sys.stdout.write
    for scenario in scenarios(arguments[0]):
        write(json.dumps(answer_for(scenario)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
