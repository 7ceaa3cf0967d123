//! A list that is filtered by typing: the palette, sessions, statuses, dispositions, links.

use crate::text::compose::Composer;
use crate::text::search::{MatchMode, Search};
use crate::text::{Clean, fold};

/// An item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<V> {
    /// Matched and shown.
    pub label: Clean,
    /// Shown beside the label, and matched too.
    pub detail: Clean,
    /// The meaning of the item for the owner.
    pub value: V,
}

/// Additional data of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    pub favourite: bool,
    /// Telephone numbers that find the row, in any notation.
    pub numbers: Vec<String>,
    /// Other names that find the row.
    pub also: String,
    /// Words that find the row and are not shown, folded.
    pub words: String,
    /// Synonyms of the row, folded. A match at the beginning of one ranks before any weaker match.
    pub called: Vec<String>,
}

/// A list with its query and its selection.
///
/// A list may have parts (“All”, “Favourites”): their names are above the rows, and one part is shown. The
/// owner of the list supplies the rows of that part. A list may also have favourites, which are marked.
#[derive(Clone, Debug)]
pub struct Picker<V> {
    pub title: Clean,
    /// The text shown when nothing matches.
    pub empty: Clean,
    /// The result in words, shown at the foot of a list with parts.
    pub summary: Clean,
    query: Composer,
    items: Vec<Item<V>>,
    extras: Vec<Extra>,
    filters: Vec<Clean>,
    filter: usize,
    favourites: bool,
    most: usize,
    found: usize,
    found_elsewhere: bool,
    shown: Vec<usize>,
    selected: usize,
}

/// What keys, the mouse and hints do with any list, independent of the type of its rows.
pub trait List {
    /// The names of its parts; empty when it has no parts.
    fn filters(&self) -> &[Clean];
    /// Shows the part at this index. The owner supplies its rows.
    fn set_filter(&mut self, place: usize);
    /// Shows the next or the previous part, wrapping at the ends.
    fn step_filter(&mut self, forward: bool);
    /// Whether rows can be marked as favourites.
    fn has_favourites(&self) -> bool;
    /// Edits the query and updates the rows.
    fn edit_query(&mut self, change: &mut dyn FnMut(&mut Composer));
    /// The number of rows that are shown.
    fn count(&self) -> usize;
    /// The index of the selected row among the shown ones.
    fn selected(&self) -> usize;
    /// Selects the shown row at this index.
    fn select(&mut self, place: usize);
    /// Selects the next or the previous row, wrapping at the ends.
    fn step(&mut self, forward: bool);
}

impl<V> List for Picker<V> {
    fn filters(&self) -> &[Clean] {
        self.filters()
    }

    fn set_filter(&mut self, place: usize) {
        self.set_filter(place);
    }

    fn step_filter(&mut self, forward: bool) {
        self.step_filter(forward);
    }

    fn has_favourites(&self) -> bool {
        self.has_favourites()
    }

    fn edit_query(&mut self, change: &mut dyn FnMut(&mut Composer)) {
        self.edit(change);
    }

    fn count(&self) -> usize {
        self.shown.len()
    }

    fn selected(&self) -> usize {
        self.selected()
    }

    fn select(&mut self, place: usize) {
        self.select(place);
    }

    fn step(&mut self, forward: bool) {
        self.step(forward);
    }
}

impl<V> Picker<V> {
    /// Creates a list that shows everything, with the first row selected.
    pub fn new(title: impl Into<Clean>, empty: impl Into<Clean>, items: Vec<Item<V>>) -> Self {
        let shown: Vec<usize> = (0..items.len()).collect();
        Self {
            title: title.into(),
            empty: empty.into(),
            summary: Clean::default(),
            query: Composer::new(),
            items,
            extras: Vec::new(),
            filters: Vec::new(),
            filter: 0,
            favourites: false,
            most: usize::MAX,
            found: shown.len(),
            found_elsewhere: false,
            shown,
            selected: 0,
        }
    }

    /// Gives the list parts, of which the first is shown. `favourites` says whether its rows can be marked.
    #[must_use]
    pub fn with_filters(mut self, names: Vec<Clean>, favourites: bool) -> Self {
        self.filters = names;
        self.favourites = favourites;
        self
    }

