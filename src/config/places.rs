//! The position of each key in the file.

use std::collections::BTreeMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The path of a key: names, and `[0]`, `[1]`… for items of lists.
pub type Path = Vec<String>;

/// The positions of all keys of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyLocations(BTreeMap<Path, KeyLocation>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct KeyLocation {
    line: usize,
    column: usize,
    /// The byte range of the key and its value.
    bytes: Range<usize>,
}

impl KeyLocations {
    /// Collects the positions from a parsed file.
    pub fn of(text: &str, table: &DeTable<'_>) -> Self {
        let mut places = Self::default();
        places.table(text, &mut Vec::new(), table);
        places
    }

    /// Line and column, from 1, of the key at `path`.
    pub fn find(&self, path: &[impl AsRef<str>]) -> Option<(usize, usize)> {
        let path: Path = path.iter().map(|name| name.as_ref().to_owned()).collect();
        self.0.get(&path).map(|place| (place.line, place.column))
    }

    /// Like [`find`](Self::find); if the key is missing, the position of its table.
    pub fn nearest(&self, path: &[String]) -> Option<(usize, usize)> {
        let mut path = path;
        loop {
            if let Some(found) = self.find(path) {
                return Some(found);
            }
            path = path.split_last()?.1;
        }
    }

    /// The path of the innermost key that contains this byte.
    pub fn around(&self, byte: usize) -> Option<&[String]> {
        self.0
            .iter()
            .filter(|(_, place)| place.bytes.contains(&byte))
            .min_by_key(|(path, place)| (place.bytes.len(), std::cmp::Reverse(path.len())))
            .map(|(path, _)| path.as_slice())
    }

    fn table(&mut self, text: &str, path: &mut Path, table: &DeTable<'_>) {
        for (key, value) in table {
            path.push(key.get_ref().to_string());
            // The value of a table is its header, which contains the key; other values come after their key.
            let (key, whole) = (key.span(), value.span());
            self.add(text, path, key.start, key.start.min(whole.start)..key.end.max(whole.end));
            self.value(text, path, value.get_ref());
            path.pop();
        }
    }

    fn value(&mut self, text: &str, path: &mut Path, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.table(text, path, table),
            DeValue::Array(array) => {
                for (index, item) in array.iter().enumerate() {
                    path.push(format!("[{index}]"));
                    self.add(text, path, item.span().start, item.span());
                    self.value(text, path, item.get_ref());
                    path.pop();
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, text: &str, path: &[String], start: usize, bytes: Range<usize>) {
        let (line, column) = position(text, start);
        self.0.insert(path.to_vec(), KeyLocation { line, column, bytes });
    }
}

/// Line and column of a byte, both from 1. Columns count characters.
pub fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// The path with dots, without the indexes of list items: the line shows which item it is.
pub fn dotted(path: &[String]) -> String {
    let names: Vec<&str> = path.iter().map(String::as_str).filter(|name| !name.starts_with('[')).collect();
    names.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tables_and_list_items_are_found() {
        let text = "[console]\nurl = \"é\"\n\n[[gateway.agent]]\n user-name = \"a\"\n[[gateway.agent]]\nskills = { A = 1 }\n";
        let table = DeTable::parse(text).unwrap();
        let places = KeyLocations::of(text, table.get_ref());
        assert_eq!(places.find(&["console", "url"]), Some((2, 1)));
        assert_eq!(places.find(&["gateway", "agent", "[0]", "user-name"]), Some((5, 2)));
        assert_eq!(places.find(&["gateway", "agent", "[1]"]), Some((6, 1)));
        assert_eq!(places.find(&["gateway", "agent", "[1]", "skills", "A"]), Some((7, 12)));
        assert_eq!(places.find(&["gateway", "agent", "[2]"]), None);
        let absent: Path = ["gateway", "agent", "[1]", "user-name"].map(str::to_owned).into();
        assert_eq!(places.nearest(&absent), Some((6, 1)));
        let inside = text.find('1').unwrap();
        assert_eq!(places.around(inside).map(dotted).as_deref(), Some("gateway.agent.skills.A"));
    }
}
