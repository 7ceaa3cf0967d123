//! Maps keys to actions.

use crate::app::core::action::{ACTIONS, Action, Context};
use crate::app::core::key::Key;
use std::collections::HashMap;

/// A binding that could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError {
    /// The name under `[keys]`.
    pub name: String,
    /// What is wrong, and which values are valid.
    pub problem: String,
}

/// The current bindings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    by_key: HashMap<(Place, Key), Action>,
    by_action: HashMap<Action, Vec<Key>>,
}

/// Where a key is looked up. List keys are separate, so they do not hide the other keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    Desk,
    List,
}

impl Place {
    fn of(action: Action) -> Self {
        if action.info().context == Context::List { Self::List } else { Self::Desk }
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(std::iter::empty()).0
    }
}

impl Keymap {
    /// The default bindings with changes: the keys of each name; an empty list unbinds it. A key given to an
    /// action is taken from the action that has it by default.
    pub fn new<'a>(changes: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>) -> (Self, Vec<KeyError>) {
        let mut errors = Vec::new();
        let mut by_action: HashMap<Action, Vec<Key>> = HashMap::new();
        for info in ACTIONS {
            let keys = info.keys.iter().filter_map(|key| Key::parse(key).ok()).collect();
            by_action.insert(info.action, keys);
        }
        let mut given: HashMap<(Place, Key), Action> = HashMap::new();
        for (name, keys) in changes {
            let mut fail = |problem: String| errors.push(KeyError { name: name.to_owned(), problem });
            let Some(action) = Action::named(name) else {
                fail(format!("there is no action {name:?}; docs/keymap.md lists them"));
                continue;
            };
            let mut bound = Vec::new();
            for text in keys {
                match Key::parse(text) {
                    Err(problem) => fail(problem),
                    Ok(key) if key.typed().is_some() => {
                        fail(format!(
                            "{text:?} types a character, so it cannot be a command; add Ctrl+ or Alt+"
                        ));
                    }
                    Ok(key) => match given.get(&(Place::of(action), key)) {
                        Some(other) if *other != action => {
                            fail(format!("{key} is given to {} too", other.info().name));
                        }
                        _ => {
                            given.insert((Place::of(action), key), action);
                            bound.push(key);
                        }
                    },
                }
            }
            by_action.insert(action, bound);
        }
        for (action, keys) in &mut by_action {
            let place = Place::of(*action);
            keys.retain(|key| given.get(&(place, *key)).is_none_or(|owner| owner == action));
        }
        let by_key = by_action
            .iter()
            .flat_map(|(a, keys)| keys.iter().map(|key| ((Place::of(*a), *key), *a)))
            .collect();
        (Self { by_key, by_action }, errors)
    }

    /// The action of a key outside lists and in the composer.
    pub fn action(&self, key: Key) -> Option<Action> {
        self.by_key.get(&(Place::Desk, key)).copied()
    }

    /// The action of a key in a list. A list handles this key before anything else does.
    pub fn in_list(&self, key: Key) -> Option<Action> {
        self.by_key.get(&(Place::List, key)).copied()
    }

    /// The keys of an action; the first one is shown in hints.
    pub fn keys(&self, action: Action) -> &[Key] {
        self.by_action.get(&action).map_or(&[], Vec::as_slice)
    }

    /// The first key of an action as people read it; empty when it has none.
    pub fn hint(&self, action: Action) -> String {
        self.keys(action).first().map(Key::to_string).unwrap_or_default()
    }

    /// The keys as Markdown, for `docs/keymap.md`.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        let mut topics: Vec<_> = ACTIONS.iter().map(|info| info.topic).collect();
        topics.dedup();
        for topic in topics {
            out.push_str(&format!(
                "\n## {}\n\n| key | command | name | what it does | also found by |\n| --- | --- | --- | --- | --- |\n",
                topic.title()
            ));
            for info in ACTIONS.iter().filter(|info| info.topic == topic) {
                let keys: Vec<String> = self.keys(info.action).iter().map(|key| format!("`{key}`")).collect();
                let slash = info
                    .slash
                    .map_or(String::new(), |(s, args)| format!("`/{}`", format!("{s} {args}").trim_end()))
                    // An unescaped bar would end the cell.
                    .replace('|', "\\|");
                let place = match info.context {
                    Context::Composer => " (while writing)",
                    Context::Desk | Context::List => "",
                };
                out.push_str(&format!(
                    "| {} | {slash} | `{}` | {}{place} | {} |\n",
                    keys.join(" "),
                    info.name,
                    info.help,
                    info.also.join(", ")
                ));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_given_to_another_act_leaves_its_first_one() {
        let (map, errors) = Keymap::new([("done", vec!["F2", "Ctrl+D"]), ("reject", vec![])]);
        assert_eq!(errors, []);
        assert_eq!(map.action(Key::parse("F2").unwrap()), Some(Action::Done));
        assert_eq!(map.keys(Action::Accept), []);
        assert_eq!(map.action(Key::parse("F3").unwrap()), None);
    }

    #[test]
    fn a_wrong_binding_is_named_and_the_others_hold() {
        let (map, errors) = Keymap::new([("dnoe", vec!["F2"]), ("done", vec!["x", "Hyper+Y", "F12"])]);
        let words: Vec<_> = errors.iter().map(|e| e.problem.as_str()).collect();
        assert_eq!(errors.len(), 3, "{words:?}");
        assert!(
            words[0].contains("no action")
                && words[1].contains("types a character")
                && words[2].contains("hyper")
        );
        assert_eq!(map.action(Key::parse("F12").unwrap()), Some(Action::Done));
    }

    #[test]
    fn a_key_of_a_list_does_not_take_it_from_the_desk() {
        let (map, errors) = Keymap::new([("favourite", vec!["F2", "Insert"])]);
        assert_eq!(errors, []);
        let key = Key::parse("F2").unwrap();
        assert_eq!((map.action(key), map.in_list(key)), (Some(Action::Accept), Some(Action::Favourite)));
        let tab = Key::parse("Tab").unwrap();
        assert_eq!(
            (map.action(tab), map.in_list(tab)),
            (Some(Action::CompleteEmoji), Some(Action::NextFilter))
        );
    }

    #[test]
    fn one_key_for_two_acts_is_refused() {
        let (_, errors) = Keymap::new([("done", vec!["F12"]), ("help", vec!["F12"])]);
        assert_eq!(errors.len(), 1);
    }
}
