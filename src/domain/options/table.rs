//! Every option: its name, its default, its valid values, and the field that stores it.

use super::names::*;
use super::values::{Options, list};
use crate::domain::agent::StatusAction;
use crate::domain::pending::Thresholds;
use crate::domain::target::TargetKind;
use std::ops::RangeInclusive;
use std::time::Duration;

/// An option that this program reads.
pub struct KnownOption {
    pub name: &'static str,
    /// The default as text.
    pub default: &'static str,
    /// The valid values, in words that follow “it takes”.
    pub valid: &'static str,
    /// Stores a trimmed value; `None`, without a change, when it is not valid.
    pub(super) set: Setter,
}

type Setter = fn(&mut Options, &str) -> Option<()>;

/// The default of the status menus.
const ACTIONS: &str = "Ready,NotReady,NotReadyReason,AfterCallWork,AfterCallWorkReason,Dnd,LogOff";
/// The largest number that Workspace accepts.
const MOST: u32 = 2_147_483_647;

const ACTIONS_VALID: &str = "a comma-separated list of Ready, NotReady, NotReadyReason, AfterCallWork, AfterCallWorkReason, Dnd, LogOff";
const ATTRIBUTE_NAMES: &str = "a comma-separated list of attribute names, or nothing";
const BOOLEAN: &str = "true or false";
const OPTIONAL_ATTRIBUTE: &str = "the name of a business attribute, or nothing";

