//! Asking somebody else into a session: what was asked, and the list to choose from.

use super::layer::Choice;
use super::picker::{Item, Picker};
use crate::domain::routing_based::RequestKind;
use crate::domain::target::{Target, TargetKind};
use crate::domain::{InteractionId, OperationId};
use crate::text::{Clean, fold};

/// A transfer, a conference or a consultation that is being asked for in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyRequest {
    /// What is asked for.
    pub kind: RequestKind,
    /// Who is asked.
    pub target: Target,
    /// The request that asked, once it went out.
    pub operation: Option<OperationId>,
    /// Whether the server has it, so that now the target must answer.
    pub waiting: bool,
}

impl PartyRequest {
    /// What was asked: `transfer to Kate London`.
    pub fn what(&self) -> Clean {
        let preposition = if self.kind == RequestKind::OneStepTransfer { "to" } else { "with" };
        Clean::line(&format!("{} {preposition} {}", self.kind.label(), self.target.called()))
    }

    /// The line at the top of the session.
    pub fn status(&self) -> Clean {
        let hint = if self.kind == RequestKind::InitConference { "; /cancel takes it back" } else { "" };
        let how = if self.waiting { "waiting for an answer" } else { "asking…" };
        Clean::line(&format!("{}: {how}{}", self.what(), if self.waiting { hint } else { "" }))
    }
}

/// The list of targets, as far as the server has told them.
#[derive(Clone, Debug)]
pub struct Targets {
    /// The list.
    pub picker: Picker<Choice>,
    /// The session it is for.
    pub session: InteractionId,
    /// What is asked for.
    pub kind: RequestKind,
    /// The kinds that are wanted.
    pub kinds: Vec<TargetKind>,
    /// A name that came with the command: taken without asking when it fits one target.
    pub name: Option<String>,
    /// The last search that was asked of the server.
    pub(super) asked: String,
    /// Whether the server has told all there are.
    pub(super) complete: bool,
    /// Who is consulted in the session already: they come first, and need no invitation.
    consulted: Vec<Target>,
    known: Vec<Target>,
}

impl Targets {
    /// An empty list, before the server has answered.
    pub fn new(
        session: InteractionId,
        who: &str,
        kind: RequestKind,
        kinds: Vec<TargetKind>,
        name: Option<String>,
    ) -> Self {
        let title = match kind {
            RequestKind::OneStepTransfer => format!("Transfer {who} to"),
            RequestKind::OneStepConference => format!("Conference with {who}: who joins"),
            RequestKind::InitConference => format!("Consultation about {who}: who is asked"),
        };
        let mut picker = Picker::new(Clean::line(&title), "looking…", Vec::new());
        if let Some(name) = &name {
            picker.edit(|query| query.insert(name));
        }
        let asked = "*".to_owned();
        Self {
            picker,
            session,
            kind,
            kinds,
            name,
            asked,
            complete: false,
            consulted: Vec::new(),
            known: Vec::new(),
        }
    }

    /// Puts those first who are consulted already.
    pub(super) fn consult(&mut self, consulted: Vec<Target>) {
        if self.kinds.contains(&TargetKind::Agent) {
            self.consulted = consulted;
            self.show();
        }
    }

    /// Adds what the server found. What it found before stays: the list is narrowed here, and more loosely.
    pub(super) fn add(&mut self, found: Vec<Target>, mine: &str) {
        for target in found {
            let known = self.known.iter_mut().find(|one| one.kind == target.kind && one.id == target.id);
            match known {
                Some(known) => *known = target,
                None if target.kind == TargetKind::Agent && target.id == mine => {}
                None => self.known.push(target),
            }
        }
        self.show();
    }

    fn show(&mut self) {
        let value = |target: &Target| Choice::Target {
            session: self.session.clone(),
            kind: self.kind,
            target: target.clone(),
        };
        let consulted = |target: &Target| Item {
            label: target.name.clone(),
            detail: "is consulted now: no invitation needed".into(),
            value: value(target),
        };
        let item = |target: &Target| Item {
            label: target.name.clone(),
            detail: Clean::line(
                format!("{}  {}", target.availability.label(), target.kind.label()).trim_start(),
            ),
            value: value(target),
        };
        let is_consulted = |target: &&Target| {
            self.consulted.iter().any(|one| one.kind == target.kind && one.id == target.id)
        };
        let first = self.consulted.iter().map(consulted);
        let rest = self.known.iter().filter(|target| !is_consulted(target)).map(item);
        self.picker.set_items(first.chain(rest).collect());
    }

    /// The one target that a name means: the one that is called so, else the only one whose name holds it.
    pub(super) fn meant(&self, name: &str) -> Option<&Target> {
        let wanted = fold::folded(name.trim());
        let only = |fits: &dyn Fn(&Target) -> bool| {
            let mut found = self.known.iter().filter(|target| fits(target));
            found.next().filter(|_| found.next().is_none())
        };
        let exact =
            |target: &Target| fold::folded(&target.name) == wanted || fold::folded(&target.id) == wanted;
        if self.known.iter().any(exact) {
            return only(&exact);
        }
        only(&|target| fold::folded(&target.name).contains(&wanted))
    }
}
