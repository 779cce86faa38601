//! Marking on several threads, without an atomic operation: every thread marks the objects of its own part of the heap.
//!
//! # The idea
//!
//! Threads that mark in the same bitmap spend their time on it: an atomic read-modify-write for each object, which lets nothing overtake it, and a
//! cache line that the other processor has just written. So the heap is partitioned, by block: each thread tests and sets the bits of *its*
//! objects only, by plain loads and stores. An edge into another partition is not followed but sent there.
//!
//! 1. *Drain.* At the same time, each partition marks the targets that were sent to it, a batch at a time, scans those that were not marked
//!    yet, and sorts the targets of their edges by partition: its own go on top of its own stack, others into an outbox. It is done when
//!    both its inboxes and its stack are empty.
//! 2. *Exchange.* Outboxes become inboxes, when all are done. Nothing is copied, and buffers are used again.
//! 3. Again, until little is left.
//!
//! Sending is cheap where much waits to be done and dear where little does: along a chain, each object is found when the one before it has been scanned.
//! So one thread marks as in [`mark::until`], and partitions take over when thousands of grey objects wait, and only until there are few.
//!
//! Worked example, two partitions, `A` and `C` in the first, `B` and `D` in the second; `A` is grey and refers to `B` and `C`, `B` to `D`, `C` to `D`.
//! Drain: the first scans `A`, sends `B`, marks and scans `C`, sends `D`. Exchange. Drain: the second marks `B` and `D`, scans both; `D`, sent once
//! more by itself, is marked already.
//!
//! # Invariants
//!
//! - **P1** While partitions are drained, a mark bit is tested or set by the thread alone that drains its object's partition.
//! - **P2** Between rounds, every object that is marked and not scanned is in the queue, or among the seeds, and every target that has been met and
//!   neither marked nor found marked is in an inbox.
//!
//! # Cost
//!
//! One visit per live object and edge, one more store and load per edge than on one thread, two meetings of all threads per round; a graph that grows by a
//! constant factor from the roots takes as many rounds as its depth. Memory: a word for each edge that waits in a box.
//!
//! # Lineage
//!
//! Oancea, Mycroft and Watt 2009 (a new approach to parallelising tracing algorithms: partitions of memory that own their objects, and queues between them).

use crate::mark;
use cyclade_core::{Graph, MarkQueue, Object, Scanner};
use rayon::prelude::*;

/// Targets that are marked, and then scanned, at a time: they fit into the nearest cache.
const BATCH: usize = 1024;

/// So many targets are tested for each object that is scanned.
const TESTS: usize = 3;

/// So far ahead are mark bits and objects fetched.
const AHEAD: usize = 16;

/// So many grey objects for each thread, and partitions take over.
const PLENTY: usize = 4 * BATCH;

/// So many targets that wait for each thread, and one thread goes on.
const FEW: usize = BATCH / 2;

/// Marks everything reachable from what is `grey`, on all threads of the pool that this is called from. Returns the bytes that this took at most.
pub(crate) fn mark<M: FnMut(Object) -> bool>(mut grey: MarkQueue<M>) -> usize {
    let threads = rayon::current_num_threads();
    let mut partitions: Vec<_> = (0..threads).map(|number| Partition::new(number, threads)).collect();
    while mark::until(&mut grey, if threads > 1 { threads * PLENTY } else { usize::MAX }) {
        let mut turn = (0..threads).cycle();
        while let Some((chunk, to)) = grey.give_away().zip(turn.next()) {
            partitions[to].seeds.extend(chunk);
        }
        loop {
            partitions.par_iter_mut().with_max_len(1).for_each(Partition::drain);
            if exchange(&mut partitions) < threads * FEW {
                break;
            }
        }
        for target in partitions
            .iter_mut()
            .flat_map(|partition| &mut partition.inboxes)
            .flat_map(|inbox| inbox.0.drain(..))
        {
            grey.reach(target);
        }
    }
    // Buffers have not shrunk.
    grey.take_most_bytes() + partitions.iter().map(Partition::bytes).sum::<usize>()
}

