//! Every request that a console can send, and its name for logs.

use super::endpoint::{Call, Endpoint, ReadPositions, get, post};
use super::{channels, contacts, interactions, monitoring, parties, responses, targets, templates, workbins};
use crate::domain::message::Visibility;
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use crate::domain::profile::Attributes;
use crate::domain::reach::ContactMethod;
use crate::domain::response::Enclosure;
use crate::domain::target::{ListedTarget, TargetKind};
use crate::domain::{AttachedData, ContactId, InteractionId, Millis, OperationId};
use crate::proto::contact::{AttributeChange, Query};
use crate::proto::media::LogQuery;
use serde_json::json;

/// A request that a console sends. Requests that end a session or hand it over carry `read`: the index of the
/// last entry that the screen has shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Signs the agent in on the channels of a place. `agent_id` is the login, or else the employee ID.
    ActivateChannels { agent_id: String, place: Option<String> },
    /// Reads the current workspace session with its channels and interactions.
    CurrentSession,
    /// Reads action codes, agent groups, business attributes and settings.
    Configuration,
    /// Sets a channel (a media type) to Ready.
    Ready { channel: String },
    /// Sets a channel to Not Ready; `reason` is the code of the reason.
    NotReady { channel: String, reason: Option<String>, after_call_work: bool },
    /// Signs out of a channel. `read` holds the read position of each open session.
    LogOff { channel: String, read: ReadPositions },
    /// Lists the workbins. The result comes as an event.
    Workbins,
    /// Reads the contents of workbins. The result comes as an event.
    WorkbinContents(Vec<String>),
    /// Subscribes to changes of a workbin.
    FollowWorkbin(String),
    /// Moves a session into a workbin.
    Park { id: InteractionId, workbin: String, read: u64 },
    /// Moves a session from a workbin to the agent.
    Pull { id: InteractionId, workbin: String },
    /// Turns Do Not Disturb on or off.
    DoNotDisturb(bool),
    /// Accepts an invitation. Customers see `nickname`.
    Accept { id: InteractionId, nickname: String },
    /// Rejects an invitation.
    Reject(InteractionId),
    /// Completes a session.
    Complete { id: InteractionId, read: u64 },
    /// Reopens a session that was completed a moment ago: an addition of this project's gateway.
    Reopen(InteractionId),
    /// Sends a message to the parties that `to` allows to see it.
    SendMessage { id: InteractionId, text: String, to: Visibility },
    /// Reports that the agent started or stopped typing.
    Typing { id: InteractionId, started: bool },
    /// Reads a part of a session's log.
    Messages(InteractionId, LogQuery),
    /// Reads a part of the log of an interaction of another channel.
    MessagesOf { media: String, id: InteractionId, part: LogQuery },
    /// Reads the interactions that a contact has had. The result comes as an event.
    History(ContactId),
    /// Reads a contact. The results of all requests about contacts come as events.
    ContactDetails(ContactId),
    /// Searches contacts: `limit` results from the position `start`.
    ContactSearch { query: Query, start: usize, limit: usize },
    /// Creates a contact.
    ContactCreate(Attributes),
    /// Changes attributes of a contact.
    ContactUpdate { id: ContactId, changes: Vec<AttributeChange> },
    /// Deletes a contact from the directory.
    ContactDelete(ContactId),
    /// Merges the contact `from` into another: an addition of this project's gateway.
    ContactMerge { into: ContactId, from: ContactId },
    /// Reverts the last merge into a contact: an addition of this project's gateway.
    ContactUnmerge(ContactId),
    /// Searches for contacts that may be the customer of a session.
    IdentifyContact(InteractionId),
    /// Assigns the customer of a session to a contact.
    AssignContact { id: InteractionId, contact: ContactId },
    /// Sends a file of a standard response to the customer.
    SendFile { id: InteractionId, file: Enclosure },
    /// Lists the top categories of standard responses. The results of this and the following requests come as events.
    ResponseRoot,
    /// Reads the contents of a category.
    ResponseCategory(String),
    /// Reads a standard response completely.
    Response(String),
    /// Reads a standard response with the field codes filled in for a session.
    RenderResponse { response: String, interaction: InteractionId },
    /// Searches the standard responses.
    SearchResponses(String),
    /// Lists the favourite responses of the agent.
    FavoriteResponses,
    /// Adds a response to the favourites, or removes it.
    SetFavoriteResponse { response: String, on: bool },
    /// Reports that a response was used in a session.
    ReportResponse { response: String, interaction: InteractionId },
    /// Changes attached data.
    UpdateUserData { id: InteractionId, data: AttachedData },
    /// Sets the note.
    SetComment { id: InteractionId, comment: String },
    /// Searches for targets by the beginning of a name; `*` finds all of them.
    Targets { search: String, kinds: Vec<TargetKind> },
    /// Reads the agent's favourite targets.
    Favourites,
    /// Adds a target to the favourites.
    SaveFavourite(Box<ListedTarget>),
    /// Removes a target from the favourites. `id` is the ID that the server uses.
    DeleteFavourite { kind: TargetKind, id: String },
    /// Reads the agent's recent targets.
    Recents { limit: usize },
    /// Adds a recent target.
    AddRecent { listed: Box<ListedTarget>, at: Millis },
    /// Transfers a session to an agent (`agent` is the employee ID), who owns it after accepting.
    TransferAgent { id: InteractionId, agent: String, extension: AttachedData, read: u64 },
    /// Moves a session to a queue; it leaves this agent at once. `added` is attached to it.
    PlaceInQueue { id: InteractionId, queue: String, added: AttachedData, read: u64 },
    /// Invites an agent to join; the customer can see the agent.
    Invite { id: InteractionId, agent: String, extension: AttachedData },
    /// Invites an agent through a queue to join.
    InviteByQueue { id: InteractionId, queue: String },
    /// Consults an agent; the customer does not notice.
    Consult { id: InteractionId, agent: String, extension: AttachedData },
    /// Consults an agent through a queue.
    ConsultByQueue { id: InteractionId, queue: String },
    /// Cancels a consultation that nobody has accepted yet.
    CancelConsult(InteractionId),
    /// Removes an agent (`agent` is the employee ID) from a session.
    RemoveFromConference { id: InteractionId, agent: String },
    /// Lists the agent groups that may be monitored, and all agent groups.
    MonitorableGroups,
    /// Lists the agents of these groups, or all agents, with their states and whether they may be monitored.
    MonitorableAgents { groups: Vec<String> },
    /// Starts to monitor an agent (`agent` is the employee ID). Their sessions then come as events.
    StartMonitoring { agent: String, mode: MonitorMode, which: MonitoringScope },
    /// Stops to monitor an agent, and leaves all of their sessions.
    StopMonitoring { agent: String },
    /// Changes the mode in which the supervisor monitors a session.
    SwitchMonitoring { id: InteractionId, mode: MonitorMode },
    /// Leaves a session; the other agents stay in it.
    Leave { id: InteractionId, read: u64 },
    /// Lists the templates, which may be sent outside the reply window: an addition of this project's gateway.
    Templates,
    /// Sends a template in a session: an addition of this project's gateway.
    SendTemplate { id: InteractionId, name: String, language: String, values: AttachedData },
    /// Starts a session with a template: an addition of this project's gateway.
    StartSession {
        contact: Option<ContactId>,
        number: String,
        name: String,
        language: String,
        values: AttachedData,
        nickname: String,
    },
    /// Records that the customer was contacted outside WhatsApp: an addition of this project's gateway.
    NoteContact { id: InteractionId, way: ContactMethod, address: String },
    /// Explains the routing of a session: an addition of this project's gateway.
    Why(InteractionId),
    /// Ends the workspace session.
    Logout,
}

