//! Standard responses: what the server has sent so far, the list, and the preview of the selected one.

use crate::app::core::picker::{Extra, Item, Picker};
use crate::domain::options::Options;
use crate::domain::response::FileInfo;
use crate::domain::{InteractionId, OperationId};
use crate::text::{Clean, fold};
use std::collections::{BTreeSet, HashMap};

/// A folder of standard responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) struct Folder {
    pub id: String,
    pub path: String,
    pub language: String,
}

/// A response, as far as the server has sent it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct ListedResponse {
    pub id: String,
    pub name: Clean,
    pub path: String,
    pub language: String,
    pub body: Option<String>,
    pub description: Clean,
    pub files: Vec<FileInfo>,
}

/// A text with its field codes filled for a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::app) struct FilledResponse {
    pub text: String,
    pub unknown: Vec<String>,
    pub empty: Vec<String>,
}

/// The purpose of a request about responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum LibraryRequest {
    Root,
    Category(String),
    Response(String),
    Render(InteractionId, String),
    Search(String),
    Favorites,
    Favorite { response: String, on: bool },
}

/// The standard responses known so far. They are requested again whenever the list is opened; until the answer
/// arrives, the list shows the old ones.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub(in crate::app) folders: Vec<Folder>,
    pub(in crate::app) entries: Vec<ListedResponse>,
    pub(in crate::app) favorites: Vec<String>,
    pub(in crate::app) asked: HashMap<OperationId, LibraryRequest>,
    /// Responses received since the whole library was last requested.
    pub(in crate::app) fresh: BTreeSet<String>,
    pub(in crate::app) filled: HashMap<(InteractionId, String), FilledResponse>,
    /// Responses whose codes could not be filled, with the reason.
    pub(in crate::app) unfilled: HashMap<(InteractionId, String), Clean>,
    /// The response that is inserted as soon as it is filled.
    pub(in crate::app) inserting: Option<(InteractionId, String)>,
    /// Why the responses could not be read.
    pub(in crate::app) trouble: Option<Clean>,
    /// Queries that the server has answered.
    pub(in crate::app) searched: BTreeSet<String>,
}

impl Library {
    /// Whether folders are still being read.
    pub(in crate::app) fn is_reading(&self) -> bool {
        self.asked.values().any(|ask| matches!(ask, LibraryRequest::Root | LibraryRequest::Category(_)))
    }

    pub(in crate::app) fn entry(&self, id: &str) -> Option<&ListedResponse> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The responses that these options allow, in the order of their folders. (Workspace:
    /// `standard-response.languages`, `standard-response.categories`; paths that do not exist are ignored.)
    pub(in crate::app) fn visible<'a>(
        &'a self,
        options: &'a Options,
    ) -> impl Iterator<Item = &'a ListedResponse> {
        let known = |path: &&String| self.folders.iter().any(|folder| folder.path.eq_ignore_ascii_case(path));
        let paths: Vec<&String> = options.response_categories.iter().filter(known).collect();
        let languages = &options.response_languages;
        let speaks = |language: &str| {
            languages.is_empty()
                || language.is_empty()
                || languages.iter().any(|one| one.eq_ignore_ascii_case(language))
        };
        let fits = move |entry: &&ListedResponse| {
            let root = entry.path.split('/').next().unwrap_or_default();
            let folder = self.folders.iter().find(|folder| folder.path == root);
            let inside = |path: &String| {
                let start = entry.path.get(..path.len());
                start.is_some_and(|start| start.eq_ignore_ascii_case(path))
                    && matches!(entry.path.as_bytes().get(path.len()), None | Some(b'/'))
            };
            speaks(&entry.language)
                && folder.is_none_or(|folder| speaks(&folder.language))
                && (paths.is_empty() || paths.iter().any(|path| inside(path)))
        };
        self.entries.iter().filter(fits)
    }
}

/// The list of standard responses.
#[derive(Clone, Debug)]
pub struct Responses {
    /// Its parts are all, the favourites, and the folders at the root.
    pub picker: Picker<String>,
    /// The session for whose draft it is open.
    pub session: InteractionId,
}

impl Responses {
    pub(in crate::app) fn new(session: InteractionId, words: &str) -> Self {
        let mut picker = Picker::new("Standard responses", "looking…", Vec::new())
            .with_filters(vec!["All".into(), "Favourites".into()], true);
        if !words.is_empty() {
            picker.edit(|query| query.insert(words));
        }
        Self { picker, session }
    }

