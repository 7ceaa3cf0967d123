//! The additions of this project to the Workspace API.
//!
//! Every name here is described in `docs/protocol.md`. Other clients ignore them, and the console works
//! without them on other servers. Names for interactions are `userData` keys; names for messages are `userData` keys of
//! an entry, whose type is `CustomNotice` unless stated otherwise.

/// Interaction: the customer's number in digits.
pub const NUMBER: &str = "wa.number";
/// Interaction: the name that the customer chose on WhatsApp.
pub const PROFILE_NAME: &str = "wa.profile-name";
/// Interaction: the name in the contact database.
pub const CONTACT_NAME: &str = "wa.contact-name";
/// Interaction: the first words of the customer, for the preview.
pub const PREVIEW: &str = "wa.preview";
/// Interaction: the queue or skill that routed it, for people.
pub const ORIGIN: &str = "wa.origin";
/// Interaction: when the reply window closes, ISO-8601.
pub const WINDOW_ENDS: &str = "wa.window-ends";
/// Interaction: since when the customer waits for an answer, ISO-8601; absent when nobody waits.
pub const WAITING_SINCE: &str = "wa.waiting-since";
/// Interaction: milliseconds left to accept, counted when the event is written.
pub const ACCEPT_LEFT: &str = "wa.accept-left-ms";
/// Interaction: the whole time to accept, in milliseconds.
pub const ACCEPT_TOTAL: &str = "wa.accept-total-ms";
/// Invitation: its kind: `new`, `returned`, `transfer`, `conference`, `consultation`.
pub const OFFER: &str = "wa.offer";
/// Invitation: the name of the colleague who invites.
pub const OFFER_FROM: &str = "wa.offer-from";
/// Invitation: 1 when it is for this agent alone, so that nobody else is invited when they reject it.
pub const OFFER_PERSONAL: &str = "wa.offer-personal";
/// Interaction that is `Completed` for an agent but continues: `left`, `removed`, `transferred`.
pub const LEFT: &str = "wa.left";
/// Interaction: to whom it was transferred, or who removed the agent.
pub const LEFT_TO: &str = "wa.left-to";
/// Completed interaction: the milliseconds in which its agent may reopen it, counted from when the event was written.
pub const UNDO: &str = "wa.undo-ms";
/// Request that ends a session or hands it over: the index of the last entry that the agent's screen has shown. `logout`:
/// an object with that index for each session.
pub const READ: &str = "wa.read";
/// Interaction in a workbin: the last message.
pub const LAST_WORDS: &str = "wa.last-words";
/// `EventWorkbinContentChanged`: why an interaction left a workbin: `customer` (they wrote) or `pulled`.
pub const BECAUSE: &str = "wa.because";
/// Channel state, in `extension`: the most sessions of the agent at a time.
pub const CAPACITY: &str = "wa.capacity";
/// `messageType`: the result for a session, sent to the agent who placed it in a queue.
pub const TRANSFER_OUTCOME: &str = "wa.TransferOutcome";
/// Interaction, for its owner: the request for a colleague, as a list of pairs. Its keys are in [`request`].
pub const REQUEST: &str = "wa.request";
/// `messageType`: an invited agent did not accept; others still may.
pub const REQUEST_DECLINED: &str = "wa.RequestDeclined";
/// `messageType`: a supervisor reads along in a session, sent to its agent.
pub const SESSION_SEEN: &str = "wa.SessionSeen";
/// `messageType`: the account at WhatsApp changed; for supervisors and administrators.
pub const ACCOUNT_CHANGED: &str = "wa.AccountChanged";

/// Target that is a queue, in `availability`: how many agents who may get its sessions are Ready.
pub const READY_AGENTS: &str = "wa.readyAgents";
/// Target among favourites: whether the administrator made it one for everybody.
pub const CORPORATE: &str = "wa.corporate";
/// Interaction: 1 when no contact has been assigned to the customer; absent otherwise.
pub const UNKNOWN_CONTACT: &str = "wa.unknown-contact";
/// Contact: WhatsApp's user ID. Like [`NUMBER`] and [`PROFILE_NAME`], an attribute that cannot be edited.
pub const USER_ID: &str = "wa.user-id";
/// Contact: the user name on WhatsApp.
pub const USER_NAME: &str = "wa.user-name";
/// Contact: who changed it last, for people.
pub const CHANGED_BY: &str = "wa.changed-by";
/// Contact: when it was changed last, ISO-8601.
pub const CHANGED_AT: &str = "wa.changed-at";
/// Contact: the contact that was merged into it last, for people; that merge can be reverted.
pub const MERGED: &str = "wa.merged";
/// Contact: why it is suggested for a customer, for people.
pub const SUGGESTED: &str = "wa.suggested";
/// Property of an update: its values when the agent started to edit.
pub const WAS: &str = "wa.was";

/// Message: the kind of a `CustomNotice`: `status`, `media`, `placeholder`, `reaction`, `edit`, `revoke`, `error`.
pub const KIND: &str = "wa.kind";
/// Message: the index of the entry that a status, reaction, edit or revocation is about.
pub const OF: &str = "wa.of";
/// Message: the index of the entry that it quotes.
pub const QUOTES: &str = "wa.quotes";
/// Message (`Text` too): the `operationId` of the request that created it.
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
/// Text that is a template: its parameters, as pairs.
pub const TEMPLATE_PARAMETERS: &str = "wa.template-parameters";
/// Media that an agent sent: the ID of the file at this gateway.
pub const MEDIA_DOCUMENT: &str = "wa.media-document";
/// Media that an agent sent: its size in bytes.
pub const MEDIA_SIZE: &str = "wa.media-size";
/// Filled-in response: unknown field codes.
pub const UNKNOWN_CODES: &str = "wa.unknown-codes";
/// Filled-in response: field codes without a value.
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
    /// The employee ID of an agent, otherwise the name of the target.
    pub const TARGET: &str = "target";
    /// The target's name, for people.
    pub const NAME: &str = "name";
    /// The `operationId` of the request.
    pub const OPERATION: &str = "operationId";
    /// The names of agents who have rejected the invitation, for people.
    pub const REFUSED: &str = "refused";
}
