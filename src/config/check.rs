//! Checks that the shape cannot make: limits, names that must exist, names that stand twice.

use super::error::Problem;
use super::hash;
use super::options::{annex, interaction_workspace};
use super::places::{Path, Places, dotted};
use super::schema::{
    ActionCode, Agent, AttributeValue, BusinessAttribute, Config, Console, FavouriteKind, Gateway, Privacy,
    Queue, RoutingBased, TextTemplate, WhatsApp,
};
use crate::domain::options;
use crate::domain::template::{MOST_BODY, MOST_HEADER};
use crate::text::nearest::nearest;
use crate::text::phone;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path;
use url::{Host, Url};

/// The words of `console.log-level`.
pub const LOG_LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// The themes that come with the program.
pub const THEMES: [&str; 4] = ["dark", "light", "high-contrast", "mono"];

/// The types of action codes. Workspace API: `actionCodes`.
const ACTION_TYPES: [&str; 13] = [
    "Login",
    "Logout",
    "Ready",
    "NotReady",
    "BusyOn",
    "BusyOff",
    "ForwardOn",
    "Forwardoff",
    "InternalCall",
    "InboundCall",
    "OutboundCall",
    "Conference",
    "Transfer",
];

/// Longest name, in characters: names are keys on the wire and must fit a line of a screen.
const MAX_NAME: usize = 200;

/// Everything that is wrong and everything to warn of, each in the order of the file.
pub fn check(config: &Config, file: &str, places: &Places) -> (Vec<Problem>, Vec<Problem>) {
    let mut check = Check { file, places, problems: Vec::new(), warnings: Vec::new() };
    check.console(&config.console);
    check.themes(config);
    check.options(&key(&[], "interaction-workspace"), &config.interaction_workspace);
    check.routing_based(&config.routing_based);
    check.gateway(&config.gateway);
    check.privacy(&config.privacy);
    check.queue_option(&config.interaction_workspace, &[], &config.gateway);
    let Check { mut problems, mut warnings, .. } = check;
    problems.sort_by_key(|problem| problem.at);
    warnings.sort_by_key(|warning| warning.at);
    (problems, warnings)
}

struct Check<'a> {
    file: &'a str,
    places: &'a Places,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// The path of `name` in the table at `table`.
fn key(table: &[String], name: &str) -> Path {
    table.iter().cloned().chain([name.to_owned()]).collect()
}

/// The path of the item `index` of the list `name` in `[gateway]`.
fn item(name: &str, index: usize) -> Path {
    vec!["gateway".to_owned(), name.to_owned(), format!("[{index}]")]
}

