//! Writes `HEAPGRF1`: for graphs made in memory, and for others' formats that are to be kept in this one.

use std::io::{self, Write};

use super::{Array, Header, MAGIC};
use crate::graph::{Flags, HeapGraph};

/// Why a graph could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The writer failed.
    #[error("the graph cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The type names make a header of 4 GiB or more.
    #[error("the graph cannot be written: its type names are too long for the format's header")]
    HeaderTooLong,
}

impl HeapGraph {
    /// Writes this graph as `HEAPGRF1`.
    ///
    /// Roots become external references. Where the graph has no counts of its own, a node's count is what the graph shows:
    /// the strong edges to it, and one if it is a root. Weak edges are not part of the format; their targets keep the flag
    /// that says so. Cost: O(n + m), many small writes, so give it a buffered writer.
    ///
    /// # Errors
    /// If the writer fails, or a header of such length is impossible.
    pub fn write(&self, mut writer: impl Write) -> Result<(), WriteError> {
        let header = Header {
            n: self.n() as u64,
            m: self.m() as u64,
            types: self.types.clone(),
            python: self.source.python.clone(),
            workload: self.source.workload.clone(),
            new_only: self.source.new_only,
            gc_only: self.source.gc_only,
            arrays: Array::ALL
                .iter()
                .map(|array| (array.name().to_owned(), array.item().0.to_owned()))
                .collect(),
        };
        let header = serde_json::to_vec(&header).map_err(io::Error::from)?;
        let length = u32::try_from(header.len()).map_err(|_| WriteError::HeaderTooLong)?;
        writer.write_all(MAGIC)?;
        writer.write_all(&length.to_le_bytes())?;
        writer.write_all(&header)?;

        let external = self.external_counts();
        for array in Array::ALL {
            match array {
                Array::Offsets => {
                    for &offset in &self.strong.offsets {
                        writer.write_all(&u64::from(offset).to_le_bytes())?;
                    }
                }
                Array::Targets => words(&mut writer, &self.strong.targets)?,
                Array::Type => {
                    for index in &self.node_type {
                        writer.write_all(&index.to_le_bytes())?;
                    }
                }
                Array::Size => words(&mut writer, &self.size)?,
                Array::Refcount => match &self.counts {
                    Some(counts) => words(&mut writer, &counts.refcount)?,
                    None => {
                        let counts = self.in_degrees().into_iter().zip(&external);
                        let counts: Vec<_> =
                            counts.map(|(edges, &roots)| edges.saturating_add(roots)).collect();
                        words(&mut writer, &counts)?;
                    }
                },
                Array::External => words(&mut writer, &external)?,
                Array::Outside => match &self.counts {
                    Some(counts) => words(&mut writer, &counts.outside)?,
                    None => words(&mut writer, &vec![0; self.n()])?,
                },
                Array::Flags => {
                    // The format has four flags; what else is known here would be read as something else one day.
                    let known = Flags::COLLECTED.0
                        | Flags::TRACKED.0
                        | Flags::FINALIZER.0
                        | Flags::WEAKLY_REFERENCED.0;
                    let foreign = self.counts.is_none();
                    let flags: Vec<_> =
                        self.flags.iter().map(|&f| if foreign { f & known } else { f }).collect();
                    writer.write_all(&flags)?;
                }
            }
        }
        Ok(writer.flush()?)
    }

    /// External references as the format wants them: above 0 for roots, 0 for all others. Recorded numbers stay where they
    /// agree with the roots, which may have been chosen anew.
    fn external_counts(&self) -> Vec<u32> {
        let mut external = vec![0; self.n()];
        for &root in &self.roots {
            let recorded = self.counts.as_ref().map_or(0, |counts| counts.external[root as usize]);
            external[root as usize] = recorded.max(1);
        }
        external
    }
}

fn words(writer: &mut impl Write, items: &[u32]) -> io::Result<()> {
    items.iter().try_for_each(|item| writer.write_all(&item.to_le_bytes()))
}
