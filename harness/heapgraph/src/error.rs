//! What can be wrong with a graph file, and how it is said: the file, the place in it, and what would be right.

use std::fmt;
use std::io;

/// Why a file could not be read as a heap graph.
///
/// Prints as `file: place: problem`, for people. The parts are there for programs. One pointer in size.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ReadError(Box<Details>);

#[derive(Debug)]
struct Details {
    file: String,
    place: Place,
    problem: Problem,
}

impl ReadError {
    pub(crate) fn new(file: &str, place: Place, problem: Problem) -> ReadError {
        ReadError(Box::new(Details { file: file.to_owned(), place, problem }))
    }

    /// The name of the file, as it was given.
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// Where in the file.
    pub fn place(&self) -> &Place {
        &self.0.place
    }

    /// What is wrong there.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }
}

impl fmt::Display for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::File => write!(f, "{}: {}", self.file, self.problem),
            _ => write!(f, "{}: {}: {}", self.file, self.place, self.problem),
        }
    }
}

impl std::error::Error for Details {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.problem)
    }
}

/// A place in a graph file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The file as a whole.
    File,
    /// The byte at this offset, from 0 (of the content after decompression).
    Byte(u64),
    /// This line, from 1.
    Line(u64),
    /// An item of a named array.
    Item {
        /// The array's name in the file.
        array: &'static str,
        /// The item's index, from 0.
        index: u64,
        /// The offset at which the item starts, where items have fixed places.
        byte: Option<u64>,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Place::File => f.write_str("the file"),
            Place::Byte(byte) => write!(f, "byte {byte}"),
            Place::Line(line) => write!(f, "line {line}"),
            Place::Item { array, index, byte: Some(byte) } => write!(f, "{array}[{index}] (byte {byte})"),
            Place::Item { array, index, byte: None } => write!(f, "{array}[{index}]"),
        }
    }
}

