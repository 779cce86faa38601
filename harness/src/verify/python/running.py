# What a program does.

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
            $PRIME
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
            UNBORN[0] = 0
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
        j = UNBORN[0]
        while j < n:
            if ALIVE[j] and MEM[TOKEN_AT[j]] <= TOKEN_COUNT[j]:
                ALIVE[j] = 0
                what, x, y = L_FREED, j, 0
                $RECORD
            j += 1
        if STATE[LENGTH] > begun and (DRAINS[0] or LAST_DRAINED[0]):
            $DRAIN
        STATE[HIDDEN] = 0
        FORGET_EXEMPT()
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
# No tuple that is longer than this has a free list.
LONGEST = 20 if VERSION >= (3, 11) else 19


def find_lost():
    """3.11 and 3.12 put tuples of 20 into a free list from which they never take one: where it begins."""
    if VERSION not in ((3, 11), (3, 12)):
        return 0
    long = NOTHING * 20
    at = id(long)
    del long
    start = GENERATIONS[0] >> 3
    # Behind the generations in the same structure.
    for word in range(start, start + (1 << 16)):
        if MEM[word] == at:
            return word
    fail("the free list of tuples of 20 was not found; is this an unusual build?")


LOST = find_lost()
# The list is the last of twenty; after them there are as many numbers, which say how long each is.
LOST_COUNT = 2 * (LOST + 1) + 19
# The addresses of tuples that were made before the last collection has set the count to 0, and have not been fetched since.
EXEMPT = {}
FORGET_EXEMPT = EXEMPT.clear
# As long as there is no chain, these are none of the program's objects: the first numbers, which are those of its chains.
UNBORN = array("q", [0])
# Has an object several weak references, of which one has no callback.
RELEASES = array("b", [0])
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
