//! The list of targets for a session: what the server has sent, and what of that is shown.
//!
//! Must not: ask the server; [`Targets::wanted`] returns the next search, and the update sends it.
//! Invariants: a target is listed once, in its latest version. The agent is never listed.

use super::choice::{TargetChoice, TargetPart, TargetSearch};
use crate::app::core::picker::{Extra, Item, Picker};
use crate::domain::options::Options;
use crate::domain::routing_based::RequestKind;
use crate::domain::target::{Availability, ListedTarget, Target, TargetKind};
use crate::domain::{InteractionId, Millis};
use crate::text::{Clean, fold, phone};
use std::time::Duration;

/// The maximum age of the data about targets while the list is open.
const FRESH: Duration = Duration::from_secs(5);

/// The query that finds everybody.
const EVERYBODY: &str = "*";

/// A list that the server stores for the agent, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
enum KeptTargets {
    /// The server has not answered yet.
    Unknown,
    /// Kinds and IDs, in the server's order.
    Told(Vec<(TargetKind, String)>),
    /// The list could not be read, with the reason.
    Missing(Clean),
}

/// The list of targets.
#[derive(Clone, Debug)]
pub struct Targets {
    pub picker: Picker<TargetChoice>,
    pub session: InteractionId,
    pub kind: RequestKind,
    /// A name that came with the command. It is used without asking when it matches one target.
    pub(in crate::app) name: Option<String>,
    /// The last search that was sent to the server.
    pub(in crate::app) asked: TargetSearch,
    /// When the typed query must be searched.
    pub(in crate::app) due: Option<Millis>,
    /// When the shown targets must be requested again.
    pub(in crate::app) stale_at: Millis,
    parts: Vec<TargetPart>,
    /// The kinds that a session can go to, and whether there are contacts.
    kinds: Vec<TargetKind>,
    contacts: bool,
    mine: String,
    mark_key: String,
    most: usize,
    suggestions: usize,
    timer: Duration,
    complete: Vec<TargetKind>,
    more: bool,
    /// The colleagues consulted in the session: they come first, and need no invitation.
    consulted: Vec<Target>,
    known: Vec<ListedTarget>,
    favourites: KeptTargets,
    recents: KeptTargets,
    trouble: Option<Clean>,
}

impl Targets {
    /// Creates an empty list that waits for the server. `only` shows one kind first; `mark_key` is the key that
    /// marks a favourite.
    pub(in crate::app) fn new(
        session: InteractionId,
        who: &str,
        kind: RequestKind,
        only: Option<TargetKind>,
        options: &Options,
        mine: &str,
        mark_key: String,
    ) -> Self {
        let title = match kind {
            RequestKind::OneStepTransfer => format!("Transfer {who} to"),
            RequestKind::OneStepConference => format!("Conference with {who}: who joins"),
            RequestKind::InitConference => format!("Consultation about {who}: who is asked"),
        };
        let parts: Vec<TargetPart> = [TargetPart::All, TargetPart::Favourites, TargetPart::Recents]
            .into_iter()
            .chain(options.target_kinds.iter().copied().map(TargetPart::Kind))
            .collect();
        let names = parts.iter().map(|part| part.title().into()).collect();
        let mut picker = Picker::new(Clean::line(&title), "looking…", Vec::new()).with_filters(names, true);
        let first = only.and_then(|only| parts.iter().position(|part| *part == TargetPart::Kind(only)));
        picker.set_filter(first.unwrap_or(0));
        let offered = |kind: &TargetKind| options.target_kinds.contains(kind);
        let kinds: Vec<TargetKind> = match only {
            Some(only) => vec![only],
            None => TargetKind::ALL.into_iter().filter(offered).collect(),
        };
        Self {
            picker,
            session,
            kind,
            name: None,
            asked: (EVERYBODY.to_owned(), kinds.clone()),
            due: None,
            stale_at: Millis(i64::MAX),
            parts,
            kinds,
            contacts: offered(&TargetKind::Contact),
            mine: mine.to_owned(),
            mark_key,
            most: options.target_most,
            suggestions: options.target_suggestions,
            timer: options.target_timer,
            complete: Vec::new(),
            more: false,
            consulted: Vec::new(),
            known: Vec::new(),
            favourites: KeptTargets::Unknown,
            recents: KeptTargets::Unknown,
            trouble: None,
        }
    }