/// What is wrong with a graph file. Each message also says what would be right.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The operating system, or the decompressor, failed.
    #[error("cannot be read: {0}")]
    Io(#[source] io::Error),
    /// There is nothing in it.
    #[error("the file is empty; a heap graph was expected")]
    Empty,
    /// The content is none of the formats.
    #[error(
        "begins with {start}, which is no known heap graph: expected the magic `HEAPGRF1`, a V8 heap snapshot \
         (JSON, so `{{` first) or an edge list (lines of two node numbers; `#` and `%` begin comments)"
    )]
    Unrecognised {
        /// The first bytes, escaped.
        start: String,
    },
    /// The file ends too early.
    #[error("the file ends here, but {what} needs {needed} more bytes")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// How many bytes of it are missing.
        needed: u64,
    },
    /// There is more than the header announces.
    #[error("the content should end here, as its header says, but there is more of it")]
    Trailing,
    /// The sizes in the header are not those of the file.
    #[error(
        "the header announces n = {n} nodes and m = {m} edges, which makes {expected} bytes in all, but the file has \
         {found}"
    )]
    SizeMismatch {
        /// Declared nodes.
        n: u64,
        /// Declared edges.
        m: u64,
        /// Bytes that such a file has.
        expected: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// A declared count is more than a file of this size can hold.
    #[error("{what} says {declared}, but a file of this size has room for {limit} at most")]
    CountDoesNotFit {
        /// The name of the count.
        what: &'static str,
        /// Its value.
        declared: u64,
        /// The most that it could be.
        limit: u64,
    },
    /// A declared count is not the number of items that follow.
    #[error("`{array}` has {found} here, but {what} says {declared}")]
    CountDiffers {
        /// The array.
        array: &'static str,
        /// What the count is called.
        what: &'static str,
        /// Its value.
        declared: u64,
        /// How many there are, or how many there are at least.
        found: u64,
    },
    /// More than the in-memory graph can hold.
    #[error("{count} {what} are too many: the limit is {limit}")]
    TooMany {
        /// Nodes, edges or types.
        what: &'static str,
        /// How many.
        count: u64,
        /// The limit.
        limit: u64,
    },
    /// The header is not the JSON object that it should be.
    #[error("the header is not the JSON object that it should be: {0}")]
    Header(#[source] serde_json::Error),
    /// Text that is not UTF-8.
    #[error("{what} is not UTF-8 text")]
    NotUtf8 {
        /// Which text.
        what: &'static str,
    },
    /// The header names no such array.
    #[error(
        "the header's `arrays` lacks `{array}`; offsets, targets, type, size, refcount, external, outside and \
             flags are needed"
    )]
    MissingArray {
        /// The array that is missing.
        array: &'static str,
    },
    /// The header names an array twice.
    #[error("the header's `arrays` names `{array}` twice; each array comes once")]
    DuplicateArray {
        /// The array.
        array: &'static str,
    },
    /// The header names an array that the format does not have, so that its length is unknown.
    #[error("the header's `arrays` names `{array}`, which the format does not have")]
    UnknownArray {
        /// The name.
        array: String,
    },
    /// An array with another item type than the format's.
    #[error("the header gives `{array}` items of type `{found}`; `{right}` would be right")]
    WrongItemType {
        /// The array.
        array: &'static str,
        /// The type in the header.
        found: String,
        /// The type in the format.
        right: &'static str,
    },
    /// The first offset is not 0.
    #[error("the first offset is {found}; it must be 0")]
    FirstOffset {
        /// What it is.
        found: u64,
    },
    /// Offsets go down.
    #[error("the offset {after} comes after {before}; offsets never decrease")]
    OffsetDecreases {
        /// The offset before.
        before: u64,
        /// The smaller one after it.
        after: u64,
    },
    /// The last offset is not the number of edges.
    #[error("the last offset is {found}; it must be the number of edges, {m}")]
    LastOffset {
        /// What it is.
        found: u64,
        /// Declared edges.
        m: u64,
    },
    /// An edge to a node that does not exist.
    #[error("the target {target} is out of range; there are {n} nodes, numbered from 0")]
    TargetOutOfRange {
        /// The target.
        target: u64,
        /// Number of nodes.
        n: u64,
    },
    /// A type that does not exist.
    #[error("the type index {index} is out of range; there are {types} types, numbered from 0")]
    TypeOutOfRange {
        /// The index.
        index: u64,
        /// Number of types.
        types: u64,
    },
    /// A V8 target that is not the beginning of a node.
    #[error(
        "`to_node` is {to_node}; it must be an index into `nodes` where a node begins: a multiple of {fields}, \
         below {end}"
    )]
    ToNode {
        /// The value.
        to_node: u64,
        /// Fields of a node.
        fields: u64,
        /// Length of the `nodes` array.
        end: u64,
    },
    /// A name that is not in `strings`.
    #[error("the name index {index} is out of range; `strings` has {strings} items")]
    NameOutOfRange {
        /// The index.
        index: u64,
        /// Number of strings.
        strings: u64,
    },
    /// An array whose length is no multiple of the fields.
    #[error("`{array}` ends in the middle of an entry of {fields} fields")]
    PartialEntry {
        /// The array.
        array: &'static str,
        /// Fields of an entry.
        fields: u64,
    },
    /// Not JSON, or not of the right shape.
    #[error("not a V8 heap snapshot: {0}")]
    Json(#[source] serde_json::Error),
    /// A part of a V8 heap snapshot that is missing.
    #[error("the snapshot has no `{part}`; {hint}")]
    MissingPart {
        /// What is missing.
        part: &'static str,
        /// What would be right.
        hint: &'static str,
    },
    /// A part of a V8 heap snapshot that comes twice.
    #[error("`{part}` comes a second time")]
    DuplicatePart {
        /// The part.
        part: &'static str,
    },
    /// Parts of a V8 heap snapshot in another order than V8's.
    #[error(
        "`{part}` comes before `{needs}`, without which it cannot be read; V8 writes snapshot, nodes, edges, strings"
    )]
    WrongOrder {
        /// The part that came.
        part: &'static str,
        /// What must come first.
        needs: &'static str,
    },
    /// A word of an edge list that is not a number.
    #[error("`{text}` is not {right}")]
    NotANumber {
        /// The word, shortened and escaped.
        text: String,
        /// What would be right.
        right: &'static str,
    },
    /// A line of an edge list with one word only.
    #[error("one number only; an edge is two node numbers with white space between")]
    OneColumn,
    /// A line that no edge list has.
    #[error("a line of more than {limit} bytes; an edge is two node numbers")]
    LongLine {
        /// The limit.
        limit: u64,
    },
    /// An edge list without edges.
    #[error("no line of two node numbers: an edge list needs one edge at least")]
    NoEdges,
    /// A Matrix Market file, whose size line looks like an edge.
    #[error(
        "a Matrix Market file; remove its first lines up to and including the size line, the rest is an edge list"
    )]
    MatrixMarket,
    /// A compressed file that grows beyond all measure.
    #[error(
        "the compressed content is larger than {limit} bytes, more than is believable for a file of this size"
    )]
    Expansion {
        /// The limit that was passed.
        limit: u64,
    },
    /// Compressed twice.
    #[error("the content is compressed a second time; decompress the file once by hand")]
    NestedCompression,
}

/// The first bytes of something that is wrong, escaped and shortened to what fits in a message.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    const SHOWN: usize = 40;
    let text = bytes[..bytes.len().min(SHOWN)].escape_ascii().to_string();
    if bytes.len() > SHOWN { format!("{text}...") } else { text }
}
