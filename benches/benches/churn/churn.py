"""Churn in Python: prints nanoseconds of all operations, then the full collections', in nanoseconds each."""

import gc
import random
import sys
import time


class Node:
    __slots__ = ("itself", "payload")


def node(payload):
    node = Node()
    node.itself = node
    node.payload = payload
    return node


def main(live, operations):
    rng = random.Random(1)
    nodes = [node(i) for i in range(live)]
    gc.collect()
    begun = [0]
    pauses = []

    def watch(phase, info):
        if info["generation"] == 2:
            if phase == "start":
                begun[0] = time.perf_counter_ns()
            else:
                pauses.append(time.perf_counter_ns() - begun[0])

    gc.callbacks.append(watch)
    start = time.perf_counter_ns()
    for i in range(operations):
        nodes[rng.randrange(live)] = node(i)
    total = time.perf_counter_ns() - start
    print(total, *pauses)


main(int(sys.argv[1]), int(sys.argv[2]))