/// Every option that this program reads.
pub const KNOWN: &[KnownOption] = &[
    option(QUEUE, "", "the name of an interaction queue, or nothing", |o, v| {
        store(&mut o.queue, Some(optional(v)))
    }),
    option(MAX_TEXT, "4096", "a whole number of bytes from 1 to 2147483647", |o, v| {
        store(&mut o.max_text, count(v, 1..=MOST))
    }),
    option(TRANSCRIPT_COUNT, "1", "a whole number from 1 to 1000", |o, v| {
        store(&mut o.transcript_count, number(v, 1..=1000))
    }),
    option(
        PENDING,
        "30,50",
        "two whole numbers of seconds, the warning before the maximum, such as 30,50",
        |o, v| store(&mut o.pending, thresholds(v)),
    ),
    option(EMOJIS, "", OPTIONAL_ATTRIBUTE, |o, v| store(&mut o.emojis, Some(optional(v)))),
    option(BLINKING, "true", BOOLEAN, |o, v| store(&mut o.blinking, boolean(v))),
    option(BLINKING_DURATION, "0", "a whole number of seconds from 0 (endless) to 2147483647", |o, v| {
        store(&mut o.blinking_for, blinking_time(v))
    }),
    option(CROSS_CHANNEL, "false", BOOLEAN, |o, v| store(&mut o.cross_channel, boolean(v))),
    option(DISPOSITION_MANDATORY, "false", BOOLEAN, |o, v| store(&mut o.disposition_mandatory, boolean(v))),
    option(DISPOSITION_READ_ONLY, "false", BOOLEAN, |o, v| store(&mut o.disposition_read_only, boolean(v))),
    option(
        DISPOSITION_KEY,
        "DispositionCode",
        "letters, digits, underscores and spaces, at least one",
        |o, v| store(&mut o.disposition_key, key_name(v)),
    ),
    option(DISPOSITION_ATTRIBUTE, "DispositionCode", "the name of a business attribute", |o, v| {
        store(&mut o.disposition_attribute, optional(v))
    }),
    option(
        CASE_CONTENT,
        "History,CaseData",
        "a comma-separated list of History and CaseData, or nothing",
        |o, v| store(&mut o.case_shown, has_case_data(v)),
    ),
    option(CASE_ATTRIBUTE, "", OPTIONAL_ATTRIBUTE, |o, v| store(&mut o.case_attribute, Some(optional(v)))),
    option(
        TOAST_CONTENT,
        "CaseData",
        "a comma-separated list of History and CaseData, or nothing",
        |o, v| store(&mut o.toast_shown, has_case_data(v)),
    ),
    option(TOAST_ATTRIBUTE, "", OPTIONAL_ATTRIBUTE, |o, v| store(&mut o.toast_attribute, Some(optional(v)))),
    option(OVERRIDE_KEY, "IW_OverrideOptions", "the name of a key of attached data", |o, v| {
        store(&mut o.override_key, optional(v))
    }),
    option(
        RESPONSE_LANGUAGES,
        ALL,
        "$All$, or a comma-separated list of languages, such as English,Spanish",
        |o, v| store(&mut o.response_languages, Some(filter(v))),
    ),
    option(
        RESPONSE_CATEGORIES,
        ALL,
        "$All$, or a comma-separated list of category paths, such as Orders/Delivery,Billing",
        |o, v| store(&mut o.response_categories, Some(filter(v))),
    ),
    option(AUTO_READY, "true", BOOLEAN, |o, v| store(&mut o.auto_ready, boolean(v))),
    option(
        TARGET_FILTERS,
        "Agent,AgentGroup,Skill,RoutingPoint,Queue,Contact,InteractionQueue,CustomContact",
        "a comma-separated list of Agent, AgentGroup, Skill, InteractionQueue and Contact",
        |o, v| store(&mut o.target_kinds, target_kinds(v)),
    ),
    option(TARGET_MOST, "50", "a whole number from 1 to 1000", |o, v| {
        store(&mut o.target_most, count(v, 1..=1000))
    }),
    option(TARGET_SUGGESTIONS, "10", "a whole number from 1 to 1000", |o, v| {
        store(&mut o.target_suggestions, count(v, 1..=1000))
    }),
    option(TARGET_RECENTS, "10", "a whole number from 0 to 100", |o, v| {
        store(&mut o.target_recents, count(v, 0..=100))
    }),
    option(TARGET_TIMER, "500", "a whole number of milliseconds from 0 to 10000", |o, v| {
        store(&mut o.target_timer, delay(v))
    }),
    option(
        AUTO_NOT_READY_REASON,
        "",
        "the name or the code of a reason for Not Ready, or nothing",
        |o, v| store(&mut o.auto_not_ready_reason, Some(optional(v))),
    ),
    option(ACTIONS_GLOBAL, ACTIONS, ACTIONS_VALID, |o, v| {
        store(&mut o.actions_global, StatusAction::list(v))
    }),
    option(ACTIONS_BY_CHANNEL, ACTIONS, ACTIONS_VALID, |o, v| {
        store(&mut o.actions_by_channel, StatusAction::list(v))
    }),
    option(LOCK_SETS_NOT_READY, "false", BOOLEAN, |o, v| store(&mut o.lock_sets_not_ready, boolean(v))),
    option(LOCK_REASON, "", "the name or the code of a reason for Not Ready, or nothing", |o, v| {
        store(&mut o.lock_reason, Some(optional(v)))
    }),
    option(LOCK_FORCES_NOT_READY, "false", BOOLEAN, |o, v| store(&mut o.lock_forces_not_ready, boolean(v))),
    option(LOCK_AFTER, "0", "a whole number of minutes from 0 (never) to 1440", |o, v| {
        store(&mut o.lock_after_minutes, number(v, 0..=1440))
    }),
    option(CONTACT_LOOKUP, "true", BOOLEAN, |o, v| store(&mut o.contact_lookup, boolean(v))),
    option(CONTACT_CREATE, "true", BOOLEAN, |o, v| store(&mut o.contact_create, boolean(v))),
    option(CONTACT_ASSIGN, "true", BOOLEAN, |o, v| store(&mut o.contact_assign, boolean(v))),
    option(CONTACT_PAGE, "10", "a whole number from 1 to 200", |o, v| {
        store(&mut o.contact_page, count(v, 1..=200))
    }),
    option(CONTACT_PAGES, "5,10,25,50", "a comma-separated list of whole numbers from 1 to 200", |o, v| {
        store(&mut o.contact_pages, pages(v))
    }),
    option(CONTACT_MANDATORY, "FirstName,LastName", ATTRIBUTE_NAMES, |o, v| {
        store(&mut o.contact_mandatory, Some(list(v)))
    }),
    option(CONTACT_MULTIPLE, "PhoneNumber,EmailAddress", ATTRIBUTE_NAMES, |o, v| {
        store(&mut o.contact_multiple, Some(list(v)))
    }),
    option(
        CONTACT_SEARCH,
        "LastName,FirstName,PhoneNumber,EmailAddress,CompanyName",
        ATTRIBUTE_NAMES,
        |o, v| store(&mut o.contact_search, Some(list(v))),
    ),
    option(
        CONTACT_HISTORY,
        "Status,Subject,StartDate,EndDate,OwnerId",
        "a comma-separated list of Status, Subject, StartDate, EndDate, OwnerId",
        |o, v| store(&mut o.contact_history, history_columns(v)),
    ),
];

