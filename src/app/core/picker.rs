//! A list to choose from by typing: the palette, sessions, statuses, dispositions, links.

use crate::text::compose::Composer;
use crate::text::search::{MatchMode, Search};
use crate::text::{Clean, fold};

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<V> {
    /// What is matched and shown.
    pub label: Clean,
    /// Shown beside it, and matched too.
    pub detail: Clean,
    /// What choosing it means.
    pub value: V,
}

/// What a row has beyond its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// Whether it is marked as a favourite.
    pub favourite: bool,
    /// Telephone numbers that it is found by, in any writing.
    pub numbers: Vec<String>,
    /// Other names that it is found by.
    pub also: String,
    /// Words that it is found by and that are not shown, folded.
    pub words: String,
    /// Other names that people use for it, folded. A match at their beginning ranks before any weaker match.
    pub called: Vec<String>,
}

/// The list, what was typed, and what is chosen.
///
/// A list may have parts (“All”, “Favourites”): their names stand above its rows and one of them is shown. Whoever
/// owns the list puts the rows of that part into it. It may also have favourites, which stand with a mark.
#[derive(Clone, Debug)]
pub struct Picker<V> {
    /// Heading.
    pub title: Clean,
    /// What is said when nothing fits.
    pub empty: Clean,
    /// What was found, in words: it stands at the foot of a list that has parts.
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

/// What keys, the mouse and hints do with any list, whatever its rows mean.
pub trait List {
    /// The names of its parts; none when it has no parts.
    fn filters(&self) -> &[Clean];
    /// Shows the part at that place. Its rows are for the owner to put in.
    fn set_filter(&mut self, place: usize);
    /// Shows the next part, or the one before; round at the ends.
    fn step_filter(&mut self, forward: bool);
    /// Whether rows can be marked as favourites.
    fn has_favourites(&self) -> bool;
    /// Changes what was typed and what is shown for it.
    fn edit_query(&mut self, change: &mut dyn FnMut(&mut Composer));
    /// How many rows are shown for what was typed.
    fn count(&self) -> usize;
    /// The place of the chosen row among those shown.
    fn selected(&self) -> usize;
    /// Chooses by place among those shown.
    fn select(&mut self, place: usize);
    /// Chooses the next row, or the one before; round at the ends.
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
    /// A list with everything shown and the first chosen.
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

    /// Gives the list parts, the first of which is shown; `favourites` tells whether its rows can be marked.
    #[must_use]
    pub fn with_filters(mut self, names: Vec<Clean>, favourites: bool) -> Self {
        self.filters = names;
        self.favourites = favourites;
        self
    }

    /// The same list for rows that somebody else finds for what is typed: all of them are shown.
    #[must_use]
    pub fn found_elsewhere(self) -> Self {
        Self { found_elsewhere: true, ..self }
    }

    /// Gives the list other parts, of which the one at that place is shown.
    pub fn set_filters(&mut self, names: Vec<Clean>, shown: usize) {
        self.filters = names;
        self.filter = shown.min(self.filters.len().saturating_sub(1));
    }

    /// The names of its parts; none when it has no parts.
    pub fn filters(&self) -> &[Clean] {
        &self.filters
    }

    /// The place of the part that is shown.
    pub const fn filter(&self) -> usize {
        self.filter
    }

    /// Shows the part at that place. Its rows are for the owner to put in.
    pub fn set_filter(&mut self, place: usize) {
        self.filter = place.min(self.filters.len().saturating_sub(1));
        self.selected = 0;
    }

    /// Shows the next part, or the one before; round at the ends.
    pub fn step_filter(&mut self, forward: bool) {
        let count = self.filters.len().max(1);
        self.set_filter(if forward { (self.filter + 1) % count } else { (self.filter + count - 1) % count });
    }

    /// Whether rows can be marked as favourites.
    pub const fn has_favourites(&self) -> bool {
        self.favourites
    }

    /// Whether the row at that place among those shown is a favourite.
    pub fn is_favourite(&self, place: usize) -> bool {
        self.shown.get(place).and_then(|row| self.extras.get(*row)).is_some_and(|extra| extra.favourite)
    }

    /// Puts other things into the list; what was typed stays.
    pub fn set_items(&mut self, items: Vec<Item<V>>) {
        self.items = items;
        self.extras.clear();
        self.narrow();
    }

    /// Puts other rows into the list. What was typed stays, and so does the choice where the row is still
    /// there, which `same` tells.
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

    /// What was typed.
    pub const fn query(&self) -> &Composer {
        &self.query
    }

    /// Changes what was typed and what is shown for it.
    pub fn edit(&mut self, change: impl FnOnce(&mut Composer)) {
        let before = self.query.text().to_owned();
        change(&mut self.query);
        if self.query.text() != before {
            self.narrow();
        }
    }

    /// What is shown, best first.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Item<V>> {
        self.shown.iter().filter_map(|i| self.items.get(*i)).collect::<Vec<_>>().into_iter()
    }

    /// Shows so many rows at most: those that fit best. It takes effect when rows are put in or words change.
    pub const fn set_most(&mut self, most: usize) {
        self.most = most;
    }

    /// How many rows fit, shown or not.
    pub const fn found(&self) -> usize {
        self.found
    }

    /// The place of the chosen one among those shown.
    pub const fn selected(&self) -> usize {
        self.selected
    }

    /// The chosen one.
    pub fn chosen(&self) -> Option<&Item<V>> {
        self.items.get(*self.shown.get(self.selected)?)
    }

    /// Chooses by place among those shown.
    pub fn select(&mut self, place: usize) {
        self.selected = place.min(self.shown.len().saturating_sub(1));
    }

    /// Chooses the next one, or the one before; round at the ends.
    pub fn step(&mut self, forward: bool) {
        let count = self.shown.len().max(1);
        self.selected =
            if forward { (self.selected + 1) % count } else { (self.selected + count - 1) % count };
    }

    /// The same list, whose rows mean something else.
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
            // What fits by its label alone stands before what fits by what stands beside it.
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
