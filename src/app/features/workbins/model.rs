//! The workbins as the console knows them, and their contents.

use crate::domain::interaction::Interaction;
use crate::domain::{InteractionId, Millis};
use crate::text::Clean;

/// A parked session.
#[derive(Clone, Debug, PartialEq)]
pub struct ParkedSession {
    /// The latest version from the server.
    pub interaction: Interaction,
    /// The last message, if the server sends it.
    pub last_words: Clean,
    /// When it was parked, if the server sends it.
    pub since: Option<Millis>,
}

/// A workbin and its contents.
#[derive(Clone, Debug, PartialEq)]
pub struct Workbin {
    pub id: String,
    /// The display name.
    pub name: Clean,
    /// Whether it belongs to this agent.
    pub own: bool,
    /// The contents, the latest first.
    pub items: Vec<ParkedSession>,
}

/// The known workbins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workbins {
    /// The agent's workbins: the one to park in, the agent's other ones, then those of groups.
    pub all: Vec<Workbin>,
    /// Why the workbins are unknown, if the server refused the request.
    pub refused: Option<Clean>,
}

impl Workbins {
    /// The number of sessions in all workbins.
    pub fn count(&self) -> usize {
        self.all.iter().map(|workbin| workbin.items.len()).sum()
    }

    /// The default workbin for parking: the agent's own; one for WhatsApp first if there are several media.
    pub fn parking(&self) -> Option<&Workbin> {
        let own = || self.all.iter().filter(|workbin| workbin.own);
        own().find(|workbin| workbin.id.to_lowercase().contains("whatsapp")).or_else(|| own().next())
    }

    /// The name of a workbin in a sentence.
    pub fn name_in_sentence(&self, workbin: &Workbin) -> String {
        let only = workbin.own && self.all.iter().filter(|other| other.own).count() == 1;
        if only { "your workbin".to_owned() } else { format!("the workbin {}", workbin.name) }
    }

    pub(in crate::app) fn get_mut(&mut self, id: &str) -> Option<&mut Workbin> {
        self.all.iter_mut().find(|workbin| workbin.id == id)
    }

    /// Removes a session. Returns its workbin's name in a sentence.
    pub(in crate::app) fn remove(&mut self, id: &InteractionId) -> Option<(String, ParkedSession)> {
        let holds = |item: &ParkedSession| item.interaction.id == *id;
        let name = self.name_in_sentence(self.all.iter().find(|workbin| workbin.items.iter().any(holds))?);
        let taken = self.all.iter_mut().find_map(|workbin| {
            let place = workbin.items.iter().position(holds)?;
            Some(workbin.items.remove(place))
        });
        Some((name, taken?))
    }
}

/// The position in the list of workbins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkbinList {
    /// The index of the workbin.
    pub tab: usize,
    /// The index of the session in it.
    pub selected: usize,
}

/// A request about workbins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum WorkbinRequest {
    List,
    /// Parking a session.
    Park(InteractionId),
    /// Pulling a session.
    Pull(InteractionId),
}