const fn option(name: &'static str, default: &'static str, valid: &'static str, set: Setter) -> KnownOption {
    KnownOption { name, default, valid, set }
}

fn store<T>(place: &mut T, value: Option<T>) -> Option<()> {
    *place = value?;
    Some(())
}

fn optional(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

/// Whether a list of parts contains `CaseData`; `None` when a part is unknown.
fn has_case_data(value: &str) -> Option<bool> {
    let mut parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    let known = |part: &str| matches!(part, "History" | "CaseData");
    parts.clone().all(known).then(|| parts.any(|part| part == "CaseData"))
}

/// The items of a list; empty when the list contains [`ALL`].
fn filter(value: &str) -> Vec<String> {
    if value.split(',').any(|item| item.trim() == ALL) {
        return Vec::new();
    }
    let items = value.split(',').map(|item| item.trim().trim_matches('/').to_owned());
    items.filter(|item| !item.is_empty()).collect()
}

fn number(value: &str, range: RangeInclusive<u32>) -> Option<u32> {
    value.parse::<u32>().ok().filter(|number| range.contains(number))
}

fn count(value: &str, range: RangeInclusive<u32>) -> Option<usize> {
    number(value, range).and_then(|number| usize::try_from(number).ok())
}

fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Kinds of targets in their order. Genesys's list also has kinds for voice, which are skipped.
fn target_kinds(value: &str) -> Option<Vec<TargetKind>> {
    let mut kinds = Vec::new();
    for word in value.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let kind = match word {
            "Agent" => TargetKind::Agent,
            "AgentGroup" => TargetKind::AgentGroup,
            "Skill" => TargetKind::Skill,
            "Queue" | "InteractionQueue" => TargetKind::Queue,
            "Contact" => TargetKind::Contact,
            "RoutingPoint" | "CustomContact" => continue,
            _ => return None,
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    (!kinds.is_empty()).then_some(kinds)
}

fn thresholds(value: &str) -> Option<Thresholds> {
    let (warning, maximum) = value.split_once(',')?;
    let (warning, maximum) = (number(warning.trim(), 0..=MOST)?, number(maximum.trim(), 1..=MOST)?);
    (warning < maximum).then(|| Thresholds {
        warning: Duration::from_secs(warning.into()),
        maximum: Duration::from_secs(maximum.into()),
    })
}

fn pages(value: &str) -> Option<Vec<usize>> {
    let mut pages = value.split(',').map(|rows| count(rows.trim(), 1..=200)).collect::<Option<Vec<_>>>()?;
    pages.sort_unstable();
    Some(pages)
}

fn history_columns(value: &str) -> Option<Vec<String>> {
    let columns = list(value);
    let is_known =
        |name: &String| matches!(name.as_str(), "Status" | "Subject" | "StartDate" | "EndDate" | "OwnerId");
    columns.iter().all(is_known).then_some(columns)
}

fn key_name(value: &str) -> Option<String> {
    let fits = |c: char| c.is_alphanumeric() || c == '_' || c == ' ';
    value.chars().all(fits).then(|| optional(value)).flatten()
}

fn blinking_time(value: &str) -> Option<Option<Duration>> {
    let seconds = number(value, 0..=MOST)?;
    Some((seconds > 0).then(|| Duration::from_secs(seconds.into())))
}

fn delay(value: &str) -> Option<Duration> {
    number(value, 0..=10_000).map(|millis| Duration::from_millis(millis.into()))
}
