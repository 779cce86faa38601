//! Sets of ids as the files write them: `0-3,7`.

/// Writes a set.
pub(super) fn write(ids: impl IntoIterator<Item = u32>) -> String {
    let mut ids: Vec<u32> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut text = String::new();
    let mut at = 0;
    while at < ids.len() {
        let mut end = at;
        while end + 1 < ids.len() && ids[end + 1] == ids[end] + 1 {
            end += 1;
        }
        if !text.is_empty() {
            text.push(',');
        }
        text += &ids[at].to_string();
        if end > at {
            text += &format!("-{}", ids[end]);
        }
        at = end + 1;
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn neighbours_are_joined_and_order_does_not_matter() {
        assert_eq!(super::write([7, 3, 0, 1, 2]), "0-3,7");
        assert_eq!(super::write([5, 5]), "5");
        assert_eq!(super::write([]), "");
        assert_eq!(super::write([1, 2, 4]), "1-2,4");
    }
}