impl Request {
    /// The request in the form that HTTP sends. The server recognises a repeat by the operation ID.
    pub fn call(&self, operation: &OperationId) -> Call {
        self.endpoint().call(operation)
    }

    fn endpoint(&self) -> Endpoint {
        match self {
            Self::ActivateChannels { agent_id, place } => channels::activate(agent_id, place.as_deref()),
            Self::CurrentSession => get("/current-session"),
            Self::Configuration => channels::configuration(),
            Self::Ready { channel } => channels::ready(channel),
            Self::NotReady { channel, reason, after_call_work } => {
                channels::not_ready(channel, reason.as_deref(), *after_call_work)
            }
            Self::LogOff { channel, read } => channels::log_off(channel, read),
            Self::DoNotDisturb(on) => channels::do_not_disturb(*on),
            Self::Logout => post("/logout", json!({})),
            Self::Workbins => workbins::list(),
            Self::WorkbinContents(ids) => workbins::contents(ids),
            Self::FollowWorkbin(id) => workbins::subscribe(id),
            Self::Park { id, workbin, read } => workbins::park(id, workbin, *read),
            Self::Pull { id, workbin } => workbins::pull(id, workbin),
            Self::Accept { id, nickname } => interactions::accept(id, nickname),
            Self::Reject(id) => interactions::reject(id),
            Self::Complete { id, read } => interactions::complete(id, *read),
            Self::Reopen(id) => interactions::reopen(id),
            Self::SendMessage { id, text, to } => interactions::send_message(id, text, *to),
            Self::SendFile { id, file } => interactions::send_file(id, file),
            Self::Typing { id, started } => interactions::typing(id, *started),
            Self::Messages(id, part) => interactions::messages(id, *part),
            Self::MessagesOf { media, id, part } => interactions::messages_of(media, id, *part),
            Self::UpdateUserData { id, data } => interactions::update_user_data(id, data),
            Self::SetComment { id, comment } => interactions::set_comment(id, comment),
            Self::Leave { id, read } => interactions::leave(id, *read),
            Self::NoteContact { id, way, address } => interactions::note_contact(id, *way, address),
            Self::Why(id) => interactions::why(id),
            Self::History(contact) => contacts::history(contact),
            Self::ContactDetails(id) => contacts::details(id),
            Self::ContactSearch { query, start, limit } => contacts::search(query, *start, *limit),
            Self::ContactCreate(attributes) => contacts::create(attributes),
            Self::ContactUpdate { id, changes } => contacts::update(id, changes),
            Self::ContactDelete(id) => contacts::delete(id),
            Self::ContactMerge { into, from } => contacts::merge(into, from),
            Self::ContactUnmerge(id) => contacts::unmerge(id),
            Self::IdentifyContact(id) => contacts::identify(id),
            Self::AssignContact { id, contact } => contacts::assign(id, contact),
            Self::ResponseRoot => responses::root(),
            Self::ResponseCategory(id) => responses::category(id),
            Self::Response(id) => responses::response(id),
            Self::RenderResponse { response, interaction } => responses::render(response, interaction),
            Self::SearchResponses(query) => responses::search(query),
            Self::FavoriteResponses => responses::favorites(),
            Self::SetFavoriteResponse { response, on } => responses::set_favorite(response, *on),
            Self::ReportResponse { response, interaction } => responses::report(response, interaction),
            Self::Targets { search, kinds } => targets::search(search, kinds),
            Self::Favourites => targets::favourites(),
            Self::SaveFavourite(listed) => targets::save_favourite(listed),
            Self::DeleteFavourite { kind, id } => targets::delete_favourite(*kind, id),
            Self::Recents { limit } => targets::recents(*limit),
            Self::AddRecent { listed, at } => targets::add_recent(listed, *at),
            Self::TransferAgent { id, agent, extension, read } => {
                parties::transfer(id, agent, extension, *read)
            }
            Self::PlaceInQueue { id, queue, added, read } => parties::place_in_queue(id, queue, added, *read),
            Self::Invite { id, agent, extension } => parties::invite(id, agent, extension),
            Self::InviteByQueue { id, queue } => parties::invite_by_queue(id, queue),
            Self::Consult { id, agent, extension } => parties::consult(id, agent, extension),
            Self::ConsultByQueue { id, queue } => parties::consult_by_queue(id, queue),
            Self::CancelConsult(id) => parties::cancel_consult(id),
            Self::RemoveFromConference { id, agent } => parties::remove_from_conference(id, agent),
            Self::MonitorableGroups => monitoring::groups(),
            Self::MonitorableAgents { groups } => monitoring::agents(groups),
            Self::StartMonitoring { agent, mode, which } => monitoring::start(agent, *mode, *which),
            Self::StopMonitoring { agent } => monitoring::stop(agent),
            Self::SwitchMonitoring { id, mode } => monitoring::switch(id, *mode),
            Self::Templates => templates::list(),
            Self::SendTemplate { id, name, language, values } => templates::send(id, name, language, values),
            Self::StartSession { contact, number, name, language, values, nickname } => {
                templates::start_session(contact.as_ref(), number, nickname, (name, language), values)
            }
        }
    }