    /// The shown part.
    pub(in crate::app) fn part(&self) -> TargetPart {
        self.parts.get(self.picker.filter()).copied().unwrap_or(TargetPart::All)
    }

    /// Includes every kind again: a change of the part goes beyond the kind named with the command.
    pub(in crate::app) fn widen(&mut self, options: &Options) {
        self.kinds = TargetKind::ALL.into_iter().filter(|kind| options.target_kinds.contains(kind)).collect();
    }

    fn typed(&self) -> &str {
        self.picker.query().text().trim()
    }

    /// The search that is needed to show all matches; `None` when they are known or requested.
    pub(in crate::app) fn wanted(&self) -> Option<TargetSearch> {
        let typed = self.typed();
        let search = if typed.is_empty() { EVERYBODY } else { typed };
        let unknown = |kind: &TargetKind| !self.complete.contains(kind);
        let kinds: Vec<TargetKind> = match self.part() {
            TargetPart::All => {
                let contacts = (self.contacts && !typed.is_empty()).then_some(TargetKind::Contact);
                self.kinds.iter().copied().filter(unknown).chain(contacts).collect()
            }
            TargetPart::Kind(kind) => [kind].into_iter().filter(unknown).collect(),
            TargetPart::Favourites | TargetPart::Recents => Vec::new(),
        };
        let asked = (search.to_owned(), kinds);
        (!asked.1.is_empty() && asked != self.asked).then_some(asked)
    }

    /// The search that refreshes what is shown. Contacts do not change by themselves.
    pub(in crate::app) fn again(&self) -> Option<TargetSearch> {
        let kinds: Vec<TargetKind> = match self.part() {
            TargetPart::All => self.kinds.clone(),
            TargetPart::Kind(kind) => [kind].into_iter().filter(|kind| kind.takes_sessions()).collect(),
            TargetPart::Favourites | TargetPart::Recents => Vec::new(),
        };
        let all = self.typed().is_empty() || kinds.iter().all(|kind| self.complete.contains(kind));
        let search = if all { EVERYBODY } else { self.typed() };
        (!kinds.is_empty()).then(|| (search.to_owned(), kinds))
    }

    /// Records a request: its answer counts as fresh for a while.
    pub(in crate::app) fn fresh(&mut self, now: Millis) {
        self.stale_at = now.plus(FRESH);
    }

    /// Reacts to a change of the query: it is searched when the typing pauses.
    pub(in crate::app) fn changed(&mut self, now: Millis) {
        self.due = self.wanted().map(|_| now.plus(self.timer));
        self.rebuild();
    }

    /// The next time at which something must be requested.
    pub(in crate::app) fn next_wake(&self) -> Millis {
        self.due.map_or(self.stale_at, |due| due.min(self.stale_at))
    }

    /// Puts the consulted colleagues first.
    pub(in crate::app) fn consult(&mut self, consulted: Vec<Target>) {
        self.consulted = consulted;
        self.rebuild();
    }

    /// Adds the results of a search, of this many in total. Earlier results stay: the list filters them itself.
    pub(in crate::app) fn add(&mut self, asked: &TargetSearch, found: Vec<ListedTarget>, total: u64) {
        let all = total <= found.len() as u64;
        if all && asked.0 == EVERYBODY {
            self.complete.extend(asked.1.iter().filter(|kind| kind.takes_sessions()));
        }
        if *asked == self.asked {
            self.more = !all;
        }
        self.trouble = None;
        self.know(found);
        self.rebuild();
    }

