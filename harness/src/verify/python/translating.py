# From a scenario to numbers, and back; and the whole.

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
    DRAINS[0] = DRAINS[1] = RELEASES[0] = 0
    referenced, silent = {}, set()
    # The objects of a chain are neighbours.
    chains = [op for op in ops if op["op"] == "chain"]
    for op in chains:
        for name in range(op["first"], op["first"] + op["n"]):
            numbers(name)
    UNBORN[0] = len(numbers.ids)
    for op in ops:
        name = op["op"]
        if name not in OPS:
            raise Unfit("unknown operation `%s`" % name)
        a = b = c = d = e = 0
        if name == "new":
            kind = KINDS[op["kind"]]
            a, b = numbers(op["id"]), kind
            if kind in (FIN, LEGACY):
                actions = op.get("finalizer") or []
                does = set(action["do"] for action in actions)
                if kind == LEGACY and "raise" in does and does & {"root_self", "attach_self"}:
                    # A generator that has returned cannot be called again (D4).
                    raise Unfit("an old-style finalizer that raises and may run again")
                actors.append((kind, a, actions))
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
            if 2 * referenced[b] >= SHORTEST:
                DRAINS[1] = min(18 if LOST else 20, max(DRAINS[1], 2 * referenced[b]))
            if c == 2:
                actors.append((WEAKREF, a, op["callback"]))
            else:
                silent.add(b)
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
    RELEASES[0] = any(referenced[target] > 1 for target in silent)
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
