"""The story of `cyclade demo`, on the Python that runs this. Prints one line of JSON."""

import ctypes
import gc
import json
import sys
import sysconfig
import weakref

if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit("only CPython with a global interpreter lock keeps a plain count at an object's address")


class A(object):
    __slots__ = ("b", "me", "__weakref__")


class B(object):
    __slots__ = ("a", "__weakref__")


class DelA(A):
    __slots__ = ()

    def __del__(self):
        pass


class DelB(B):
    __slots__ = ()

    def __del__(self):
        pass


STEPS = []
NOTHING = {"ref_count": 0, "exists": False}


class Thing(object):
    """An address, and whether the object that was there is still alive: nothing is read at an address where nothing lives."""

    def __init__(self, target):
        self.address = id(target)
        self.alive = weakref.ref(target)

    def look(self):
        if self.alive() is None:
            return NOTHING
        count = ctypes.c_ssize_t.from_address(self.address).value & 0xFFFFFFFF
        return {"ref_count": count, "exists": True}


def step(text, a, b=None, collected=None):
    STEPS.append({"step": text, "a": a.look(), "b": b.look() if b else NOTHING, "collected": collected})


def aliases():
    a = A()
    thing = Thing(a)
    step("aliases: a = A()", thing)
    b = a
    step("aliases: b = a", thing)
    c = a
    step("aliases: c = a", thing)
    c = None
    step("aliases: c = None", thing)
    b = None
    step("aliases: b = None", thing)
    others = [None] * 1003
    a = None
    # Nothing else may be made now, or it takes the address.
    gone = thing.look()
    collected = gc.collect()
    for place in range(1000):
        others[place] = A()
        if id(others[place]) == thing.address:
            others[1000] = others[1001] = others[place]
            break
    if others[1000] is not None:
        another = Thing(others[1000])
    else:
        another = thing
    STEPS.append({"step": "aliases: a = None", "a": gone, "b": NOTHING, "collected": None})
    STEPS.append({"step": "aliases: collect()", "a": gone, "b": NOTHING, "collected": collected})
    step("aliases: another object, with three names, at that address", another)


def pair(chapter, first, second, suffix=""):
    gc.collect()
    a = first()
    a.b = second()
    a.b.a = a
    things = Thing(a), Thing(a.b)
    step(chapter + ": a = A(); a.b = B(); a.b.a = a" + suffix, *things)
    a = None
    step(chapter + ": a = None", *things)
    step(chapter + ": collect()", things[0], things[1], gc.collect())


def acyclic():
    a = A()
    a.b = B()
    things = Thing(a), Thing(a.b)
    step("no cycle: a = A(); a.b = B()", *things)
    a = None
    step("no cycle: a = None", *things)
    step("no cycle: collect()", things[0], things[1], gc.collect())


def self_reference():
    a = A()
    a.me = a
    thing = Thing(a)
    step("self-reference: a = A(); a.me = a", thing)
    a = None
    step("self-reference: a = None", thing)
    step("self-reference: collect()", thing, None, gc.collect())


def make_pair():
    a = A()
    a.b = B()
    a.b.a = a
    return Thing(a), Thing(a.b)


def automatic():
    things = make_pair()
    for _ in range(2000):
        make_pair()
    step("automatic off: a pair is dropped; 2000 more are made and dropped", *things)
    step("automatic off: collect()", things[0], things[1], gc.collect())
    things = make_pair()
    gc.enable()
    for _ in range(200000):
        if things[0].alive() is None:
            break
        make_pair()
    gc.disable()
    step("automatic on: a pair is dropped; more are made and dropped until it is gone", *things)


gc.disable()
gc.collect()
aliases()
pair("pair", A, B)
acyclic()
self_reference()
automatic()
if sys.version_info >= (3, 4):
    pair("finalizers since 3.4", DelA, DelB, ", both with __del__")
else:
    pair("finalizers before 3.4", DelA, DelB, ", both with __del__")
print(json.dumps({"collector": "python3 " + sys.version.split()[0], "steps": STEPS}))