    fn know(&mut self, found: Vec<ListedTarget>) {
        for one in found {
            let same = |known: &&mut ListedTarget| is_same(&known.target, &one.target);
            match self.known.iter_mut().find(same) {
                // Only the list of favourites says that an administrator set one, and under which name.
                Some(known) if known.corporate && !one.corporate => {
                    known.target.availability = one.target.availability;
                    known.reason = one.reason;
                }
                Some(known) => *known = one,
                None if one.target.kind == TargetKind::Agent && one.target.id == self.mine => {}
                None => self.known.push(one),
            }
        }
    }

    /// Stores the favourites, or why there are none.
    pub(in crate::app) fn set_favourites(&mut self, told: Result<Vec<ListedTarget>, Clean>) {
        self.favourites = self.keep(told);
        self.rebuild();
    }

    /// Stores the recent targets, or why there are none.
    pub(in crate::app) fn set_recents(&mut self, told: Result<Vec<ListedTarget>, Clean>) {
        self.recents = self.keep(told);
        self.rebuild();
    }

    fn keep(&mut self, told: Result<Vec<ListedTarget>, Clean>) -> KeptTargets {
        match told {
            Ok(found) => {
                let names = found.iter().map(|one| (one.target.kind, one.target.id.clone())).collect();
                self.know(found);
                KeptTargets::Told(names)
            }
            Err(why) => KeptTargets::Missing(why),
        }
    }

    /// Marks a target as a favourite, or unmarks it.
    pub(in crate::app) fn mark(&mut self, kind: TargetKind, id: &str, on: bool) {
        if let KeptTargets::Told(names) = &mut self.favourites {
            names.retain(|(known, name)| (*known, name.as_str()) != (kind, id));
            if on {
                names.push((kind, id.to_owned()));
            }
        }
        self.rebuild();
    }

    /// Why favourites cannot be marked, if they cannot.
    pub(in crate::app) fn no_favourites(&self) -> Option<Clean> {
        match &self.favourites {
            KeptTargets::Missing(why) => Some(why.clone()),
            KeptTargets::Unknown => Some("your favourites are not read yet: try again in a moment".into()),
            KeptTargets::Told(_) => None,
        }
    }

    /// Whether a target is a favourite.
    pub(in crate::app) fn is_favourite(&self, target: &Target) -> bool {
        matches!(&self.favourites, KeptTargets::Told(names) if holds(names, target))
    }

    /// The data of the selected row.
    pub(in crate::app) fn chosen(&self) -> Option<&ListedTarget> {
        let (kind, id) = match &self.picker.chosen()?.value {
            TargetChoice::Target(target) => (target.kind, target.id.as_str()),
            TargetChoice::Contact { contact, .. } => (TargetKind::Contact, contact.as_str()),
        };
        self.known.iter().find(|one| one.target.kind == kind && one.target.id == id)
    }

    /// The search failed: earlier results stay, and the search can be repeated.
    pub(in crate::app) fn failed(&mut self, words: &str) {
        self.asked = TargetSearch::default();
        self.trouble = Some(Clean::line(words));
        self.rebuild();
    }

    /// The one target that matches a name: the one with exactly this name, or the only one whose name contains
    /// it.
    pub(in crate::app) fn meant(&self, name: &str) -> Option<&Target> {
        let wanted = fold::folded(name.trim());
        let candidates = || {
            let targets = self.known.iter().map(|one| &one.target);
            targets.filter(|target| self.kinds.contains(&target.kind))
        };
        let only = |fits: &dyn Fn(&Target) -> bool| {
            let mut found = candidates().filter(|target| fits(target));
            found.next().filter(|_| found.next().is_none())
        };
        let exact =
            |target: &Target| fold::folded(&target.name) == wanted || fold::folded(&target.id) == wanted;
        if candidates().any(exact) {
            return only(&exact);
        }
        only(&|target| fold::folded(&target.name).contains(&wanted))
    }

