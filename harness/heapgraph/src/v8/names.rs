//! Types of V8's objects: classes by the names in `strings`, everything else by category.

use std::collections::HashMap;

use super::stream::Sink;
use crate::error::Problem;

/// A graph has no more type names than this; further classes are counted under their category.
const MOST_TYPES: usize = 1 << 16;

/// The part `strings`, of which only the names of classes are kept.
#[derive(Debug)]
pub(super) struct Names {
    /// The category of each node type by which its nodes are called, if not by their own name.
    by_name: Vec<bool>,
    /// Name indices of classes, and their types once known.
    wanted: HashMap<u32, Option<u16>>,
    types: Vec<String>,
    /// Types of classes by name: several strings may begin alike.
    known: HashMap<String, u16>,
}

impl Names {
    /// Prepares for the classes that nodes of these categories and names have.
    pub(super) fn new(categories: &[String], category: &[u8], name: &[u32]) -> Names {
        let by_name: Vec<_> = categories.iter().map(|c| c == "object" || c == "native").collect();
        let wanted = category
            .iter()
            .zip(name)
            .filter(|(category, _)| by_name[usize::from(**category)])
            .map(|(_, name)| (*name, None))
            .collect();
        let types = categories.iter().map(|name| match name.as_str() {
            "hidden" => "(system)".to_owned(),
            "code" => "(compiled code)".to_owned(),
            other => format!("({other})"),
        });
        Names { by_name, wanted, types: types.collect(), known: HashMap::new() }
    }

    /// The type of each node, and the names of the types. `category` and `name` as given to [`new`](Self::new).
    pub(super) fn finish(self, category: &[u8], name: &[u32]) -> (Vec<u16>, Vec<String>) {
        let type_of = |(&category, name): (&u8, &u32)| {
            let class = if self.by_name[usize::from(category)] {
                self.wanted.get(name).copied().flatten()
            } else {
                None
            };
            class.unwrap_or(category.into())
        };
        (category.iter().zip(name).map(type_of).collect(), self.types)
    }
}

impl Sink<String> for Names {
    fn wants(&self, index: u64) -> bool {
        u32::try_from(index).is_ok_and(|index| self.wanted.contains_key(&index))
    }

    fn item(&mut self, index: u64, item: String) -> Result<(), Problem> {
        let Some(class) = u32::try_from(index).ok().and_then(|index| self.wanted.get_mut(&index)) else {
            return Ok(());
        };
        // DOM elements are called by their whole tag; `<div class="x">` is a div like others.
        let name = match item.split_once(' ') {
            Some((tag, _)) if tag.starts_with('<') => format!("{tag}>"),
            _ => item,
        };
        *class = match self.known.get(&name) {
            Some(&known) => Some(known),
            None if self.types.len() < MOST_TYPES => {
                let new = self.types.len() as u16;
                self.types.push(name.clone());
                self.known.insert(name, new);
                Some(new)
            }
            None => None,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_beyond_the_limit_are_counted_under_their_category() {
        let n = MOST_TYPES as u32 + 10;
        let (category, name): (Vec<u8>, Vec<u32>) = (0..n).map(|i| (1, i)).unzip();
        let mut names = Names::new(&["hidden".to_owned(), "object".to_owned()], &category, &name);
        for i in 0..u64::from(n) {
            assert!(names.wants(i));
            names.item(i, format!("class {i}")).unwrap();
        }
        let (types, names) = names.finish(&category, &name);
        assert_eq!((names.len(), types[0], types[65_533]), (MOST_TYPES, 2, 65_535));
        assert_eq!(names[usize::from(types[n as usize - 1])], "(object)");
    }

    #[test]
    fn elements_with_different_attributes_have_one_type() {
        let mut names = Names::new(&["native".to_owned()], &[0, 0, 0], &[0, 1, 2]);
        for (i, name) in ["<div id=\"a\">", "<div>", "<div id=\"b\">"].into_iter().enumerate() {
            names.item(i as u64, name.to_owned()).unwrap();
        }
        let (types, names) = names.finish(&[0, 0, 0], &[0, 1, 2]);
        assert_eq!((types, names), (vec![1, 1, 1], vec!["(native)".to_owned(), "<div>".to_owned()]));
    }
}
