//! The names of the options, spelled as Genesys spells them.

/// The name of the section.
pub const SECTION: &str = "interaction-workspace";
/// The interaction queue for requests to agent groups and skills.
pub const QUEUE: &str = "intercommunication.whatsappsession.queue";
/// The most bytes of a message.
pub const MAX_TEXT: &str = "whatsappsession.max-text-message-size";
/// How many earlier sessions one request for older messages loads.
pub const TRANSCRIPT_COUNT: &str = "whatsappsession.transcript-interactions-count";
/// The two thresholds of the pending-response indicator, in seconds.
pub const PENDING: &str = "whatsappsession.pending-response-to-customer";
/// The business attribute that lists the available emoji.
pub const EMOJIS: &str = "whatsappsession.emojis-business-attribute";
/// Whether a new message blinks.
pub const BLINKING: &str = "whatsappsession.new-message-blinking";
/// For how many seconds a new message blinks; 0: without end.
pub const BLINKING_DURATION: &str = "whatsappsession.new-message-blinking-duration";
/// Whether the history includes messages of other channels.
pub const CROSS_CHANNEL: &str = "whatsappsession.show-cross-channel-messages";
/// Whether a session needs a disposition before it can be completed.
pub const DISPOSITION_MANDATORY: &str = "interaction.disposition.is-mandatory";
/// Whether the disposition can no longer be changed when the session is idle.
pub const DISPOSITION_READ_ONLY: &str = "interaction.disposition.is-read-only-on-idle";
/// The key of attached data that stores the disposition.
pub const DISPOSITION_KEY: &str = "interaction.disposition.key-name";
/// The business attribute that lists the dispositions.
pub const DISPOSITION_ATTRIBUTE: &str = "interaction.disposition.value-business-attribute";
/// Whether case data is shown.
pub const CASE_CONTENT: &str = "interaction.case-data.content";
/// The business attribute that filters, labels and types case data.
pub const CASE_ATTRIBUTE: &str = "interaction.case-data.format-business-attribute";
/// Whether an invitation shows case data.
pub const TOAST_CONTENT: &str = "toast.case-data.content";
/// The business attribute that filters and labels the case data of an invitation.
pub const TOAST_ATTRIBUTE: &str = "toast.case-data.format-business-attribute";
/// The key under which a routing strategy puts options of one session.
pub const OVERRIDE_KEY: &str = "interaction.override-option-key";
/// The languages of the offered standard responses.
pub const RESPONSE_LANGUAGES: &str = "standard-response.languages";
/// The categories of the offered standard responses.
pub const RESPONSE_CATEGORIES: &str = "standard-response.categories";
/// The value that means every language or category. (Workspace.)
pub const ALL: &str = "$All$";
/// Whether the agent is Ready after sign-in.
pub const AUTO_READY: &str = "login.whatsappsession.is-auto-ready";
/// The kinds of targets in a list.
pub const TARGET_FILTERS: &str = "teamcommunicator.list-filter-showing";
/// The most rows of a list of targets.
pub const TARGET_MOST: &str = "teamcommunicator.max-size";
/// The most rows of a list of targets while a name is typed.
pub const TARGET_SUGGESTIONS: &str = "teamcommunicator.max-suggestion-size";
/// How many recent targets are kept.
pub const TARGET_RECENTS: &str = "teamcommunicator.recent-max-records";
/// The delay between typing and the search for targets, in milliseconds.
pub const TARGET_TIMER: &str = "teamcommunicator.request-start-timer";
/// The reason of an agent who is not Ready after sign-in.
pub const AUTO_NOT_READY_REASON: &str = "login.whatsappsession.auto-not-ready-reason";
/// The entries of the status menu.
pub const ACTIONS_GLOBAL: &str = "agent-status.enabled-actions-global";
/// The entries of the status menu of a channel.
pub const ACTIONS_BY_CHANNEL: &str = "agent-status.enabled-actions-by-channel";
/// Whether locking the console sets the agent to Not Ready.
pub const LOCK_SETS_NOT_READY: &str = "security.session-lock-set-agent-not-ready";
/// The reason for Not Ready while the console is locked.
pub const LOCK_REASON: &str = "security.session-lock-not-ready-reason";
/// Whether agents who are Not Ready already get that reason too.
pub const LOCK_FORCES_NOT_READY: &str = "security.session-lock-force-not-ready-state";
/// Minutes without a key before the console locks. An option of deskline: Genesys does not publish the name of its own.
pub const LOCK_AFTER: &str = "deskline.lock-after";
/// Whether the contact directory can be searched.
pub const CONTACT_LOOKUP: &str = "contact.lookup.enable";
/// Whether contacts can be created.
pub const CONTACT_CREATE: &str = "contact.lookup.enable-create-contact";
/// Whether a session can be assigned to another contact.
pub const CONTACT_ASSIGN: &str = "contact.can-use-assign-contact";
/// The rows of a page of contacts.
pub const CONTACT_PAGE: &str = "contact.default-directory-page-size";
/// The choices for the rows of a page of contacts.
pub const CONTACT_PAGES: &str = "contact.available-directory-page-sizes";
/// The attributes that a contact must have.
pub const CONTACT_MANDATORY: &str = "contact.mandatory-attributes";
/// The attributes that may have several values.
pub const CONTACT_MULTIPLE: &str = "contact.multiple-value-attributes";
/// The attributes that can be searched separately.
pub const CONTACT_SEARCH: &str = "contact.directory-search-attributes";
/// The attributes of an earlier session that are shown.
pub const CONTACT_HISTORY: &str = "contact.myhistory-displayed-columns";