    /// Shows the known responses in the list; the part, the query and the selection stay.
    pub(in crate::app) fn fill(&mut self, library: &Library, options: &Options) {
        let visible: Vec<&ListedResponse> = library.visible(options).collect();
        let mut roots: Vec<&str> = visible.iter().filter_map(|entry| entry.path.split('/').next()).collect();
        roots.dedup();
        roots.sort_unstable();
        roots.dedup();
        let shown = self.picker.filters().get(self.picker.filter()).cloned().unwrap_or_default();
        let mut parts: Vec<Clean> = vec!["All".into(), "Favourites".into()];
        parts.extend(roots.iter().filter(|root| !root.is_empty()).map(|root| Clean::line(root)));
        let place = parts.iter().position(|part| *part == shown).unwrap_or(0);
        self.picker.set_filters(parts, place);
        let liked = |entry: &ListedResponse| library.favorites.iter().position(|id| *id == entry.id);
        let mut rows: Vec<&ListedResponse> = match place {
            0 => visible,
            1 => visible.into_iter().filter(|entry| liked(entry).is_some()).collect(),
            _ => {
                let of = |entry: &&ListedResponse| {
                    Clean::line(entry.path.split('/').next().unwrap_or_default()) == shown
                };
                visible.into_iter().filter(of).collect()
            }
        };
        if place == 1 {
            rows.sort_by_key(|entry| liked(entry));
        }
        self.picker.empty = match &library.trouble {
            _ if library.is_reading() && rows.is_empty() => "looking…".into(),
            Some(words) => words.clone(),
            None if place == 1 && rows.is_empty() => "no favourites yet".into(),
            None if rows.is_empty() => "there are no standard responses for you on this server".into(),
            None => "no standard response fits".into(),
        };
        let row = |entry: &ListedResponse| {
            let detail = [entry.path.as_str(), entry.language.as_str()];
            let detail = detail.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ");
            let words = format!("{} {}", entry.body.as_deref().unwrap_or_default(), entry.description);
            let item =
                Item { label: entry.name.clone(), detail: Clean::line(&detail), value: entry.id.clone() };
            let favourite = liked(entry).is_some();
            (item, Extra { favourite, words: fold::folded(&words), ..Extra::default() })
        };
        let rows = rows.into_iter().map(row).collect();
        self.picker.set_rows(rows, |a, b| a == b);
    }

    /// The ID of the selected response.
    pub(in crate::app) fn chosen(&self) -> Option<&str> {
        self.picker.chosen().map(|item| item.value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> Library {
        let folder = |path: &str, language: &str| Folder {
            id: path.into(),
            path: path.into(),
            language: language.into(),
        };
        let entry = |id: &str, path: &str, language: &str| ListedResponse {
            id: id.into(),
            path: path.into(),
            language: language.into(),
            ..ListedResponse::default()
        };
        Library {
            folders: vec![
                folder("Orders", ""),
                folder("Orders/Late", ""),
                folder("Ordersx", ""),
                folder("Bonjour", "French"),
            ],
            entries: vec![
                entry("any", "Orders", ""),
                entry("es", "Orders/Late", "Spanish"),
                entry("x", "Ordersx", "English"),
                entry("fr", "Bonjour", ""),
            ],
            ..Library::default()
        }
    }

    fn seen(name: &str, value: &str) -> Vec<String> {
        let mut options = Options::default();
        options.set(name, value).unwrap();
        library().visible(&options).map(|entry| entry.id.clone()).collect()
    }

    #[test]
    fn languages_leave_out_roots_and_responses_of_others() {
        let name = crate::domain::options::RESPONSE_LANGUAGES;
        assert_eq!(seen(name, "$All$").len(), 4);
        assert_eq!(seen(name, "english"), ["any", "x"]);
        assert_eq!(seen(name, "French, Spanish"), ["any", "es", "fr"]);
    }

    #[test]
    fn a_path_that_does_not_exist_is_passed_over_and_none_that_exists_shows_all() {
        let name = crate::domain::options::RESPONSE_CATEGORIES;
        assert_eq!(seen(name, "orders"), ["any", "es"]);
        assert_eq!(seen(name, "/Orders/Late, Nothing"), ["es"]);
        assert_eq!(seen(name, "Nothing,Neither").len(), 4);
        assert_eq!(seen(name, "").len(), 4);
    }
}
