"""The workloads of the benches in Python: prints nanoseconds on the wall and of the processor."""

import gc
import random
import sys
import time


class Pair:
    __slots__ = ("peer", "payload")


class Entry:
    __slots__ = ("newer", "older")


class Node:
    __slots__ = ("a", "b", "c")


class Link:
    __slots__ = ("next",)


class Item:
    __slots__ = ("newer", "older", "payload")


def clocks():
    return time.perf_counter_ns(), time.process_time_ns()


def timed(*parts):
    """Runs the parts one after the other; prints the sum, then, if there are several, each one's processor time."""
    all_wall = 0
    each = []
    for part in parts:
        wall, cpu = clocks()
        part()
        cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
        all_wall += wall
        each.append(cpu)
    print(all_wall, sum(each), *(each if len(each) > 1 else ()))


def hiccup(nanoseconds):
    start = last = time.perf_counter_ns()
    longest = 0
    while last - start < nanoseconds:
        now = time.perf_counter_ns()
        longest = max(longest, now - last)
        last = now
    return longest


def grouped(count, group, work, at_last=lambda: None):
    """Looks at the clock after each group of operations; prints the sum, the longest group, and the hiccup control."""
    wall, cpu = clocks()
    last = time.perf_counter_ns()
    longest = 0
    for start in range(0, count, group):
        for i in range(start, min(count, start + group)):
            work(i)
        now = time.perf_counter_ns()
        longest = max(longest, now - last)
        last = now
    at_last()
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    print(wall, cpu, longest, hiccup(min(wall, 300_000_000)))


def pairs(count, seed):
    def make(count):
        for i in range(count):
            a = Pair()
            b = Pair()
            a.payload = b.payload = i
            a.peer = b
            b.peer = a

    def work():
        make(count)
        a = b = None
        gc.collect()

    make(count // 10)
    timed(work)


def ring(count, order):
    entries = [Entry() for _ in range(count)]
    for i in range(count):
        entry, following = entries[order[i]], entries[order[(i + 1) % count]]
        entry.newer = following
        following.older = entry
    gc.collect()


def dead_ring(count, seed):
    gc.disable()
    ring(count, range(count))
    timed(gc.collect)


def shuffled_ring(count, seed):
    gc.disable()
    order = list(range(count))
    random.Random(seed).shuffle(order)
    ring(count, order)
    del order
    timed(gc.collect)


def built_ring(count, seed):
    kept = []

    def build():
        first = last = Entry()
        for _ in range(1, count):
            entry = Entry()
            entry.older = last
            last.newer = entry
            last = entry
        last.newer = first
        first.older = last
        kept.append(first)

    def collect():
        kept.clear()
        gc.collect()

    timed(build, collect)


def branch(parent, sibling, levels):
    node = Node()
    node.a = parent
    node.b = None
    node.c = sibling
    if levels > 1:
        child = None
        for _ in range(4):
            child = branch(node, child, levels - 1)
        node.b = child
    return node


def trees(count, nodes, levels, seed):
    def make(trees):
        for _ in range(trees):
            branch(None, None, levels)

    def work():
        make((count + nodes - 1) // nodes)
        gc.collect()

    make(count // nodes // 10)
    timed(work)


def doubly_linked(count, entries, group, seed):
    newest = oldest = None

    def insert(payload):
        nonlocal newest, oldest
        item = Item()
        item.payload = payload
        item.newer = None
        item.older = newest
        if newest is None:
            oldest = item
        else:
            newest.newer = item
        newest = item

    def replace(payload):
        nonlocal oldest
        item = oldest
        following = item.newer
        following.older = None
        item.newer = None
        oldest = following
        insert(payload)
        return item.payload

    for payload in range(entries):
        insert(payload)
    for payload in range(2 * entries):
        replace(payload)
    grouped(count, group, replace)


def chain(length):
    following = None
    for _ in range(length):
        link = Link()
        link.next = following
        following = link
    return following


def acyclic(count, length, group, seed):
    def make(_):
        chain(length)

    for i in range(count // length // 10):
        make(i)
    grouped((count + length - 1) // length, group, make, gc.collect)


def deep(count, seed):
    kept = []

    def collect():
        kept.clear()
        gc.collect()

    timed(lambda: kept.append(chain(count)), collect)


def graph(count, seed):
    rng = random.Random(seed)
    circle = list(range(count))
    rng.shuffle(circle)
    nodes = [Node() for _ in range(count)]
    for i in range(count):
        node = nodes[circle[i]]
        node.a = nodes[circle[(i + 1) % count]]
        node.b = nodes[rng.randrange(count)]
        node.c = nodes[rng.randrange(count)]
    return nodes[0]


def live(count, seed):
    gc.disable()
    first = graph(count, seed)
    wall, cpu = clocks()
    gc.collect()
    before = time.process_time_ns() - cpu
    wall, cpu = clocks()
    gc.collect()
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    print(wall, cpu, before)
    assert first.a is not None


def churn(count, group, seed):
    gc.disable()
    at = graph(count // 4, seed)

    def renew(way):
        nonlocal at
        at = at.b if way else at.a
        satellite = Node()
        satellite.a = satellite
        satellite.b = at
        at.c = satellite

    for _ in range(count // 4):
        renew(0)
    gc.enable()
    gc.collect()
    state = seed

    def work(_):
        nonlocal state
        state = (state * 6364136223846793005 + 1) & 0xFFFFFFFFFFFFFFFF
        renew(state >> 63)

    grouped(count, group, work)


globals()[sys.argv[1]](*map(int, sys.argv[2:]))
