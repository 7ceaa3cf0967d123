//! What this project adds to the Workspace API, where it leaves a gap.
//!
//! Every name here is described in `docs/protocol.md`. Other clients ignore them, and the console does
//! without them on other servers. On an interaction they are `userData` keys; on a message they are
//! `userData` keys of the entry, whose type is `CustomNotice` unless said otherwise.

/// Interaction: the customer's number in digits.
pub const NUMBER: &str = "wa.number";
/// Interaction: the name the customer chose on WhatsApp.
pub const PROFILE_NAME: &str = "wa.profile-name";
/// Interaction: the name in the contact database.
pub const CONTACT_NAME: &str = "wa.contact-name";
/// Interaction: the first words of the customer, for the preview.
pub const PREVIEW: &str = "wa.preview";
/// Interaction: the queue or skill it came through, for people.
pub const ORIGIN: &str = "wa.origin";
/// Interaction: when the reply window closes, ISO-8601.
pub const WINDOW_ENDS: &str = "wa.window-ends";
/// Interaction: since when the customer waits for an answer, ISO-8601; absent when nobody waits.
pub const WAITING_SINCE: &str = "wa.waiting-since";
/// Interaction: milliseconds left to accept, counted when the event is written.
pub const ACCEPT_LEFT: &str = "wa.accept-left-ms";
/// Interaction: milliseconds there were to accept.
pub const ACCEPT_TOTAL: &str = "wa.accept-total-ms";
/// Invitation: its kind: `new`, `returned`, `transfer`, `conference`, `consultation`.
pub const OFFER: &str = "wa.offer";
/// Invitation: the name of the colleague who asks.
pub const OFFER_FROM: &str = "wa.offer-from";
/// Invitation: 1 when this agent is asked by name, so that nobody else is asked when they reject it.
pub const OFFER_PERSONAL: &str = "wa.offer-personal";
/// Interaction that is `Completed` for an agent though it goes on: `left`, `removed`, `transferred`.
pub const LEFT: &str = "wa.left";
/// Interaction: to whom it was transferred, or by whom one was removed.
pub const LEFT_TO: &str = "wa.left-to";
/// Interaction that its agent has completed: milliseconds in which they may reopen it, counted from the
/// writing of the event.
pub const UNDO: &str = "wa.undo-ms";
/// Data of a request that ends a session or gives it away: the index of the last entry that the agent's
/// screen has shown; of `logout`, an object with that index for each session.
pub const READ: &str = "wa.read";
/// Interaction in a workbin: the last words that were said in it.
pub const LAST_WORDS: &str = "wa.last-words";
/// `EventWorkbinContentChanged`, when something is out of a workbin: `customer`, who wrote, or `pulled`.
pub const BECAUSE: &str = "wa.because";
/// Channel state, in `extension`: how many sessions the agent may have at a time.
pub const CAPACITY: &str = "wa.capacity";
/// `messageType` of the event that tells who put a session into a queue what came of it.
pub const TRANSFER_OUTCOME: &str = "wa.TransferOutcome";
/// Interaction, for its owner: the request for a colleague, as a list of pairs. Its keys are in [`request`].
pub const REQUEST: &str = "wa.request";
/// `messageType`: an agent who was asked to join or take a session did not accept; others still may.
pub const REQUEST_DECLINED: &str = "wa.RequestDeclined";
/// `messageType`: a supervisor reads along in a session of the agent who is told.
pub const SESSION_SEEN: &str = "wa.SessionSeen";
/// Event for supervisors and administrators: something changed at the account at WhatsApp.
pub const ACCOUNT_CHANGED: &str = "wa.AccountChanged";

/// Target that is a queue, in `availability`: the number of Ready agents who may get what waits in it.
pub const READY_AGENTS: &str = "wa.readyAgents";
/// Target among favourites: whether the administrator made it one for everybody.
pub const CORPORATE: &str = "wa.corporate";
/// Interaction: 1 when nobody has said who the customer is; absent when somebody has.
pub const UNKNOWN_CONTACT: &str = "wa.unknown-contact";
/// Contact: WhatsApp's user id, as an attribute that cannot be edited, as [`NUMBER`] and [`PROFILE_NAME`] are.
pub const USER_ID: &str = "wa.user-id";
/// Contact: the user name on WhatsApp.
pub const USER_NAME: &str = "wa.user-name";
/// Contact: who changed it last, for people.
pub const CHANGED_BY: &str = "wa.changed-by";
/// Contact: when, ISO-8601.
pub const CHANGED_AT: &str = "wa.changed-at";
/// Contact: whom the last merge brought, which can be undone; for people.
pub const MERGED: &str = "wa.merged";
/// Contact: why it is suggested for a customer, for people.
pub const SUGGESTED: &str = "wa.suggested";
/// Property of an update: the values it had when the change was begun.
pub const WAS: &str = "wa.was";

/// Message: what a `CustomNotice` is: `status`, `media`, `placeholder`, `reaction`, `edit`, `revoke`, `error`.
pub const KIND: &str = "wa.kind";
/// Message: the index of the entry it is about.
pub const OF: &str = "wa.of";
/// Message: the index of the entry it answers.
pub const QUOTES: &str = "wa.quotes";
/// Message (`Text` too): the `operationId` of the request that made it.
pub const OPERATION: &str = "wa.operation";
/// Status: `stored`, `sent`, `delivered`, `read`, `played`, `failed`.
pub const STATUS: &str = "wa.status";
/// Status `failed`: WhatsApp's error code.
pub const CODE: &str = "wa.code";
/// Status `failed`, kind `error`: the reason in words.
pub const REASON: &str = "wa.reason";
/// Media: WhatsApp's type.
pub const MEDIA_TYPE: &str = "wa.media-type";
/// Media: file name.
pub const MEDIA_NAME: &str = "wa.media-name";
/// Media: MIME type.
pub const MEDIA_MIME: &str = "wa.media-mime";
/// Media: caption.
pub const MEDIA_CAPTION: &str = "wa.media-caption";
/// Text that is a template: its name.
pub const TEMPLATE: &str = "wa.template";
/// Text that is a template: its language.
pub const TEMPLATE_LANGUAGE: &str = "wa.template-language";
/// Text that is a template: what was filled in, as pairs.
pub const TEMPLATE_PARAMETERS: &str = "wa.template-parameters";
/// Media: the file's name at this gateway, for a file that an agent sent.
pub const MEDIA_DOCUMENT: &str = "wa.media-document";
/// Media: bytes, for a file that an agent sent.
pub const MEDIA_SIZE: &str = "wa.media-size";
/// Filled field codes: what looks like a code and is none.
pub const UNKNOWN_CODES: &str = "wa.unknown-codes";
/// Filled field codes: codes that have no value.
pub const EMPTY_CODES: &str = "wa.empty-codes";
/// Channel state and not-ready requests, in `extension`: `AfterCallWork` where it applies.
pub const WORK_MODE: &str = "wa.work-mode";
/// The value of [`WORK_MODE`].
pub const AFTER_CALL_WORK: &str = "AfterCallWork";

/// The keys of the list under [`REQUEST`].
pub mod request {
    /// `transfer`, `conference`, `consultation`.
    pub const KIND: &str = "kind";
    /// Type of the target, as in `/targets`.
    pub const TARGET_TYPE: &str = "targetType";
    /// Employee ID of an agent, else the target's name.
    pub const TARGET: &str = "target";
    /// The target's name, for people.
    pub const NAME: &str = "name";
    /// The `operationId` of the request.
    pub const OPERATION: &str = "operationId";
    /// The names of those who have refused, for people.
    pub const REFUSED: &str = "refused";
}