    /// Whether all targets that a name could match are known.
    pub(in crate::app) fn knows_all(&self) -> bool {
        self.kinds.iter().all(|kind| self.complete.contains(kind))
    }

    /// Builds the rows from what is known.
    pub(in crate::app) fn rebuild(&mut self) {
        let part = self.part();
        let typed = !self.typed().is_empty();
        let shown: Vec<&ListedTarget> = match part {
            TargetPart::All => self.sorted(|target| {
                if target.kind == TargetKind::Contact {
                    self.contacts && typed
                } else {
                    self.kinds.contains(&target.kind)
                }
            }),
            TargetPart::Kind(kind) => self.sorted(|target| target.kind == kind),
            TargetPart::Favourites => self.sorted(|target| self.is_favourite(target)),
            TargetPart::Recents => {
                let KeptTargets::Told(names) = &self.recents else { return self.show(Vec::new()) };
                let known = |(kind, id): &(TargetKind, String)| {
                    self.known.iter().find(|one| one.target.kind == *kind && one.target.id == *id)
                };
                names.iter().filter_map(known).collect()
            }
        };
        let agents = matches!(part, TargetPart::All | TargetPart::Kind(TargetKind::Agent));
        let first =
            if agents && self.kinds.contains(&TargetKind::Agent) { self.consulted.as_slice() } else { &[] };
        let rest = shown.into_iter().filter(|one| !first.iter().any(|target| is_same(target, &one.target)));
        let rows = first.iter().map(|target| self.consulted_row(target)).chain(rest.map(|one| self.row(one)));
        self.show(rows.collect());
    }

    fn show(&mut self, rows: Vec<(Item<TargetChoice>, Extra)>) {
        let suggesting = self.part() == TargetPart::All && !self.typed().is_empty();
        self.picker.set_most(if suggesting { self.suggestions.min(self.most) } else { self.most });
        self.picker.set_rows(rows, is_same_row);
        self.picker.empty = self.nothing();
        self.picker.summary = self.summary();
    }

    /// Targets that can answer at once first, then by kind and name.
    fn sorted(&self, wanted: impl Fn(&Target) -> bool) -> Vec<&ListedTarget> {
        let mut found: Vec<&ListedTarget> = self.known.iter().filter(|one| wanted(&one.target)).collect();
        let place = |kind| self.parts.iter().position(|part| *part == TargetPart::Kind(kind));
        found.sort_by_cached_key(|one| {
            let target = &one.target;
            (target.availability.order(), place(target.kind), fold::folded(&target.name), target.id.clone())
        });
        found
    }

    fn row(&self, one: &ListedTarget) -> (Item<TargetChoice>, Extra) {
        let target = &one.target;
        let calling = phone::typed(self.typed()).is_some() || target.kind == TargetKind::Contact;
        let number = one.numbers.first().filter(|_| calling).map(Clean::to_string);
        let availability = match (&one.reason, target.availability) {
            (Some(reason), Availability::Agent { state, .. }) => format!("{}: {reason}", state.label()),
            (_, availability) => availability.label(),
        };
        let kind = target.kind.label().to_owned();
        let corporate =
            (one.corporate && self.part() == TargetPart::Favourites).then(|| "corporate".to_owned());
        let words = number.into_iter().chain([availability]).chain(corporate).chain([kind]);
        let words: Vec<String> = words.filter(|words| !words.is_empty()).collect();
        let value = if target.kind == TargetKind::Contact {
            TargetChoice::Contact { contact: target.id.as_str().into(), name: target.name.clone() }
        } else {
            TargetChoice::Target(target.clone())
        };
        let extra = Extra {
            favourite: self.is_favourite(target),
            numbers: one.numbers.iter().map(Clean::to_string).collect(),
            also: one.also.to_string(),
            ..Extra::default()
        };
        (Item { label: target.name.clone(), detail: Clean::line(&words.join("  ")), value }, extra)
    }

