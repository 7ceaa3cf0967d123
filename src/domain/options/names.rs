//! The names of the options, spelled as Genesys spells them.

/// The name of the section.
pub const SECTION: &str = "interaction-workspace";
pub const QUEUE: &str = "intercommunication.whatsappsession.queue";
pub const MAX_TEXT: &str = "whatsappsession.max-text-message-size";
pub const TRANSCRIPT_COUNT: &str = "whatsappsession.transcript-interactions-count";
pub const PENDING: &str = "whatsappsession.pending-response-to-customer";
pub const EMOJIS: &str = "whatsappsession.emojis-business-attribute";
pub const BLINKING: &str = "whatsappsession.new-message-blinking";
pub const BLINKING_DURATION: &str = "whatsappsession.new-message-blinking-duration";
pub const CROSS_CHANNEL: &str = "whatsappsession.show-cross-channel-messages";
pub const DISPOSITION_MANDATORY: &str = "interaction.disposition.is-mandatory";
pub const DISPOSITION_READ_ONLY: &str = "interaction.disposition.is-read-only-on-idle";
pub const DISPOSITION_KEY: &str = "interaction.disposition.key-name";
pub const DISPOSITION_ATTRIBUTE: &str = "interaction.disposition.value-business-attribute";
pub const CASE_CONTENT: &str = "interaction.case-data.content";
pub const CASE_ATTRIBUTE: &str = "interaction.case-data.format-business-attribute";
pub const TOAST_CONTENT: &str = "toast.case-data.content";
pub const TOAST_ATTRIBUTE: &str = "toast.case-data.format-business-attribute";
pub const OVERRIDE_KEY: &str = "interaction.override-option-key";
pub const RESPONSE_LANGUAGES: &str = "standard-response.languages";
pub const RESPONSE_CATEGORIES: &str = "standard-response.categories";
/// The value that means every language or category. (Workspace.)
pub const ALL: &str = "$All$";
pub const AUTO_READY: &str = "login.whatsappsession.is-auto-ready";
pub const TARGET_FILTERS: &str = "teamcommunicator.list-filter-showing";
pub const TARGET_MOST: &str = "teamcommunicator.max-size";
pub const TARGET_SUGGESTIONS: &str = "teamcommunicator.max-suggestion-size";
pub const TARGET_RECENTS: &str = "teamcommunicator.recent-max-records";
pub const TARGET_TIMER: &str = "teamcommunicator.request-start-timer";
pub const AUTO_NOT_READY_REASON: &str = "login.whatsappsession.auto-not-ready-reason";
pub const ACTIONS_GLOBAL: &str = "agent-status.enabled-actions-global";
pub const ACTIONS_BY_CHANNEL: &str = "agent-status.enabled-actions-by-channel";
pub const LOCK_SETS_NOT_READY: &str = "security.session-lock-set-agent-not-ready";
pub const LOCK_REASON: &str = "security.session-lock-not-ready-reason";
pub const LOCK_FORCES_NOT_READY: &str = "security.session-lock-force-not-ready-state";
/// This option is deskline's own: Genesys does not publish the name of theirs.
pub const LOCK_AFTER: &str = "deskline.lock-after";
pub const CONTACT_LOOKUP: &str = "contact.lookup.enable";
pub const CONTACT_CREATE: &str = "contact.lookup.enable-create-contact";
pub const CONTACT_ASSIGN: &str = "contact.can-use-assign-contact";
pub const CONTACT_PAGE: &str = "contact.default-directory-page-size";
pub const CONTACT_PAGES: &str = "contact.available-directory-page-sizes";
pub const CONTACT_MANDATORY: &str = "contact.mandatory-attributes";
pub const CONTACT_MULTIPLE: &str = "contact.multiple-value-attributes";
pub const CONTACT_SEARCH: &str = "contact.directory-search-attributes";
pub const CONTACT_HISTORY: &str = "contact.myhistory-displayed-columns";
