//! A list to choose from by typing: the palette, sessions, statuses, dispositions, links.

use crate::text::Clean;
use crate::text::compose::Composer;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

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

/// The list, what was typed, and what is chosen.
#[derive(Clone, Debug)]
pub struct Picker<V> {
    /// Heading.
    pub title: Clean,
    /// What is said when nothing fits.
    pub empty: Clean,
    query: Composer,
    items: Vec<Item<V>>,
    shown: Vec<usize>,
    selected: usize,
}

impl<V> Picker<V> {
    /// A list with everything shown and the first chosen.
    pub fn new(title: impl Into<Clean>, empty: impl Into<Clean>, items: Vec<Item<V>>) -> Self {
        let shown = (0..items.len()).collect();
        Self { title: title.into(), empty: empty.into(), query: Composer::new(), items, shown, selected: 0 }
    }

    /// Puts other things into the list; what was typed stays.
    pub fn set_items(&mut self, items: Vec<Item<V>>) {
        self.items = items;
        self.filter();
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
            self.filter();
        }
    }

    /// What is shown, best first.
    pub fn shown(&self) -> impl ExactSizeIterator<Item = &Item<V>> {
        self.shown.iter().filter_map(|i| self.items.get(*i)).collect::<Vec<_>>().into_iter()
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

    fn filter(&mut self) {
        let pattern = Pattern::parse(self.query.text(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<((bool, u32), usize)> = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(place, item)| {
                let named = pattern.score(Utf32Str::new(&item.label, &mut buffer), &mut matcher).is_some();
                let text = format!("{} {}", item.label, item.detail);
                let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher)?;
                // What fits by its label alone stands before what fits by what stands beside it.
                Some(((named, score), place))
            })
            .collect();
        scored.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
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
