//! `gcmodule`: counts, with CPython's cycle detection over all objects. Collects only when asked. Its fork has the same face.

/// A crate of this family as a peer.
macro_rules! peer {
    ($crate_name:ident, $alias:ident, $name:literal) => {
        use crate::peers::EVERY;
        use crate::peers::shared::{LivePeer, Peer, Shared, objects};
        use ::$crate_name::{Cc, Trace, Tracer, collect_thread_cycles};
        use std::cell::RefCell;

        objects!(Cc, RefCell, []);

        /// By hand, like the others: `is_type_tracked` of a derive calls itself without end where a type contains itself.
        impl Trace for Pair {
            fn trace(&self, tracer: &mut Tracer<'_>) {
                self.peer.trace(tracer);
            }

            fn is_type_tracked() -> bool {
                true
            }
        }

        impl Trace for Entry {
            fn trace(&self, tracer: &mut Tracer<'_>) {
                self.newer.trace(tracer);
                self.older.trace(tracer);
            }

            fn is_type_tracked() -> bool {
                true
            }
        }

        impl Trace for Node {
            fn trace(&self, tracer: &mut Tracer<'_>) {
                for edge in self.edges.borrow().iter() {
                    edge.trace(tracer);
                }
            }

            fn is_type_tracked() -> bool {
                true
            }
        }

        /// What the crate calls its things.
        #[derive(Debug)]
        pub enum Crate {}

        #[doc = concat!("The crate `", $name, "`.")]
        pub type $alias = Shared<Crate>;

        impl Peer for Crate {
            const NAME: &'static str = $name;
            const EVERY: Option<u64> = Some(EVERY);
            type Pair = Cc<Pair>;
            type Entry = Cc<Entry>;
            type Node = Cc<Node>;

            fn collect() {
                // How many it collected is nobody's business here.
                _ = collect_thread_cycles();
            }
        }

        impl LivePeer for Crate {}
    };
}

pub(super) use peer;

peer!(gcmodule, GcModule, "gcmodule");
