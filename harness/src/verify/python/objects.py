# The kinds of objects, and what a program and its finalizers share.

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


class Weak(weakref.ref):
    """A weak reference of a class of its own: those proper are shared where they have no callback."""
    __slots__ = ("token",)


class Inst(object):
    """Eight attributes, one that keeps its dictionary tracked, and the token.

    The dictionary is made when asked for, where the version allows: since 3.13 only for instances that have no slots.
    """


ANCHOR = [None]
DICT_AT = id(dict)
TUPLE_AT = id(tuple)
# What an object of no list has beside its address before 3.8, and one of a list; and a count that no program reaches.
UNTRACKED, TRACKED = 0xFFFFFFFFFFFFFFFC, 0xFFFFFFFFFFFFFFFA
FAR = 1 << 20


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

# What a program and its finalizers share (D1): lists and arrays of fixed length, by the number of the object.

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
# reports of collections are kept; was there an exception of the driver's own; how many dictionaries are kept; how many tuples
# of those that get lost (`LOST`) were hidden from the last collection; how many are hidden now.
STATE = array("q", [0] * 9)
PC, LENGTH, QUIET, LIMIT, SPARE, WRONG, USED, HIDDEN, TOP = range(9)
HIDDEN_AT = array("Q", [0] * 4096)
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
