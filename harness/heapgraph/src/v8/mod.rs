//! V8 heap snapshots (`*.heapsnapshot`), as Node's `v8.writeHeapSnapshot()` and Chrome's DevTools write them.
//!
//! ```text
//! {"snapshot": {"meta": {"node_fields": [..], "node_types": [[..], ..], "edge_fields": .., "edge_types": ..},
//!               "node_count": n, "edge_count": m},
//!  "nodes":   [the fields of node 0, the fields of node 1, ..],
//!  "edges":   [the fields of node 0's first edge, ..],
//!  ..., "strings": [..]}
//! ```
//!
//! Files of gigabytes are common, so the JSON is streamed: each number goes to its place in the graph as it is read and
//! no tree of values is made. That needs the parts in the order in which V8 writes them, which is an error otherwise.
//!
//! How the graph is read:
//!
//! - Where the fields are is what `snapshot.meta` says; further fields are passed over.
//! - Edges of the type `weak` are weak. Edges of the type `shortcut` repeat others for people who look at the
//!   snapshot, except at the root, where they lead to the user's global objects: elsewhere they are left out and counted.
//! - Roots are the synthetic root and the synthetic nodes directly behind it, `(GC roots)` and its parts.
//! - The type of a plain or native object is its class, of others their category in parentheses, as in DevTools.
//! - V8 writes the value of a `WeakMap` entry as a strong edge both of the key and of the table. Nothing in the file tells
//!   these from others, so a value here lives as long as either.

mod layout;
mod names;
mod parts;
mod rows;
mod stream;

pub(crate) use parts::read;
