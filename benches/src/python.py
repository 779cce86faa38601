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


def timed(work):
    wall, cpu = time.perf_counter_ns(), time.process_time_ns()
    work()
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    print(wall, cpu)


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


def live(count, seed):
    gc.disable()
    rng = random.Random(seed)
    circle = list(range(count))
    rng.shuffle(circle)
    nodes = [Node() for _ in range(count)]
    for i in range(count):
        node = nodes[circle[i]]
        node.a = nodes[circle[(i + 1) % count]]
        node.b = nodes[rng.randrange(count)]
        node.c = nodes[rng.randrange(count)]
    first = nodes[0]
    del nodes, circle, node
    gc.collect()
    timed(gc.collect)
    assert first.a is not None


workload, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
globals()[workload](count, seed)
