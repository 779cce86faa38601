# What is called while a program runs, and what is seen of it: exceptions, collections, snapshots.

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

# Snapshots are taken while the program's objects are in no list, so that anything may be made.


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