/// Step 2. Returns how many targets are in inboxes now.
fn exchange(partitions: &mut [Partition]) -> usize {
    let mut waiting = 0;
    for from in 0..partitions.len() {
        for to in 0..partitions.len() {
            if from != to {
                let empty = std::mem::take(&mut partitions[to].inboxes[from]);
                let sent = std::mem::replace(&mut partitions[from].outboxes[to], empty);
                waiting += sent.0.len();
                partitions[to].inboxes[from] = sent;
            }
        }
    }
    waiting
}

/// Targets for one partition. Apart from others in memory: two threads that push side by side would take the cache line from each other all the time.
#[derive(Clone, Default)]
#[repr(align(128))]
struct Targets(Vec<Object>);

/// What one thread works on.
#[repr(align(128))]
struct Partition {
    number: usize,
    /// Grey objects of any partition, to begin with.
    seeds: Vec<Object>,
    /// Targets that each of the others has sent.
    inboxes: Vec<Targets>,
    /// Targets for each of the others; the one for itself is its stack.
    outboxes: Vec<Targets>,
    /// Targets that are tested, while the batch is scanned.
    targets: Vec<Object>,
    /// Grey objects.
    batch: Vec<Object>,
    scanner: Scanner,
}

impl Partition {
    fn new(number: usize, of: usize) -> Self {
        Partition {
            number,
            seeds: Vec::new(),
            inboxes: vec![Targets::default(); of],
            outboxes: vec![Targets::default(); of],
            targets: Vec::with_capacity(BATCH),
            batch: Vec::with_capacity(BATCH),
            scanner: Scanner::new(),
        }
    }

    /// What its buffers take.
    fn bytes(&self) -> usize {
        let boxes = self.inboxes.iter().chain(&self.outboxes).map(|targets| targets.0.capacity());
        let buffers = [&self.seeds, &self.targets, &self.batch].map(Vec::capacity);
        (boxes.sum::<usize>() + buffers.into_iter().sum::<usize>()) * size_of::<Object>()
    }

    /// Step 1.
    fn drain(&mut self) {
        while take(&mut self.seeds, &mut self.batch) {
            self.drain_stack();
        }
        for from in 0..self.inboxes.len() {
            while take(&mut self.inboxes[from].0, &mut self.targets) {
                self.step();
                self.drain_stack();
            }
        }
    }

    /// Goes on until neither targets nor grey objects are left.
    fn drain_stack(&mut self) {
        while take(&mut self.outboxes[self.number].0, &mut self.targets) || !self.batch.is_empty() {
            self.step();
        }
    }

    /// Scans the batch, and sorts what it refers to; and marks the targets, of which those that were not marked are the next batch. Both at
    /// once, since a scan waits for memory, and a test for the one before it.
    fn step(&mut self) {
        let Partition { targets, batch, outboxes, scanner, .. } = self;
        let partitions = outboxes.len();
        let mut grey = 0;
        batch.iter().take(AHEAD).for_each(|object| object.prefetch());
        targets.iter().take(AHEAD).for_each(|&target| Graph::prefetch_mark(target));
        let mut test = |targets: &mut [Object], i: usize| {
            if let Some(&ahead) = targets.get(i + AHEAD) {
                Graph::prefetch_mark(ahead);
            }
            // Without a branch: whether a target is marked cannot be predicted.
            targets[grey] = targets[i];
            grey += usize::from(Graph::mark_apart(targets[grey]));
        };
        let mut tested = 0;
        for (i, &object) in batch.iter().enumerate() {
            if let Some(ahead) = batch.get(i + AHEAD) {
                ahead.prefetch();
            }
            if tested + TESTS <= targets.len() {
                (tested..tested + TESTS).for_each(|i| test(targets, i));
                tested += TESTS;
            }
            scanner.edges(object, |target| outboxes[Graph::partition(target, partitions)].0.push(target));
        }
        (tested..targets.len()).for_each(|i| test(targets, i));
        targets.truncate(grey);
        std::mem::swap(batch, targets);
    }
}

/// Moves the last of `objects` into `batch`. False if there are none.
fn take(objects: &mut Vec<Object>, batch: &mut Vec<Object>) -> bool {
    batch.clear();
    batch.extend(objects.drain(objects.len().saturating_sub(BATCH)..));
    !batch.is_empty()
}