    /// Whether the request can be repeated after a broken connection without a check. A message cannot: the log
    /// shows whether it has arrived.
    pub const fn is_repeatable(&self) -> bool {
        !matches!(
            self,
            Self::SendMessage { .. }
                | Self::SendFile { .. }
                | Self::SendTemplate { .. }
                | Self::StartSession { .. }
        )
    }

    /// The name for logs, which contains nothing that a customer wrote.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ActivateChannels { .. } => "activate-channels",
            Self::CurrentSession => "current-session",
            Self::Configuration => "configuration",
            Self::Ready { .. } => "ready",
            Self::LogOff { .. } => "logout-channel",
            Self::Workbins => "get-workbins",
            Self::WorkbinContents(_) => "get-contents",
            Self::FollowWorkbin(_) => "subscribe",
            Self::Park { .. } => "park",
            Self::Pull { .. } => "pull",
            Self::NotReady { .. } => "not-ready",
            Self::DoNotDisturb(true) => "dnd-on",
            Self::DoNotDisturb(false) => "dnd-off",
            Self::Accept { .. } => "accept",
            Self::Reject(_) => "reject",
            Self::Complete { .. } => "complete",
            Self::Reopen(_) => "reopen",
            Self::SendMessage { .. } => "send-message",
            Self::Typing { started: true, .. } => "send-typing-started",
            Self::Typing { started: false, .. } => "send-typing-stopped",
            Self::Messages(..) | Self::MessagesOf { .. } => "messages",
            Self::History(_) => "get-history",
            Self::ContactDetails(_) => "get-details",
            Self::ContactSearch { .. } => "search-contacts",
            Self::ContactCreate(_) => "create-contact",
            Self::ContactUpdate { .. } => "update-contact",
            Self::ContactDelete(_) => "delete-contact",
            Self::ContactMerge { .. } => "merge-contacts",
            Self::ContactUnmerge(_) => "unmerge-contacts",
            Self::IdentifyContact(_) => "identify-contact",
            Self::AssignContact { .. } => "assign-contact",
            Self::SendFile { .. } => "upload-file",
            Self::ResponseRoot => "get-root",
            Self::ResponseCategory(_) => "get-category",
            Self::Response(_) => "get-response",
            Self::RenderResponse { .. } => "render-field-codes",
            Self::SearchResponses(_) => "search-responses",
            Self::FavoriteResponses => "get-favorites",
            Self::SetFavoriteResponse { on: true, .. } => "add-to-favorites",
            Self::SetFavoriteResponse { on: false, .. } => "remove-from-favorites",
            Self::ReportResponse { .. } => "report-usage",
            Self::UpdateUserData { .. } => "update-user-data",
            Self::SetComment { .. } => "set-comment",
            Self::Targets { .. } => "targets",
            Self::Favourites => "favourites",
            Self::SaveFavourite(_) => "save-favourite",
            Self::DeleteFavourite { .. } => "delete-favourite",
            Self::Recents { .. } => "recents",
            Self::AddRecent { .. } => "add-recent",
            Self::TransferAgent { .. } => "transfer-agent",
            Self::PlaceInQueue { .. } => "place-in-queue",
            Self::Invite { .. } => "invite",
            Self::InviteByQueue { .. } => "invite-by-queue",
            Self::Consult { .. } => "consult",
            Self::ConsultByQueue { .. } => "consult-by-queue",
            Self::CancelConsult(_) => "cancel-consult",
            Self::RemoveFromConference { .. } => "remove-from-conference",
            Self::MonitorableGroups => "monitorable-groups",
            Self::MonitorableAgents { .. } => "monitorable-agents",
            Self::StartMonitoring { .. } => "start-monitoring",
            Self::StopMonitoring { .. } => "stop-monitoring",
            Self::SwitchMonitoring { mode, .. } => mode.operation(),
            Self::Leave { .. } => "leave",
            Self::Templates => "templates",
            Self::SendTemplate { .. } => "send-template",
            Self::StartSession { .. } => "start-session",
            Self::NoteContact { .. } => "note-contact",
            Self::Why(_) => "why",
            Self::Logout => "logout",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::request::segment;

    #[test]
    fn id_with_slashes_stays_one_path_segment() {
        let call = Request::Complete { id: "../../logout?x=#".into(), read: 0 }.call(&"op".into());
        assert_eq!(
            call.path,
            "/workspace/v3/media/whatsappsession/interactions/..%2F..%2Flogout%3Fx%3D%23/complete"
        );
        assert_eq!(segment(".."), "%2E%2E");
    }

    #[test]
    fn post_carries_its_operation_id() {
        let call = Request::SendMessage { id: "i".into(), text: "é".into(), to: Visibility::All }
            .call(&"op-1".into());
        let body = call.body.unwrap();
        assert_eq!(body["operationId"], "op-1");
        assert_eq!(body["data"]["message"], "é");
    }
}
