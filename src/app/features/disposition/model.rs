//! The list of dispositions: flat, or in folders.
//!
//! Owns: which folders are open, the query, the selection.
//! Must not: know requests.
//! Invariants: the selected row is shown, if there is any row; a query shows matches only, with their folders
//! open.

use crate::domain::options::SECTION;
use crate::domain::{InteractionId, case};
use crate::proto::session::{ConfigurationDto, section_of};
use crate::text::Clean;
use crate::text::compose::Composer;
use crate::text::fold::folded;
use std::collections::BTreeSet;

/// A disposition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The value that is attached.
    pub name: String,
    /// The display name.
    pub shown: Clean,
    /// The folders that contain it, outermost first.
    pub folders: Vec<Clean>,
}

/// The dispositions of a business attribute, in its order.
pub fn leaves(configuration: &ConfigurationDto, attribute: &str) -> Vec<Leaf> {
    let Some(attribute) = configuration.business_attribute(attribute) else { return Vec::new() };
    let mut leaves: Vec<Leaf> = attribute
        .values
        .iter()
        .map(|value| Leaf {
            name: value.name.clone(),
            shown: Clean::line(if value.display_name.is_empty() { &value.name } else { &value.display_name }),
            folders: case::folders(&section_of(&value.user_properties, SECTION)),
        })
        .collect();
    case::order(&section_of(&attribute.user_properties, SECTION), &mut leaves, |leaf| &leaf.name);
    leaves
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DispositionRow {
    Folder {
        /// The number of folders that contain it.
        depth: usize,
        name: Clean,
        /// Whether its contents are shown.
        open: bool,
    },
    Value {
        /// The number of folders that contain it.
        depth: usize,
        leaf: Leaf,
        /// Whether it is the session's current disposition.
        set: bool,
    },
}

/// The list of dispositions.
#[derive(Clone, Debug)]
pub struct Dispositions {
    /// The title: the attribute's display name.
    pub title: Clean,
    pub session: InteractionId,
    /// Whether choosing a disposition also finishes the session.
    pub then_done: bool,
    /// The name of the disposition when the list was opened; empty for none.
    pub set: String,
    query: Composer,
    leaves: Vec<Leaf>,
    open: BTreeSet<Vec<String>>,
    at: usize,
}

impl Dispositions {
    /// Creates a list in which the folders of the current disposition are open.
    pub fn new(
        title: Clean,
        session: InteractionId,
        then_done: bool,
        set: String,
        leaves: Vec<Leaf>,
    ) -> Self {
        let mut list = Self {
            title,
            session,
            then_done,
            set,
            query: Composer::new(),
            leaves,
            open: BTreeSet::new(),
            at: 0,
        };
        let folders = list.leaves.iter().find(|leaf| leaf.name == list.set).map(|leaf| leaf.folders.clone());
        for depth in 1..=folders.iter().flatten().count() {
            let path = folders.iter().flatten().take(depth).map(Clean::to_string).collect();
            list.open.insert(path);
        }
        list.at = list
            .rows()
            .iter()
            .position(|row| matches!(row, DispositionRow::Value { set: true, .. }))
            .unwrap_or(0);
        list
    }

    /// The typed query.
    pub const fn query(&self) -> &Composer {
        &self.query
    }

    /// The display name of the current disposition.
    pub fn selected(&self) -> Option<Clean> {
        let known = self.leaves.iter().find(|leaf| leaf.name == self.set).map(|leaf| leaf.shown.clone());
        known.or_else(|| (!self.set.is_empty()).then(|| Clean::line(&self.set)))
    }

    /// The index of the selected row.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Edits the query and selects the first matching disposition.
    pub fn edit(&mut self, change: impl FnOnce(&mut Composer)) {
        let before = self.query.text().to_owned();
        change(&mut self.query);
        if self.query.text() != before {
            self.at =
                self.rows().iter().position(|row| matches!(row, DispositionRow::Value { .. })).unwrap_or(0);
        }
    }

    /// The rows that are shown.
    pub fn rows(&self) -> Vec<DispositionRow> {
        let needle = folded(self.query.text().trim());
        let fits = |leaf: &&Leaf| {
            needle.is_empty()
                || folded(&leaf.shown).contains(&needle)
                || folded(&leaf.name).contains(&needle)
                || leaf.folders.iter().any(|folder| folded(folder).contains(&needle))
        };
        let leaves: Vec<&Leaf> = self.leaves.iter().filter(fits).collect();
        let mut rows = Vec::new();
        self.level(&leaves, &mut Vec::new(), !needle.is_empty(), &mut rows);
        rows
    }

    /// The rows of one folder, in the order in which its contents first occur.
    fn level(&self, leaves: &[&Leaf], path: &mut Vec<String>, all: bool, rows: &mut Vec<DispositionRow>) {
        let depth = path.len();
        let mut seen: Vec<&Clean> = Vec::new();
        for leaf in leaves {
            let Some(folder) = leaf.folders.get(depth) else {
                let set = leaf.name == self.set;
                rows.push(DispositionRow::Value { depth, leaf: (*leaf).clone(), set });
                continue;
            };
            if seen.contains(&folder) {
                continue;
            }
            seen.push(folder);
            path.push(folder.to_string());
            let open = all || self.open.contains(path);
            rows.push(DispositionRow::Folder { depth, name: folder.clone(), open });
            if open {
                let inside: Vec<&Leaf> =
                    leaves.iter().copied().filter(|other| other.folders.get(depth) == Some(folder)).collect();
                self.level(&inside, path, all, rows);
            }
            path.pop();
        }
    }

    /// Moves the selection by this many rows, backwards when negative, without wrapping.
    pub fn go(&mut self, rows: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(rows).min(last);
    }

    /// Selects the row at this index.
    pub fn select(&mut self, place: usize) {
        self.at = place.min(self.rows().len().saturating_sub(1));
    }

    /// The selected disposition; `None` on a folder.
    pub fn chosen(&self) -> Option<Leaf> {
        match self.rows().into_iter().nth(self.at)? {
            DispositionRow::Value { leaf, .. } => Some(leaf),
            DispositionRow::Folder { .. } => None,
        }
    }

    /// Opens or closes the selected folder. On a disposition, closing selects its folder.
    pub fn fold(&mut self, open: bool) {
        let rows = self.rows();
        let Some(row) = rows.get(self.at) else { return };
        let (depth, is_folder, is_open) = match row {
            DispositionRow::Folder { depth, open, .. } => (*depth, true, *open),
            DispositionRow::Value { depth, .. } => (*depth, false, false),
        };
        if is_folder && open != is_open {
            let path = path_at(&rows, self.at);
            if open {
                self.open.insert(path);
            } else {
                self.open.retain(|other| !other.starts_with(&path));
            }
        } else if !open && depth > 0 {
            let above = rows.iter().take(self.at).rposition(
                |row| matches!(row, DispositionRow::Folder { depth: folder, .. } if *folder + 1 == depth),
            );
            self.at = above.unwrap_or(self.at);
        }
    }

    /// Opens the selected folder if it is closed, and closes it if it is open.
    pub fn toggle(&mut self) {
        if let Some(DispositionRow::Folder { open, .. }) = self.rows().get(self.at) {
            self.fold(!open);
        }
    }
}

/// The names of the folders from the root to the folder at this index, inclusive.
fn path_at(rows: &[DispositionRow], at: usize) -> Vec<String> {
    let mut path = Vec::new();
    let mut wanted = None;
    for row in rows.iter().take(at + 1).rev() {
        if let DispositionRow::Folder { depth, name, .. } = row
            && wanted.is_none_or(|wanted| *depth == wanted)
        {
            path.insert(0, name.to_string());
            match depth.checked_sub(1) {
                Some(above) => wanted = Some(above),
                None => break,
            }
        }
    }
    path
}

/// A request that attaches a disposition to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct DispositionRequest {
    pub session: InteractionId,
    /// The name of the disposition; empty to remove it.
    pub name: String,
    /// Whether the session is finished afterwards.
    pub then_done: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(name: &str, folders: &[&str]) -> Leaf {
        let folders = folders.iter().map(|folder| (*folder).into()).collect();
        Leaf { name: name.into(), shown: name.to_uppercase().into(), folders }
    }

    fn list(set: &str) -> Dispositions {
        let leaves = vec![
            leaf("solved", &[]),
            leaf("late", &["Complaints", "Delivery"]),
            leaf("lost", &["Complaints", "Delivery"]),
            leaf("rude", &["Complaints"]),
            leaf("later", &["Call back"]),
        ];
        Dispositions::new("Disposition".into(), "s".into(), false, set.into(), leaves)
    }

    fn names(list: &Dispositions) -> Vec<String> {
        list.rows()
            .iter()
            .map(|row| match row {
                DispositionRow::Folder { name, depth, open } => {
                    format!("{}{}{name}", " ".repeat(*depth), if *open { "-" } else { "+" })
                }
                DispositionRow::Value { leaf, depth, .. } => format!("{}{}", " ".repeat(*depth), leaf.name),
            })
            .collect()
    }

    #[test]
    fn folders_open_and_close_and_to_close_goes_up() {
        let mut list = list("");
        assert_eq!(names(&list), ["solved", "+Complaints", "+Call back"]);
        list.go(1);
        list.fold(true);
        assert_eq!(names(&list), ["solved", "-Complaints", " +Delivery", " rude", "+Call back"]);
        list.go(1);
        list.toggle();
        list.go(1);
        assert_eq!(list.chosen().unwrap().name, "late");
        list.fold(false);
        assert_eq!(list.at(), 2, "the folder above");
        list.fold(false);
        list.fold(false);
        list.fold(false);
        assert_eq!(names(&list), ["solved", "+Complaints", "+Call back"]);
    }

    #[test]
    fn what_is_searched_for_opens_its_folders_and_hides_the_rest() {
        let mut list = list("");
        list.edit(|query| query.insert("lat"));
        assert_eq!(names(&list), ["-Complaints", " -Delivery", "  late", "-Call back", " later"]);
        assert_eq!(list.chosen().unwrap().name, "late");
        list.edit(|query| query.insert("x"));
        assert!(names(&list).is_empty() && list.chosen().is_none());
        list.edit(|query| {
            query.kill_to_start();
            query.insert("deliv");
        });
        assert_eq!(
            names(&list),
            ["-Complaints", " -Delivery", "  late", "  lost"],
            "a folder's name finds it"
        );
    }

    #[test]
    fn the_list_opens_where_the_disposition_is_that_is_set() {
        let list = list("lost");
        assert_eq!(list.chosen().unwrap().name, "lost");
        assert_eq!(list.selected().unwrap().as_str(), "LOST");
    }
}
