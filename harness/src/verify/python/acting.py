# What finalizers and callbacks do.

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
    # Weak references without a callback are let go of by the tuples that hold them with others (D6).
    "RELEASE": """
a = MEM[HEADS[0]]
while a != HEADS[0] << 3:
    p = a + HEADER >> 3
    if MEM[p + 1] == TUPLE_AT and MEM[p + 2] & 1 == 0:
        x = p + 3
        y = x + MEM[p + 2]
        while x < y:
            if MEM[x] and MEM[x + 1] == 0:
                MEM[CELL_AT] = MEM[x]
                MEM[x] = 0
                CELL[0] = None
            x += 2
    a = MEM[a >> 3]
""",
    # Tuples of weak references whose callbacks are being called (D6) are taken out of the lists; `y` is how many there are.
    "HIDE": """
y = 0
j = 0
while j < 3:
    h = HEADS[j] << 3
    a = MEM[HEADS[j]]
    while a != h:
        x = MEM[a >> 3]
        p = a + HEADER >> 3
        # The program's own have an odd number of items (D7), and those that were fetched hold nothing.
        if MEM[p + 1] == TUPLE_AT and MEM[p + 2] & 1 == 0 and MEM[p + 3] != NONE:
            p = MEM[(a >> 3) + 1]
            MEM[p - (p & FLAGS) >> 3] = x
            MEM[(x >> 3) + 1] = p - (p & FLAGS) | MEM[(x >> 3) + 1] & FLAGS
            MEM[a >> 3] = 0
            if VERSION < (3, 8): MEM[(a >> 3) + 2] = UNTRACKED | MEM[(a >> 3) + 2] & 1
            else: MEM[(a >> 3) + 1] = p & 1
            HIDDEN_AT[STATE[TOP]] = a
            STATE[TOP] += 1
            y += 1
        a = x
    j += 1
""",
    # A collection has set the count to 0, in which the `own` tuples were that it was not to see: they will not be lowered.
    "SETTLE": """
FORGET_EXEMPT()
STATE[HIDDEN] = 0
j = STATE[TOP] - own
while j < STATE[TOP]:
    p = HIDDEN_AT[j] + HEADER
    k = MEM[(p >> 3) + 2]
    if k > LONGEST: HALF[YCOUNT] += 1
    elif LOST and k == LONGEST: STATE[HIDDEN] += 1
    else: EXEMPT[p] = 1
    j += 1
""",
    # Puts the `y` tuples back, at the end of the young ones.
    "SHOW": """
while y:
    STATE[TOP] -= 1
    a = HIDDEN_AT[STATE[TOP]]
    p = MEM[HEADS[0] + 1]
    MEM[p >> 3] = a
    MEM[a >> 3] = HEADS[0] << 3
    MEM[(a >> 3) + 1] = p | MEM[(a >> 3) + 1] & 1 if VERSION >= (3, 8) else p
    if VERSION < (3, 8): MEM[(a >> 3) + 2] = TRACKED | MEM[(a >> 3) + 2] & 1
    MEM[HEADS[0] + 1] = a
    y -= 1
""",
    # Puts tuples into free lists (D6): three of each length, since callbacks may be nested.
    "PRIME": """
k = HALF[YLIMIT]
x = HALF[YCOUNT]
HALF[YLIMIT] = NO_LIMIT
j = PRIMED[0]
while j <= DRAINS[1]:
    o = NOTHING * j
    v = NOTHING * j
    p = NOTHING * j
    o = v = p = None
    j += 2
HALF[YCOUNT] = x
HALF[YLIMIT] = k
""",
    # Fetches what lies in free lists (D6), and lowers the count for each, unless a collection has done so. The first object that is not from
    # there raises the count. All are kept: they would be in the list again.
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
        if HALF[YCOUNT] != x or id(KEPT[STATE[USED]]) not in EXEMPT: y += 1
        STATE[USED] += 1
    HALF[YCOUNT] = x - y + 1 if x - y + 1 > 0 else 0
    j = j + 2 if j else SHORTEST
if LOST:
    y = HALF[LOST_COUNT] if HALF[LOST_COUNT] < STATE[HIDDEN] else STATE[HIDDEN]
    STATE[HIDDEN] -= y
    x = HALF[YCOUNT] - HALF[LOST_COUNT] + y
    HALF[YCOUNT] = x if x > 0 else 0
    HALF[LOST_COUNT] = MEM[LOST] = 0
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
            if RELEASES[0]:
                $RELEASE
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
                # A tuple may be in the making that has triggered the collection in which this runs.
                for j in RANGE_ITEMS: ITEMS[j] = None
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
                $HIDE
                own = y
                # Inside of another collection it does nothing.
                HALF[MCOUNT] += FAR
                done = COLLECT_ALL()
                if HALF[MCOUNT] >= FAR: HALF[MCOUNT] -= FAR
                elif PRIMED[0]:
                    $PRIME
                else:
                    $SETTLE
                y = own
                $SHOW
                what, x, y = L_COLLECT, i, done
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
