//! The preview of the selected standard response.

use crate::app::core::layer::Layer;
use crate::app::core::state::State;
use crate::text::Clean;

/// The preview of the selected standard response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    pub name: Clean,
    /// Its folder and its language.
    pub place: Clean,
    pub description: Clean,
    /// Its text, filled as far as possible.
    pub text: Clean,
    /// The size in bytes of the draft with it.
    pub bytes: usize,
    /// The maximum size in bytes of a message.
    pub most: usize,
    /// Whether the draft already has text, which counts too.
    pub with_draft: bool,
    /// Its files with their sizes in bytes.
    pub files: Vec<(Clean, u64)>,
    /// What the agent should know before using it.
    pub notes: Vec<Clean>,
}

impl State {
    /// The preview, if the list of responses is open and a row is selected.
    pub fn response_preview(&self) -> Option<Preview> {
        let Some(Layer::Responses(list)) = self.layers.last() else { return None };
        let session = self.by_id(&list.session)?;
        let entry = self.library.entry(list.chosen()?)?;
        let key = (list.session.clone(), entry.id.clone());
        let filled = self.library.filled.get(&key);
        let body = entry.body.as_deref().unwrap_or_default();
        let text = filled.map_or(body, |filled| filled.text.as_str());
        let mut notes = Vec::new();
        if let Some(filled) = filled {
            for (codes, words) in
                [(&filled.unknown, "unknown field codes stay"), (&filled.empty, "no value for")]
            {
                if !codes.is_empty() {
                    notes.push(Clean::line(&format!("{words}: {}", codes.join(", "))));
                }
            }
        } else if let Some(why) = self.library.unfilled.get(&key) {
            notes.push(Clean::line(&format!("field codes are not filled: {why}")));
        } else if entry.body.is_none() || body.contains("<$") {
            notes.push("field codes are being filled in…".into());
        }
        let place = [entry.path.as_str(), entry.language.as_str()];
        let place = place.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ");
        Some(Preview {
            name: entry.name.clone(),
            place: Clean::line(&place),
            description: entry.description.clone(),
            text: Clean::new(text),
            bytes: text.len() + session.draft.len_bytes(),
            most: session.options.max_text,
            with_draft: !session.draft.is_empty(),
            files: entry.files.iter().map(|file| (Clean::line(&file.name), file.size)).collect(),
            notes,
        })
    }
}
