//! Decompression with a bound: a small file may not fill the memory.

use std::fmt;
use std::io::{self, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use crate::error::Problem;

/// What every compressed file may expand to, however small it is.
const FREE: u64 = 64 << 20;

/// How far it may expand beyond that, as a multiple of its size. Recorded graphs compress 4 to 30 times; deflate's own limit
/// is 1,032.
const RATIO: u64 = 200;

/// The most bytes that a compressed file of this length may hold.
pub(crate) fn limit(compressed: u64) -> u64 {
    compressed.saturating_mul(RATIO).saturating_add(FREE)
}

/// The decompressed content of a gzip file, one or several members; reading beyond `limit` bytes fails.
pub(crate) fn decompress<R: io::BufRead>(reader: R, limit: u64) -> BufReader<impl Read> {
    BufReader::with_capacity(64 << 10, Bounded { inner: MultiGzDecoder::new(reader), left: limit, limit })
}

struct Bounded<R> {
    inner: R,
    left: u64,
    limit: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other(Beyond(self.limit))),
        }
        Ok(count)
    }
}

/// The error by which [`Bounded`] says so, through layers that only know `io::Error`.
#[derive(Debug)]
struct Beyond(u64);

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} bytes after decompression", self.0)
    }
}

impl std::error::Error for Beyond {}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Problem {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Beyond>()) {
            Some(&Beyond(limit)) => Problem::Expansion { limit },
            None => Problem::Io(error),
        }
    }
}
