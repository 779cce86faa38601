//! `snapshot.meta`: which fields a node and an edge have, and at which positions.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Problem;

/// The part called `snapshot`, as it stands in the file. Its further fields are passed over.
#[derive(Debug, Deserialize)]
pub(super) struct Snapshot {
    meta: Meta,
    node_count: u64,
    edge_count: u64,
    #[serde(default)]
    root_index: u64,
}

#[derive(Debug, Deserialize)]
struct Meta {
    node_fields: Vec<String>,
    node_types: Vec<FieldType>,
    edge_fields: Vec<String>,
    edge_types: Vec<FieldType>,
}

/// The type of a field: `"number"`, `"string"`, or the names of what an enumeration holds.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum FieldType {
    Values(Vec<String>),
    Plain(IgnoredAny),
}

/// Where to find what in the flat arrays.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) nodes: u64,
    pub(super) edges: u64,
    /// Fields of a node, and the positions among them.
    pub(super) node_fields: usize,
    pub(super) node_type: usize,
    pub(super) name: usize,
    pub(super) self_size: usize,
    pub(super) edge_count: usize,
    pub(super) detachedness: Option<usize>,
    /// Names of the node types.
    pub(super) categories: Vec<String>,
    /// Fields of an edge, and the positions among them.
    pub(super) edge_fields: usize,
    pub(super) edge_type: usize,
    pub(super) to_node: usize,
    /// Which edge types there are.
    pub(super) edge_types: Vec<EdgeType>,
    /// The node that is the synthetic root.
    pub(super) root: u64,
}

/// What matters about an edge's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EdgeType {
    Strong,
    Weak,
    Shortcut,
}

/// More fields than any V8 has; a bound for the working space of a row.
const MOST_FIELDS: usize = 64;

impl Layout {
    /// Checks the positions, and the counts against the size of the file: a number in JSON takes two bytes or more.
    pub(super) fn new(snapshot: Snapshot, file_bytes: u64) -> Result<Layout, Problem> {
        let Snapshot { meta, node_count: nodes, edge_count: edges, root_index } = snapshot;
        let (node_fields, edge_fields) = (meta.node_fields.len(), meta.edge_fields.len());
        for (what, count) in [("node fields", node_fields), ("edge fields", edge_fields)] {
            if count > MOST_FIELDS {
                return Err(Problem::TooMany { what, count: count as u64, limit: MOST_FIELDS as u64 });
            }
        }
        let position = |fields: &[String], name: &str| fields.iter().position(|field| field == name);
        let node =
            |name, part| position(&meta.node_fields, name).ok_or(Problem::MissingPart { part, hint: FIELDS });
        let edge =
            |name, part| position(&meta.edge_fields, name).ok_or(Problem::MissingPart { part, hint: FIELDS });
        let node_type = node("type", "snapshot.meta.node_fields `type`")?;
        let edge_type = edge("type", "snapshot.meta.edge_fields `type`")?;
        let categories = values(meta.node_types, node_type, "snapshot.meta.node_types")?;
        let edge_types = values(meta.edge_types, edge_type, "snapshot.meta.edge_types")?;
        for (what, declared, fields) in
            [("snapshot.node_count", nodes, node_fields), ("snapshot.edge_count", edges, edge_fields)]
        {
            let limit = file_bytes / (2 * fields as u64);
            if declared > limit {
                return Err(Problem::CountDoesNotFit { what, declared, limit });
            }
        }
        let limit = u64::from(u32::MAX);
        for (what, count) in [("nodes", nodes), ("edges", edges)] {
            if count > limit {
                return Err(Problem::TooMany { what, count, limit });
            }
        }
        let fields = node_fields as u64;
        if nodes > 0 && (!root_index.is_multiple_of(fields) || root_index / fields >= nodes) {
            return Err(Problem::ToNode { to_node: root_index, fields, end: nodes * fields });
        }
        Ok(Layout {
            nodes,
            edges,
            node_fields,
            node_type,
            name: node("name", "snapshot.meta.node_fields `name`")?,
            self_size: node("self_size", "snapshot.meta.node_fields `self_size`")?,
            edge_count: node("edge_count", "snapshot.meta.node_fields `edge_count`")?,
            detachedness: position(&meta.node_fields, "detachedness"),
            categories,
            edge_fields,
            edge_type,
            to_node: edge("to_node", "snapshot.meta.edge_fields `to_node`")?,
            edge_types: edge_types
                .iter()
                .map(|name| match name.as_str() {
                    "weak" => EdgeType::Weak,
                    "shortcut" => EdgeType::Shortcut,
                    _ => EdgeType::Strong,
                })
                .collect(),
            root: root_index / fields,
        })
    }
}

const FIELDS: &str = "a node needs the fields type, name, self_size, edge_count, an edge type, to_node";

fn values(types: Vec<FieldType>, position: usize, part: &'static str) -> Result<Vec<String>, Problem> {
    match types.into_iter().nth(position) {
        Some(FieldType::Values(names)) if names.len() <= usize::from(u8::MAX) => Ok(names),
        Some(FieldType::Values(names)) => Err(Problem::TooMany {
            what: "node or edge types",
            count: names.len() as u64,
            limit: u8::MAX.into(),
        }),
        Some(FieldType::Plain(IgnoredAny)) | None => Err(Problem::MissingPart {
            part,
            hint: "a list of names was expected where the fields have `type`",
        }),
    }
}