    /// Turns off the list's own filter, because the owner searches for the rows: all of them are shown.
    #[must_use]
    pub fn found_elsewhere(self) -> Self {
        Self { found_elsewhere: true, ..self }
    }

    /// Replaces the list's parts and shows the one at this index.
    pub fn set_filters(&mut self, names: Vec<Clean>, shown: usize) {
        self.filters = names;
        self.filter = shown.min(self.filters.len().saturating_sub(1));
    }

    /// The names of its parts; empty when it has no parts.
    pub fn filters(&self) -> &[Clean] {
        &self.filters
    }

    /// The index of the part that is shown.
    pub const fn filter(&self) -> usize {
        self.filter
    }

    /// Shows the part at this index. The owner supplies its rows.
    pub fn set_filter(&mut self, place: usize) {
        self.filter = place.min(self.filters.len().saturating_sub(1));
        self.selected = 0;
    }

    /// Shows the next or the previous part, wrapping at the ends.
    pub fn step_filter(&mut self, forward: bool) {
        let count = self.filters.len().max(1);
        self.set_filter(if forward { (self.filter + 1) % count } else { (self.filter + count - 1) % count });
    }

    /// Whether rows can be marked as favourites.
    pub const fn has_favourites(&self) -> bool {
        self.favourites
    }

    /// Whether the shown row at this index is a favourite.
    pub fn is_favourite(&self, place: usize) -> bool {
        self.shown.get(place).and_then(|row| self.extras.get(*row)).is_some_and(|extra| extra.favourite)
    }

    /// Replaces the items; the query stays.
    pub fn set_items(&mut self, items: Vec<Item<V>>) {
        self.items = items;
        self.extras.clear();
        self.narrow();
    }

    /// Replaces the rows. The query stays, and so does the selection if that row still exists according to
    /// `same`.
    pub fn set_rows(&mut self, rows: Vec<(Item<V>, Extra)>, same: impl Fn(&V, &V) -> bool) {
        let chosen = self.shown.get(self.selected).copied().filter(|place| *place < self.items.len());
        let chosen = chosen.map(|place| self.items.swap_remove(place).value);
        (self.items, self.extras) = rows.into_iter().unzip();
        self.narrow();
        if let Some(chosen) = chosen {
            let place = self.shown().position(|item| same(&item.value, &chosen));
            self.selected = place.unwrap_or(0);
        }
    }

    /// The typed query.
    pub const fn query(&self) -> &Composer {
        &self.query
    }

    /// Edits the query and updates the rows.
    pub fn edit(&mut self, change: impl FnOnce(&mut Composer)) {
        let before = self.query.text().to_owned();
        change(&mut self.query);
        if self.query.text() != before {
            self.narrow();
        }
    }