impl Check<'_> {
    fn privacy(&mut self, privacy: &Privacy) {
        let at = key(&[], "privacy");
        if privacy.redact_digits != 0 {
            self.range(&at, "redact-digits", privacy.redact_digits, 3..=32);
        }
        if let Err((place, why)) = privacy.mask() {
            let why = why.lines().last().unwrap_or_default().trim().to_owned();
            let item = key(&at, "redact");
            self.wrong(&item, &format!("[{place}]"), format!("this is no regular expression: {why}"));
        }
    }

    fn problem(&self, path: &[String], sentence: String) -> Problem {
        let at = self.places.nearest(path);
        Problem { file: self.file.to_owned(), at, key: dotted(path), sentence, snippet: String::new() }
    }

    fn wrong(&mut self, table: &[String], name: &str, sentence: impl Into<String>) {
        let problem = self.problem(&key(table, name), sentence.into());
        self.problems.push(problem);
    }

    fn warn(&mut self, table: &[String], name: &str, sentence: impl Into<String>) {
        let warning = self.problem(&key(table, name), sentence.into());
        self.warnings.push(warning);
    }

    fn range<T: PartialOrd + std::fmt::Display>(
        &mut self,
        table: &[String],
        name: &str,
        value: T,
        limits: RangeInclusive<T>,
    ) {
        if !limits.contains(&value) {
            let (least, most) = limits.into_inner();
            self.wrong(
                table,
                name,
                format!("{value} is out of range: it takes a number from {least} to {most}"),
            );
        }
    }

    /// A name must be there, fit a line, and hold nothing that a line or a wire could trip over.
    fn name(&mut self, table: &[String], name: &str, value: &str) {
        if value.trim().is_empty() {
            self.wrong(table, name, "this is empty: it takes a name");
        } else if value != value.trim() {
            self.wrong(table, name, format!("{value:?} begins or ends with a space, which nobody would see"));
        } else {
            self.line(table, name, value);
        }
    }

    /// Text that is shown, and may be empty.
    fn line(&mut self, table: &[String], name: &str, value: &str) {
        if value.chars().any(char::is_control) {
            self.wrong(
                table,
                name,
                format!("{value:?} holds a control character: it takes one line of text"),
            );
        } else if value.chars().count() > MAX_NAME {
            self.wrong(table, name, format!("this is longer than {MAX_NAME} characters"));
        }
    }

    fn path(&mut self, table: &[String], name: &str, value: &path::Path) {
        if value.as_os_str().is_empty() {
            self.wrong(table, name, "this is empty: it takes a path, or leave the key out");
        } else if value.starts_with("~") {
            self.wrong(table, name, "`~` means nothing here: write the whole path, beginning with /");
        }
    }

    fn url(&mut self, table: &[String], name: &str, value: &str) -> Option<Url> {
        const VALID: &str = "it takes an address such as https://desk.example.com";
        match Url::parse(value) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") => {
                self.wrong(table, name, format!("{:?} is neither http nor https: {VALID}", url.scheme()));
                None
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                self.wrong(table, name, "a name or a password does not belong in an address");
                None
            }
            Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                self.wrong(table, name, format!("{value:?} has a `?` or a `#`: {VALID}"));
                None
            }
            Ok(url) => Some(url),
            Err(error) => {
                self.wrong(table, name, format!("{value:?} is not an address ({error}): {VALID}"));
                None
            }
        }
    }

    fn options(&mut self, path: &[String], table: &toml::Table) {
        for refused in interaction_workspace(table).err().into_iter().flatten() {
            let path: Path = path.iter().cloned().chain(refused.path).collect();
            let problem = self.problem(&path, refused.sentence);
            self.problems.push(problem);
        }
    }

    fn annex(&mut self, at: &[String], table: &toml::Table) {
        for refused in annex(table).err().into_iter().flatten() {
            self.wrong(
                at,
                "interaction-workspace",
                format!("{}: {}", refused.path.join("."), refused.sentence),
            );
        }
    }

    /// The same name twice in a list.
    fn twice<'a>(&mut self, list: &str, name: &str, values: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (index, value) in values.enumerate() {
            if !seen.insert(value) {
                self.wrong(&item(list, index), name, format!("{value:?} is taken by another one above"));
            }
        }
    }

    fn exists(&mut self, path: &[String], value: &str, what: &str, known: &BTreeSet<&str>) {
        if known.contains(value) {
            return;
        }
        let hint = nearest(value, known.iter().copied()).map_or_else(
            || {
                let all: Vec<&str> = known.iter().copied().collect();
                if all.is_empty() {
                    "; there is none".to_owned()
                } else {
                    format!("; there is {}", all.join(", "))
                }
            },
            |guess| format!("; did you mean {guess:?}?"),
        );
        let problem = self.problem(path, format!("there is no {what} {value:?}{hint}"));
        self.problems.push(problem);
    }

    fn console(&mut self, console: &Console) {
        let at = key(&[], "console");
        if let Some(url) = self.url(&at, "url", &console.url)
            && url.scheme() == "http"
            && !on_this_machine(&url)
        {
            self.warn(&at, "url", "http sends the password and every message unprotected; use https");
        }
        if let Some(user) = &console.user {
            self.name(&at, "user", user);
        }
        if console.password_command.as_ref().is_some_and(|command| command.trim().is_empty()) {
            self.wrong(&at, "password-command", "this is empty: it takes a command, or leave the key out");
        }
        self.name(&at, "client-id", &console.client_id);
        self.line(&at, "nickname", &console.nickname);
        self.range(&at, "lock-after", console.lock_after, 0..=1440);
        for (name, path) in [
            ("client-secret-file", &console.client_secret_file),
            ("api-key-file", &console.api_key_file),
            ("ca-file", &console.ca_file),
            ("log-file", &console.log_file),
        ] {
            if let Some(path) = path {
                self.path(&at, name, path);
            }
        }
        if !LOG_LEVELS.contains(&console.log_level.as_str()) {
            let sentence =
                format!("there is no level {:?}: it takes {}", console.log_level, LOG_LEVELS.join(", "));
            self.wrong(&at, "log-level", sentence);
        }
        self.range(&at, "undo-send", console.undo_send, 0..=10);
        if console.log_messages {
            self.warn(&at, "log-messages", "what people write is kept in the log in clear text");
        }
    }

    /// Names of themes. What is in them is checked by who draws.
    fn themes(&mut self, config: &Config) {
        let known: BTreeSet<&str> =
            THEMES.into_iter().chain(config.theme.keys().map(String::as_str)).collect();
        self.exists(&key(&key(&[], "console"), "theme"), &config.console.theme, "theme", &known);
        for (name, theme) in &config.theme {
            let at = key(&key(&[], "theme"), name);
            if THEMES.contains(&name.as_str()) {
                let sentence = format!("{name:?} is a theme of the program: give yours another name");
                let problem = self.problem(&at, sentence);
                self.problems.push(problem);
            }
            if let Some(base) = theme.get("base") {
                self.exists(&key(&at, "base"), base, "theme to begin with", &THEMES.into_iter().collect());
            }
        }
    }

    /// Each word must tell its request apart from the others.
    fn routing_based(&mut self, words: &RoutingBased) {
        let at = key(&[], "routing-based");
        let targets = [("agent", &words.agent), ("agent-group", &words.agent_group), ("skill", &words.skill)];
        let requests = [
            ("one-step-transfer", &words.one_step_transfer),
            ("one-step-conference", &words.one_step_conference),
            ("init-conference", &words.init_conference),
        ];
        for group in [targets, requests] {
            let mut seen = BTreeMap::new();
            for (name, word) in group {
                self.name(&at, name, word);
                if let Some(other) = seen.insert(word, name) {
                    self.wrong(
                        &at,
                        name,
                        format!("{word:?} is the word of {other} too: a strategy could not tell them apart"),
                    );
                }
            }
        }
    }

    fn gateway(&mut self, gateway: &Gateway) {
        let at = key(&[], "gateway");
        if gateway.admin_listen.is_some_and(|admin| admin == gateway.listen && admin.port() != 0) {
            self.wrong(&at, "admin-listen", "this is the same as listen: give it a port of its own");
        }
        if let Some(path) = &gateway.data_dir {
            self.path(&at, "data-dir", path);
        }
        self.range(&at, "poll-timeout", gateway.poll_timeout, 1..=300);
        self.range(&at, "token-lifetime", gateway.token_lifetime, 60..=604_800);
        self.range(&at, "grace", gateway.grace, 0..=3600);
        self.range(&at, "service-level-seconds", gateway.service_level_seconds, 1..=86_400);
        self.range(&at, "misses-before-not-ready", gateway.misses_before_not_ready, 1..=100);
        self.range(&at, "no-repeat", gateway.no_repeat, 0..=3600);
        self.range(&at, "ageing-per-minute", gateway.ageing_per_minute, 0.0..=1000.0);
        self.range(&at, "last-agent-hours", gateway.last_agent_hours, 0..=8760);
        self.range(&at, "idle-after-minutes", gateway.idle_after_minutes, 0..=10_080);
        self.range(&at, "wake-over-capacity", gateway.wake_over_capacity, 0..=100);
        self.range(&at, "after-call-work-seconds", gateway.after_call_work_seconds, 0..=86_400);
        self.name(&at, "active-state", &gateway.active_state);
        self.line(&at, "conference-joined-text", &gateway.conference_joined_text);
        self.range(&at, "unknown-outcome-wait", gateway.unknown_outcome_wait, 1..=3600);
        self.range(&at, "max-connections", gateway.max_connections, 1..=100_000);

        let queues: BTreeSet<&str> = gateway.queue.iter().map(|queue| queue.name.as_str()).collect();
        if let Some(whatsapp) = &gateway.whatsapp {
            self.whatsapp(&key(&at, "whatsapp"), whatsapp, &queues);
        }
        self.agents(gateway);
        for (index, group) in gateway.group.iter().enumerate() {
            let at = item("group", index);
            self.name(&at, "name", &group.name);
            self.options(&key(&at, "interaction-workspace"), &group.interaction_workspace);
            self.queue_option(&group.interaction_workspace, &at, gateway);
        }
        self.twice("group", "name", gateway.group.iter().map(|group| group.name.as_str()));
        for (index, queue) in gateway.queue.iter().enumerate() {
            self.queue(&item("queue", index), queue, &queues, gateway);
        }
        self.twice("queue", "name", gateway.queue.iter().map(|queue| queue.name.as_str()));
        for (index, workbin) in gateway.workbin.iter().enumerate() {
            let at = item("workbin", index);
            self.name(&at, "name", &workbin.name);
            if queues.contains(workbin.name.as_str()) {
                let sentence =
                    format!("{:?} is a queue already: give the workbin another name", workbin.name);
                self.wrong(&at, "name", sentence);
            }
            for (name, value) in [("display-name", &workbin.display_name), ("group", &workbin.group)] {
                if let Some(value) = value {
                    self.name(&at, name, value);
                }
            }
        }
        self.twice("workbin", "name", gateway.workbin.iter().map(|workbin| workbin.name.as_str()));
        self.action_codes(&gateway.action_code);
        self.business_attributes(&gateway.business_attribute);
        self.corporate_favourites(gateway);
    }

    fn corporate_favourites(&mut self, gateway: &Gateway) {
        for (index, favourite) in gateway.corporate_favourite.iter().enumerate() {
            let at = item("corporate-favourite", index);
            self.line(&at, "category", &favourite.category);
            if let Some(display_name) = &favourite.display_name {
                self.name(&at, "display-name", display_name);
            }
            let (id, agents) = (&favourite.id, &gateway.agent);
            let (what, there) = match favourite.kind {
                FavouriteKind::Agent => {
                    let is = |agent: &Agent| agent.user_name == *id || agent.employee_id() == id;
                    ("agent", agents.iter().any(is))
                }
                FavouriteKind::AgentGroup => {
                    let named = gateway.group.iter().any(|group| group.name == *id);
                    ("agent group", named || agents.iter().any(|agent| agent.groups.contains(id)))
                }
                FavouriteKind::Skill => {
                    let needed = gateway.queue.iter().any(|queue| queue.skills.contains_key(id));
                    ("skill", needed || agents.iter().any(|agent| agent.skills.contains_key(id)))
                }
                FavouriteKind::InteractionQueue => {
                    ("queue", gateway.queue.iter().any(|queue| queue.name == *id))
                }
            };
            if !there {
                self.wrong(&at, "id", format!("there is no {what} {id:?}"));
            }
        }
    }

    fn whatsapp(&mut self, at: &[String], whatsapp: &WhatsApp, queues: &BTreeSet<&str>) {
        let id = &whatsapp.phone_number_id;
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_digit()) {
            self.wrong(
                at,
                "phone-number-id",
                format!("{id:?} is not an id: it takes the digits that WhatsApp shows as Phone number ID"),
            );
        }
        self.line(at, "display-phone-number", &whatsapp.display_phone_number);
        if let Some(url) = self.url(at, "graph-url", &whatsapp.graph_url)
            && url.scheme() == "http"
            && !on_this_machine(&url)
        {
            self.warn(
                at,
                "graph-url",
                "http sends the access token and every message unprotected; use https",
            );
        }
        let numbers = whatsapp.graph_version.strip_prefix('v').and_then(|version| version.split_once('.'));
        if !numbers.is_some_and(|(major, minor)| major.parse::<u16>().is_ok() && minor.parse::<u16>().is_ok())
        {
            let sentence =
                format!("{:?} is not a version: it takes one such as v23.0", whatsapp.graph_version);
            self.wrong(at, "graph-version", sentence);
        }
        for (name, path) in [
            ("app-secret-file", &whatsapp.app_secret_file),
            ("access-token-file", &whatsapp.access_token_file),
            ("verify-token-file", &whatsapp.verify_token_file),
        ] {
            if let Some(path) = path {
                self.path(at, name, path);
            }
        }
        self.exists(&key(at, "queue"), &whatsapp.queue, "queue", queues);
        if let Some(id) = &whatsapp.business_account_id
            && (id.is_empty() || !id.chars().all(|c| c.is_ascii_digit()))
        {
            let sentence = format!(
                "{id:?} is not an id: it takes the digits that WhatsApp shows as WhatsApp Business Account ID"
            );
            self.wrong(at, "business-account-id", sentence);
        }
        self.range(at, "template-refresh", whatsapp.template_refresh, 1..=1440);
        let mut seen = BTreeSet::new();
        for (index, template) in whatsapp.template.iter().enumerate() {
            let at: Path = at.iter().cloned().chain(["template".to_owned(), format!("[{index}]")]).collect();
            self.template(&at, template);
            if !seen.insert((&template.name, &template.language)) {
                let sentence = format!("{:?} stands above in {:?} already", template.name, template.language);
                self.wrong(&at, "name", sentence);
            }
        }
    }

    fn template(&mut self, at: &[String], template: &TextTemplate) {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if template.name.is_empty() || template.name.len() > 512 || !template.name.chars().all(fits) {
            let sentence = format!(
                "{:?} is no template's name: it takes lower-case letters, digits and underscores",
                template.name
            );
            self.wrong(at, "name", sentence);
        }
        self.name(at, "language", &template.language);
        self.name(at, "category", &template.category);
        if template.body.trim().is_empty() {
            self.wrong(at, "body", "this is empty: it takes the text that WhatsApp has approved");
        }
        for (name, text, most) in [
            ("header", &template.header, MOST_HEADER),
            ("body", &template.body, MOST_BODY),
            ("footer", &template.footer, MOST_HEADER),
        ] {
            if text.chars().count() > most {
                self.wrong(at, name, format!("this is longer than {most} characters"));
            }
        }
    }

    fn agents(&mut self, gateway: &Gateway) {
        for (index, agent) in gateway.agent.iter().enumerate() {
            self.agent(&item("agent", index), agent, gateway);
            self.queue_option(&agent.interaction_workspace, &item("agent", index), gateway);
        }
        self.twice("agent", "user-name", gateway.agent.iter().map(|agent| agent.user_name.as_str()));
        self.twice("agent", "employee-id", gateway.agent.iter().map(Agent::employee_id));
    }

    fn agent(&mut self, at: &[String], agent: &Agent, gateway: &Gateway) {
        self.name(at, "user-name", &agent.user_name);
        if let Some(employee_id) = &agent.employee_id {
            self.name(at, "employee-id", employee_id);
        }
        self.line(at, "first-name", &agent.first_name);
        self.line(at, "last-name", &agent.last_name);
        if let Some(phone) = &agent.phone
            && phone::typed(phone).is_none()
        {
            let sentence =
                format!("{phone:?} is not a telephone number: it takes one such as +34 600 000 101");
            self.wrong(at, "phone", sentence);
        }
        // The value is never repeated: somebody may have written the password itself.
        if !agent.password_hash.starts_with(hash::PREFIX) {
            self.wrong(
                at,
                "password-hash",
                format!("this is not a hash: it begins with {}; run: deskline user passwd", hash::PREFIX),
            );
        } else if !hash::is_hash(&agent.password_hash) {
            self.wrong(
                at,
                "password-hash",
                "this is not a whole hash, so nobody could sign in with it; run: deskline user passwd",
            );
        }
        for group in &agent.groups {
            self.name(at, "groups", group);
        }
        if agent.role.handles_sessions() && !agent.oversees.is_empty() {
            self.wrong(
                at,
                "oversees",
                "an agent oversees nobody: this is for role \"supervisor\" or \"administrator\"",
            );
        }
        if agent.role.handles_sessions() && !agent.privileges.is_empty() {
            self.wrong(
                at,
                "privileges",
                "an agent coaches nobody: this is for role \"supervisor\" or \"administrator\"",
            );
        }
        let groups: BTreeSet<&str> = groups_of(gateway);
        for (index, group) in agent.oversees.iter().enumerate() {
            self.exists(&key(&key(at, "oversees"), &format!("[{index}]")), group, "agent group", &groups);
        }
        self.skills(at, &agent.skills);
        self.range(at, "capacity", agent.capacity, 1..=100);
        self.options(&key(at, "interaction-workspace"), &agent.interaction_workspace);
    }

    fn skills(&mut self, at: &[String], skills: &BTreeMap<String, u8>) {
        let at = key(at, "skills");
        for (skill, level) in skills {
            self.name(&at, skill, skill);
            self.range(&at, skill, *level, 0..=100);
        }
    }

    fn queue(&mut self, at: &[String], queue: &Queue, queues: &BTreeSet<&str>, gateway: &Gateway) {
        self.name(at, "name", &queue.name);
        if let Some(display_name) = &queue.display_name {
            self.name(at, "display-name", display_name);
        }
        self.skills(at, &queue.skills);
        if let Some(group) = &queue.group {
            self.exists(&key(at, "group"), group, "agent group", &groups_of(gateway));
        }
        self.range(at, "priority", queue.priority, -1_000_000..=1_000_000);
        self.range(at, "accept-timeout", queue.accept_timeout, 1..=3600);
        for (index, other) in queue.overflow.iter().enumerate() {
            let path = key(&key(at, "overflow"), &format!("[{index}]"));
            if *other == queue.name {
                let problem = self.problem(&path, "a queue cannot overflow into itself".to_owned());
                self.problems.push(problem);
            } else {
                self.exists(&path, other, "queue", queues);
            }
        }
        self.range(at, "overflow-after", queue.overflow_after, 0..=86_400);
        if queue.overflow_after > 0 && queue.overflow.is_empty() {
            self.wrong(at, "overflow-after", "there is nothing to overflow into: overflow names no queue");
        }
        if queue.overflow_after == 0 && !queue.overflow.is_empty() {
            self.warn(at, "overflow", "this never happens: overflow-after is 0, which turns overflow off");
        }
        self.range(at, "relax-step", queue.relax_step, 0..=100);
        self.range(at, "relax-every", queue.relax_every, 0..=86_400);
        if queue.relax_step > 0 && queue.relax_every == 0 {
            self.wrong(
                at,
                "relax-every",
                "this is 0, and relax-step wants steps: it takes a number from 1 to 86400",
            );
        }
        self.range(at, "relax-min", queue.relax_min, 0..=100);
        self.range(at, "last-agent-hold", queue.last_agent_hold, 0..=3600);
        self.served(at, queue, gateway);
    }

    /// Whether anybody could ever be offered what waits in a queue.
    fn served(&mut self, at: &[String], queue: &Queue, gateway: &Gateway) {
        let will_do = |agent: &&Agent| {
            let member = queue.group.as_ref().is_none_or(|group| agent.groups.contains(group));
            let skilled = queue.skills.iter().all(|(skill, level)| {
                let least = if queue.relax_step > 0 { queue.relax_min.min(*level) } else { *level };
                agent.skills.get(skill).copied().unwrap_or_default() >= least
            });
            agent.role.handles_sessions() && member && skilled
        };
        if !gateway.agent.is_empty()
            && !gateway.agent.iter().any(|agent| will_do(&agent))
            && queue.overflow.is_empty()
        {
            let sentence = format!(
                "no agent has the group and the skills for {:?}: what enters it waits for ever",
                queue.name
            );
            self.warn(at, "name", sentence);
        }
    }

    /// A queue option that names no queue of this gateway. Only a warning: it may be meant for another server.
    fn queue_option(&mut self, table: &toml::Table, at: &[String], gateway: &Gateway) {
        let Ok(layer) = interaction_workspace(table) else { return };
        let Some(queue) = layer.text(options::QUEUE).filter(|queue| !queue.trim().is_empty()) else { return };
        if !gateway.queue.is_empty() && !gateway.queue.iter().any(|known| known.name == queue.trim()) {
            let mut path = key(at, "interaction-workspace");
            path.extend(options::QUEUE.split('.').map(str::to_owned));
            let warning = self.problem(&path, format!("this gateway has no queue {queue:?}"));
            self.warnings.push(warning);
        }
    }

    fn action_codes(&mut self, codes: &[ActionCode]) {
        let mut seen = BTreeSet::new();
        for (index, code) in codes.iter().enumerate() {
            let at = item("action-code", index);
            self.name(&at, "name", &code.name);
            self.name(&at, "code", &code.code);
            if !ACTION_TYPES.contains(&code.kind.as_str()) {
                self.wrong(
                    &at,
                    "type",
                    format!("there is no type {:?}: it takes {}", code.kind, ACTION_TYPES.join(", ")),
                );
            }
            if !seen.insert((&code.kind, &code.code)) {
                self.wrong(
                    &at,
                    "code",
                    format!("{:?} is taken by another one above of the same type", code.code),
                );
            }
        }
    }

    fn business_attributes(&mut self, attributes: &[BusinessAttribute]) {
        for (index, attribute) in attributes.iter().enumerate() {
            let at = item("business-attribute", index);
            self.name(&at, "name", &attribute.name);
            if let Some(display_name) = &attribute.display_name {
                self.name(&at, "display-name", display_name);
            }
            self.annex(&at, &attribute.interaction_workspace);
            let mut seen = BTreeSet::new();
            let mut defaults = 0;
            for value in &attribute.values {
                let (name, default) = match value {
                    AttributeValue::Name(name) => (name, false),
                    AttributeValue::Full { name, default, interaction_workspace, .. } => {
                        self.annex(&at, interaction_workspace);
                        (name, *default)
                    }
                };
                self.name(&at, "values", name);
                if !seen.insert(name) {
                    self.wrong(&at, "values", format!("{name:?} stands twice"));
                }
                defaults += usize::from(default);
            }
            if defaults > 1 {
                self.wrong(&at, "values", "more than one value is the default: only one can be");
            }
        }
        self.twice("business-attribute", "name", attributes.iter().map(|attribute| attribute.name.as_str()));
    }
}

fn on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Every agent group there is: those with options of their own, and those that agents name.
fn groups_of(gateway: &Gateway) -> BTreeSet<&str> {
    let named = gateway.agent.iter().flat_map(|agent| &agent.groups).map(String::as_str);
    gateway.group.iter().map(|group| group.name.as_str()).chain(named).collect()
}