    fn consulted_row(&self, target: &Target) -> (Item<TargetChoice>, Extra) {
        let value = TargetChoice::Target(target.clone());
        let detail = "is consulted now: no invitation needed".into();
        (Item { label: target.name.clone(), detail, value }, Extra::default())
    }

    /// Whether more results may arrive without another key.
    fn waits(&self) -> bool {
        self.due.is_some() || (self.known.is_empty() && self.complete.is_empty())
    }

    /// The text shown when there are no rows.
    fn nothing(&self) -> Clean {
        let kept = match self.part() {
            TargetPart::Favourites => &self.favourites,
            TargetPart::Recents => &self.recents,
            TargetPart::All | TargetPart::Kind(_) => {
                if let Some(trouble) = &self.trouble {
                    return Clean::line(&format!("the targets could not be read: {trouble}"));
                }
                return if self.waits() { "looking…".into() } else { "nobody fits".into() };
            }
        };
        match kept {
            KeptTargets::Unknown => "looking…".into(),
            KeptTargets::Missing(why) => why.clone(),
            KeptTargets::Told(names) if !names.is_empty() => "nobody fits".into(),
            KeptTargets::Told(_) if self.part() == TargetPart::Recents => {
                "nobody yet: your last targets appear here".into()
            }
            KeptTargets::Told(_) if self.mark_key.is_empty() => "you have no favourites yet".into(),
            KeptTargets::Told(_) => {
                Clean::line(&format!("you have no favourites yet: {} marks one in any list", self.mark_key))
            }
        }
    }

    /// The result in words. (Workspace: “0 matching Internal Targets and 0 matching Contacts”.)
    fn summary(&self) -> Clean {
        let contact = |item: &&Item<TargetChoice>| matches!(item.value, TargetChoice::Contact { .. });
        let rows: Vec<&Item<TargetChoice>> = self.picker.shown().collect();
        let contacts = rows.iter().filter(|item| contact(item)).count();
        let targets = rows.len() - contacts;
        if rows.is_empty() && self.waits() {
            return Clean::default();
        }
        let typed = !self.typed().is_empty();
        let words = |count: usize, what: &str| {
            let end = if count == 1 { "" } else { "s" };
            format!("{count} {}{what}{end}", if typed { "matching " } else { "" })
        };
        let both = self.contacts && typed && self.part() == TargetPart::All;
        let mut summary = match self.part() {
            TargetPart::Kind(TargetKind::Contact) => words(contacts, "contact"),
            _ if both || contacts > 0 => {
                format!("{} and {}", words(targets, "target"), words(contacts, "contact"))
            }
            _ => words(targets, "target"),
        };
        if self.picker.found() > rows.len() {
            summary = format!("{summary}, the best of {}", self.picker.found());
        } else if self.more && matches!(self.part(), TargetPart::All | TargetPart::Kind(_)) {
            summary.push_str(", more when you type more");
        }
        Clean::line(&summary)
    }
}

fn is_same(one: &Target, other: &Target) -> bool {
    one.kind == other.kind && one.id == other.id
}

fn holds(names: &[(TargetKind, String)], target: &Target) -> bool {
    names.iter().any(|(kind, id)| *kind == target.kind && *id == target.id)
}

fn is_same_row(one: &TargetChoice, other: &TargetChoice) -> bool {
    match (one, other) {
        (TargetChoice::Target(one), TargetChoice::Target(other)) => is_same(one, other),
        (TargetChoice::Contact { contact: one, .. }, TargetChoice::Contact { contact: other, .. }) => {
            one == other
        }
        (TargetChoice::Target(_), TargetChoice::Contact { .. })
        | (TargetChoice::Contact { .. }, TargetChoice::Target(_)) => false,
    }
}