    /// The items that are shown, best first.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Item<V>> {
        self.shown.iter().filter_map(|i| self.items.get(*i)).collect::<Vec<_>>().into_iter()
    }

    /// Limits the number of shown rows to the best matches. It takes effect when the rows or the query change.
    pub const fn set_most(&mut self, most: usize) {
        self.most = most;
    }

    /// The number of matching rows, shown or not.
    pub const fn found(&self) -> usize {
        self.found
    }

    /// The index of the selected row among the shown ones.
    pub const fn selected(&self) -> usize {
        self.selected
    }

    /// The selected item.
    pub fn chosen(&self) -> Option<&Item<V>> {
        self.items.get(*self.shown.get(self.selected)?)
    }

    /// Selects the shown row at this index.
    pub fn select(&mut self, place: usize) {
        self.selected = place.min(self.shown.len().saturating_sub(1));
    }

    /// Selects the next or the previous row, wrapping at the ends.
    pub fn step(&mut self, forward: bool) {
        let count = self.shown.len().max(1);
        self.selected =
            if forward { (self.selected + 1) % count } else { (self.selected + count - 1) % count };
    }

    /// The same list with converted values.
    pub fn map<W>(self, mean: impl Fn(V) -> W) -> Picker<W> {
        let item = |item: Item<V>| Item { label: item.label, detail: item.detail, value: mean(item.value) };
        Picker {
            items: self.items.into_iter().map(item).collect(),
            title: self.title,
            empty: self.empty,
            summary: self.summary,
            query: self.query,
            extras: self.extras,
            filters: self.filters,
            filter: self.filter,
            favourites: self.favourites,
            most: self.most,
            found: self.found,
            found_elsewhere: self.found_elsewhere,
            shown: self.shown,
            selected: self.selected,
        }
    }

    fn narrow(&mut self) {
        if self.found_elsewhere {
            self.shown = (0..self.items.len()).collect();
            self.found = self.items.len();
            self.selected = 0;
            return;
        }
        let mut search = Search::new(self.query.text(), MatchMode::Fuzzy);
        let folded = fold::folded(self.query.text());
        let none = Extra::default();
        let query = folded.trim();
        let begins = |text: &str| text.starts_with(query) || text.contains(&format!(" {query}"));
        let mut scored: Vec<((bool, bool, u32), usize)> = Vec::new();
        for (place, item) in self.items.iter().enumerate() {
            let extra = self.extras.get(place).unwrap_or(&none);
            let named = search.every(&item.label).is_some();
            let text = format!("{} {} {}", item.label, item.detail, extra.also);
            let rung = extra.numbers.iter().any(|number| search.rings(number)).then_some(0);
            let said = || {
                let words = &extra.words;
                (!words.is_empty() && folded.split_whitespace().all(|word| words.contains(word))).then_some(0)
            };
            let is_meant = !query.is_empty()
                && !extra.called.is_empty()
                && (extra.called.iter().any(|name| begins(name)) || begins(&fold::folded(&item.label)));
            let score = search.every(&text).or(rung).or_else(said).or_else(|| is_meant.then_some(0));
            let Some(score) = score else { continue };
            // A match in the label alone ranks before a match that needs the text beside it.
            scored.push(((is_meant, named, score), place));
        }
        scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        self.found = scored.len();
        scored.truncate(self.most);
        self.shown = scored.into_iter().map(|(_, place)| place).collect();
        self.selected = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picker() -> Picker<u8> {
        let item = |label: &str, value| Item { label: label.into(), detail: Clean::default(), value };
        Picker::new("go", "none", vec![item("Karim Haddad", 1), item("Lucía Fernández", 2), item("Lukas", 3)])
    }

    #[test]
    fn typing_narrows_and_accents_do_not_matter() {
        let mut p = picker();
        p.edit(|q| q.insert("luc"));
        assert_eq!(p.shown().map(|i| i.value).collect::<Vec<_>>(), [2]);
        p.edit(|q| q.insert("zzz"));
        assert_eq!((p.shown().len(), p.chosen()), (0, None));
        p.step(true);
        assert_eq!(p.chosen(), None);
    }

    #[test]
    fn a_number_is_found_in_any_writing() {
        let mut p = picker();
        let row = |label: &str, value, number: &str| {
            let item = Item { label: label.into(), detail: Clean::default(), value };
            (item, Extra { favourite: value == 8, numbers: vec![number.into()], ..Extra::default() })
        };
        let rows = vec![row("Ana", 7, "+34 600 000 101"), row("Ben", 8, "34600000202")];
        p.set_rows(rows, |a, b| a == b);
        for typed in ["+34 600 000 101", "0034600000101", "600000101", "0 101"] {
            p.edit(|q| q.set_text(typed.to_owned()));
            assert_eq!(p.shown().map(|i| i.value).collect::<Vec<_>>(), [7], "{typed}");
        }
        p.edit(|q| q.set_text("34 600".to_owned()));
        assert_eq!((p.shown().len(), p.is_favourite(0), p.is_favourite(1)), (2, false, true));
    }

    #[test]
    fn new_rows_leave_the_choice_where_it_was() {
        let mut p = picker().with_filters(vec!["All".into(), "Some".into()], true);
        p.select(1);
        let row = |value| (Item { label: "x".into(), detail: Clean::default(), value }, Extra::default());
        p.set_rows(vec![row(3), row(1), row(2)], |a, b| a == b);
        assert_eq!(p.chosen().unwrap().value, 2);
        p.step_filter(false);
        assert_eq!((p.filter(), p.chosen().unwrap().value), (1, 3));
        p.step_filter(true);
        assert_eq!(p.filter(), 0);
    }

    #[test]
    fn the_choice_goes_round() {
        let mut p = picker();
        p.step(false);
        assert_eq!(p.chosen().unwrap().value, 3);
        p.step(true);
        assert_eq!(p.chosen().unwrap().value, 1);
        p.select(99);
        assert_eq!(p.chosen().unwrap().value, 3);
    }
}
