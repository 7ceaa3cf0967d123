//! Workbins as the console knows them: which there are, and what is in them.

use crate::domain::interaction::Interaction;
use crate::domain::{InteractionId, Millis};
use crate::text::Clean;

/// A session that is put aside.
#[derive(Clone, Debug, PartialEq)]
pub struct ParkedSession {
    /// As last told by the server.
    pub interaction: Interaction,
    /// The last words that were said, when the server says so.
    pub last_words: Clean,
    /// Since when it is there, when the server says so.
    pub since: Option<Millis>,
}

/// A workbin.
#[derive(Clone, Debug, PartialEq)]
pub struct Workbin {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: Clean,
    /// Whether it is the agent's own.
    pub own: bool,
    /// What is in it, the latest first.
    pub items: Vec<ParkedSession>,
}

/// What is known of workbins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workbins {
    /// Those of this agent: the one that is parked in, others of their own, those of groups.
    pub all: Vec<Workbin>,
    /// Why nothing is known, when the server was asked and refused.
    pub refused: Option<Clean>,
}

impl Workbins {
    /// How many sessions are in them.
    pub fn count(&self) -> usize {
        self.all.iter().map(|workbin| workbin.items.len()).sum()
    }

    /// Where a session is put when the agent says nothing else: a workbin of their own, one for WhatsApp
    /// first where there are several media.
    pub fn parking(&self) -> Option<&Workbin> {
        let own = || self.all.iter().filter(|workbin| workbin.own);
        own().find(|workbin| workbin.id.to_lowercase().contains("whatsapp")).or_else(|| own().next())
    }

    /// What a workbin is called in a sentence.
    pub fn called(&self, workbin: &Workbin) -> String {
        let only = workbin.own && self.all.iter().filter(|other| other.own).count() == 1;
        if only { "your workbin".to_owned() } else { format!("the workbin {}", workbin.name) }
    }

    pub(in crate::app) fn get_mut(&mut self, id: &str) -> Option<&mut Workbin> {
        self.all.iter_mut().find(|workbin| workbin.id == id)
    }

    /// Takes a session out, with what its workbin is called.
    pub(in crate::app) fn remove(&mut self, id: &InteractionId) -> Option<(String, ParkedSession)> {
        let holds = |item: &ParkedSession| item.interaction.id == *id;
        let name = self.called(self.all.iter().find(|workbin| workbin.items.iter().any(holds))?);
        let taken = self.all.iter_mut().find_map(|workbin| {
            let place = workbin.items.iter().position(holds)?;
            Some(workbin.items.remove(place))
        });
        Some((name, taken?))
    }
}

/// The list that is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkbinList {
    /// Which workbin.
    pub tab: usize,
    /// Which session in it.
    pub selected: usize,
}

/// A request about workbins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app) enum WorkbinRequest {
    /// Listing the workbins.
    List,
    /// Parking a session.
    Park(InteractionId),
    /// Pulling a session.
    Pull(InteractionId),
}
