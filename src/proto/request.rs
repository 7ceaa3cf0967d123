//! Requests of the Workspace API: method, path and body of each.

use super::contact::{self as contacts, AttributeChange, Query};
use super::media::LogQuery;
use super::{kv, targets, wa};
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::message::Visibility;
use crate::domain::monitoring::{MonitorMode, Monitored};
use crate::domain::profile::Attributes;
use crate::domain::reach::Way;
use crate::domain::response::Enclosure;
use crate::domain::target::{Listed, TargetKind};
use crate::domain::{AttachedData, ContactId, InteractionId, Millis, OperationId};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// How many targets are asked for at once. (Workspace: 50.)
pub const TARGETS: usize = 200;
/// How many agents a supervisor asks for at once.
const MONITORABLE: usize = 1000;

/// The last entry of each session that its agent's screen has shown. An addition: see [`wa::READ`].
pub type Read = BTreeMap<InteractionId, u64>;

/// A request of an agent's desk. In requests that end a session or give it away, `read` is the index of the
/// last entry that the screen has shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Signs the agent in on the channels of their place.
    ActivateChannels {
        /// Agent login, else employee ID.
        agent_id: String,
        /// Default place, when there is one.
        place: Option<String>,
    },
    /// What is open right now.
    CurrentSession,
    /// Reasons, groups, business attributes and settings.
    Configuration,
    /// Takes new sessions on a channel.
    Ready {
        /// The media type.
        channel: String,
    },
    /// Takes none, for a reason.
    NotReady {
        /// The media type.
        channel: String,
        /// The reason's code.
        reason: Option<String>,
        /// Whether it is for After Call Work.
        after_call_work: bool,
    },
    /// Signs out of a channel.
    LogOff {
        /// The media type.
        channel: String,
        /// How far the open sessions were read.
        read: Read,
    },
    /// Which workbins there are. They come as an event.
    Workbins,
    /// What is in some workbins. It comes as an event.
    WorkbinContents(Vec<String>),
    /// Asks to be told of changes in a workbin.
    FollowWorkbin(String),
    /// Puts a session into a workbin.
    Park {
        /// The session.
        id: InteractionId,
        /// The workbin.
        workbin: String,
        /// How far the session was read.
        read: u64,
    },
    /// Takes a session out of a workbin.
    Pull {
        /// The session.
        id: InteractionId,
        /// The workbin.
        workbin: String,
    },
    /// Do not disturb, on or off.
    DoNotDisturb(bool),
    /// Takes an offered session.
    Accept {
        /// The session.
        id: InteractionId,
        /// The name the customer is given.
        nickname: String,
    },
    /// Gives an offered session back.
    Reject(InteractionId),
    /// Done: completes the session.
    Complete {
        /// The session.
        id: InteractionId,
        /// How far the session was read.
        read: u64,
    },
    /// Reopens a session that was completed a moment ago. An addition of this project's gateway.
    Reopen(InteractionId),
    /// Says something in a session.
    SendMessage {
        /// The session.
        id: InteractionId,
        /// What, exactly.
        text: String,
        /// To whom.
        to: Visibility,
    },
    /// The agent types, or stopped.
    Typing {
        /// The session.
        id: InteractionId,
        /// Whether they type.
        started: bool,
    },
    /// Reads a part of the log.
    Messages(InteractionId, LogQuery),
    /// Reads a part of the log of an interaction of another channel.
    MessagesOf {
        /// Its media type.
        media: String,
        /// The interaction.
        id: InteractionId,
        /// The part to read.
        part: LogQuery,
    },
    /// Asks which interactions a contact had. They come as an event.
    History(ContactId),
    /// Reads a contact. The result of each request about contacts comes as an event.
    ContactDetails(ContactId),
    /// Searches contacts.
    ContactSearch {
        /// What fits.
        query: Query,
        /// How many are passed over.
        start: usize,
        /// How many at most.
        limit: usize,
    },
    /// Makes a contact.
    ContactCreate(Attributes),
    /// Changes attributes of a contact.
    ContactUpdate {
        /// The contact.
        id: ContactId,
        /// The changes.
        changes: Vec<AttributeChange>,
    },
    /// Takes a contact out of the directory.
    ContactDelete(ContactId),
    /// Makes one contact of two. An addition of this project's gateway.
    ContactMerge {
        /// The one that stays.
        into: ContactId,
        /// The other one.
        from: ContactId,
    },
    /// Takes the last merge into a contact back. An addition of this project's gateway.
    ContactUnmerge(ContactId),
    /// Asks who the customer of a session may be.
    IdentifyContact(InteractionId),
    /// Says who the customer of a session is.
    AssignContact {
        /// The session.
        id: InteractionId,
        /// The contact.
        contact: ContactId,
    },
    /// Sends a file of a standard response to the customer.
    SendFile {
        /// The session.
        id: InteractionId,
        /// The file.
        file: Enclosure,
    },
    /// Asks for the folders of standard responses. They come as an event, like the next ones.
    ResponseRoot,
    /// Asks what is in a folder.
    ResponseCategory(String),
    /// Asks for a response, whole.
    Response(String),
    /// Asks for a response with its field codes filled for a session.
    RenderResponse {
        /// The response.
        response: String,
        /// The session.
        interaction: InteractionId,
    },
    /// Searches the responses.
    SearchResponses(String),
    /// Asks which responses the agent likes.
    FavoriteResponses,
    /// Likes a response, or no more.
    SetFavoriteResponse {
        /// The response.
        response: String,
        /// Whether.
        on: bool,
    },
    /// Says that a response was used.
    ReportResponse {
        /// The response.
        response: String,
        /// The session.
        interaction: InteractionId,
    },
    /// Changes pairs of the interaction.
    UpdateUserData {
        /// The session.
        id: InteractionId,
        /// The pairs.
        data: AttachedData,
    },
    /// Sets the note.
    SetComment {
        /// The session.
        id: InteractionId,
        /// The note.
        comment: String,
    },
    /// Finds whom a session could go to.
    Targets {
        /// Letters of the name; `*` finds everybody.
        search: String,
        /// The kinds that are wanted.
        kinds: Vec<TargetKind>,
    },
    /// Reads the agent's favourite targets.
    Favourites,
    /// Makes a target a favourite.
    SaveFavourite(Box<Listed>),
    /// Makes a target no favourite any more.
    DeleteFavourite {
        /// What it is.
        kind: TargetKind,
        /// As the server knows it.
        id: String,
    },
    /// Reads the agent's recent targets.
    Recents {
        /// So many at most.
        limit: usize,
    },
    /// Adds a recent target.
    AddRecent {
        /// The target.
        listed: Box<Listed>,
        /// When.
        at: Millis,
    },
    /// Offers the session to an agent, who has it once they accept.
    TransferAgent {
        /// The session.
        id: InteractionId,
        /// Employee ID of the target.
        agent: String,
        /// Pairs for the one who gets it.
        extension: AttachedData,
        /// How far the session was read.
        read: u64,
    },
    /// Gives the session to a queue; it leaves this agent at once.
    PlaceInQueue {
        /// The session.
        id: InteractionId,
        /// The queue.
        queue: String,
        /// Pairs to attach with it.
        added: AttachedData,
        /// How far the session was read.
        read: u64,
    },
    /// Asks an agent to join; the customer sees that they did.
    Invite {
        /// The session.
        id: InteractionId,
        /// Employee ID of the target.
        agent: String,
        /// Pairs for the one who is asked.
        extension: AttachedData,
    },
    /// Asks somebody behind a queue to join.
    InviteByQueue {
        /// The session.
        id: InteractionId,
        /// The queue.
        queue: String,
    },
    /// Asks an agent without the customer.
    Consult {
        /// The session.
        id: InteractionId,
        /// Employee ID of the target.
        agent: String,
        /// Pairs for the one who is asked.
        extension: AttachedData,
    },
    /// Asks somebody behind a queue without the customer.
    ConsultByQueue {
        /// The session.
        id: InteractionId,
        /// The queue.
        queue: String,
    },
    /// Takes back a consultation that nobody has accepted yet.
    CancelConsult(InteractionId),
    /// Takes an agent out of the session.
    RemoveFromConference {
        /// The session.
        id: InteractionId,
        /// Employee ID of the agent.
        agent: String,
    },
    /// Groups whose agents may be monitored, and all that the configuration names.
    MonitorableGroups,
    /// The agents of some groups, or all of them, with what they do and whether they may be monitored.
    MonitorableAgents {
        /// Names of the groups; none means all.
        groups: Vec<String>,
    },
    /// Begins to monitor an agent. Their sessions then come as events.
    StartMonitoring {
        /// Employee ID.
        agent: String,
        /// How.
        mode: MonitorMode,
        /// Which sessions.
        which: Monitored,
    },
    /// Ends it, and the part in all their sessions.
    StopMonitoring {
        /// Employee ID.
        agent: String,
    },
    /// Changes how the supervisor is in a session.
    SwitchMonitoring {
        /// The session.
        id: InteractionId,
        /// How.
        mode: MonitorMode,
    },
    /// Leaves the session to the other agents in it.
    Leave {
        /// The session.
        id: InteractionId,
        /// How far the session was read.
        read: u64,
    },
    /// What may be sent outside the reply window. An addition of this project's gateway.
    Templates,
    /// Sends a template in a session. An addition of this project's gateway.
    SendTemplate {
        /// The session.
        id: InteractionId,
        /// The template.
        name: String,
        /// Its language.
        language: String,
        /// What is filled in.
        values: AttachedData,
    },
    /// Begins a session with a template. An addition of this project's gateway.
    StartSession {
        /// Whose number it is, when that is known.
        contact: Option<ContactId>,
        /// The number, with `+`.
        number: String,
        /// The template.
        name: String,
        /// Its language.
        language: String,
        /// What is filled in.
        values: AttachedData,
        /// The name the customer is given.
        nickname: String,
    },
    /// Notes that the customer was reached outside this desk. An addition of this project's gateway.
    NoteContact {
        /// The session.
        id: InteractionId,
        /// How.
        way: Way,
        /// The number or the address.
        address: String,
    },
    /// Explains the routing of a session. An addition of this project's gateway.
    Why(InteractionId),
    /// Ends the workspace session.
    Logout,
}

/// A request as HTTP has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query below the server's address.
    pub path: String,
    /// Body; `None` is an empty one.
    pub body: Option<Json>,
}

/// The word on the wire.
const fn visibility(to: Visibility) -> &'static str {
    match to {
        Visibility::All => "All",
        Visibility::Agent => "Agent",
        Visibility::Supervisor => "Supervisor",
    }
}

impl Request {
    /// The request as HTTP, named `operation` so that a repeat is known to be the same act.
    pub fn call(&self, operation: &OperationId) -> Call {
        let post = |path: String, data: Json| Call {
            method: "POST",
            path: format!("{}{path}", super::WORKSPACE),
            body: Some(json!({"operationId": operation, "data": data})),
        };
        let get =
            |path: &str| Call { method: "GET", path: format!("{}{path}", super::WORKSPACE), body: None };
        let on = |channel: &str, op: &str| format!("/media/{}/{op}", segment(channel));
        let act = |id: &InteractionId, op: &str| {
            format!("/media/{MEDIA_TYPE}/interactions/{}/{op}", segment(id.as_str()))
        };
        let contact = |id: &ContactId, op: &str| format!("/ucs/contacts/{}/{op}", segment(id.as_str()));
        let with = |agent: &str, extension: &AttachedData| json!({"agentId": agent, "extension": kv::to_json(extension)});
        match self {
            Self::ActivateChannels { agent_id, place } => {
                let mut data = json!({"agentId": agent_id});
                if let (Some(place), Json::Object(map)) = (place, &mut data) {
                    map.insert("placeName".to_owned(), Json::from(place.as_str()));
                }
                post("/activate-channels".to_owned(), data)
            }
            Self::CurrentSession => get("/current-session"),
            Self::Configuration => get(
                "/configuration?types=actionCodes,agentGroups,settings,businessAttributes,monitorableAgentGroups",
            ),
            Self::Ready { channel } => post(on(channel, "ready"), json!({})),
            Self::LogOff { channel, read } => post(on(channel, "logout"), json!({wa::READ: read})),
            Self::Workbins => post("/workbins/get-workbins".to_owned(), json!({})),
            Self::WorkbinContents(ids) => {
                post("/workbins/get-contents".to_owned(), json!({"workbinIds": ids.join(",")}))
            }
            Self::FollowWorkbin(id) => {
                post(format!("/workbins/{}/subscribe", segment(id)), json!({"notifyPropertyChanges": false}))
            }
            // Beside the messages of the session, so that it cannot overtake one.
            Self::Park { id, workbin, read } => {
                post(act(id, "place-in-queue"), json!({"queue": workbin, wa::READ: read}))
            }
            Self::Pull { id, workbin } => {
                post(act(id, "pull"), json!({"workbinId": workbin, "sourceId": workbin}))
            }
            Self::NotReady { channel, reason, after_call_work } => {
                let mut data = json!({});
                if let Json::Object(map) = &mut data {
                    if let Some(reason) = reason {
                        map.insert("reasonCode".to_owned(), Json::from(reason.as_str()));
                    }
                    if *after_call_work {
                        let mode: AttachedData = [(wa::WORK_MODE, wa::AFTER_CALL_WORK)].into_iter().collect();
                        map.insert("extension".to_owned(), kv::to_json(&mode));
                    }
                }
                post(on(channel, "not-ready"), data)
            }
            Self::DoNotDisturb(on) => {
                post(format!("/media/dnd-{}", if *on { "on" } else { "off" }), json!({}))
            }
            Self::Accept { id, nickname } => post(act(id, "accept"), json!({"nickname": nickname})),
            Self::Reject(id) => post(act(id, "reject"), json!({})),
            Self::Complete { id, read } => post(act(id, "complete"), json!({wa::READ: read})),
            Self::Reopen(id) => {
                post(format!("/deskline/interactions/{}/reopen", segment(id.as_str())), json!({}))
            }
            Self::SendMessage { id, text, to } => {
                post(act(id, "send-message"), json!({"message": text, "visibility": visibility(*to)}))
            }
            Self::Typing { id, started } => {
                let op = if *started { "send-typing-started" } else { "send-typing-stopped" };
                post(act(id, op), json!({}))
            }
            Self::Messages(id, part) => get(&format!("{}{}", act(id, "messages"), part.to_query())),
            Self::MessagesOf { media, id, part } => get(&format!(
                "/media/{}/interactions/{}/messages{}",
                segment(media),
                segment(id.as_str()),
                part.to_query()
            )),
            Self::History(contact) => post(
                format!("/ucs/contacts/{}/get-history", segment(contact.as_str())),
                json!({"returnedAttributes": ["Id", "StartDate", "EndDate", "MediaTypeId", "Status", "OwnerId", "Subject"]}),
            ),
            Self::ContactDetails(id) => {
                post(contact(id, "get-details"), json!({"returnedAttributes": ["*"]}))
            }
            Self::ContactSearch { query, start, limit } => post(
                "/ucs/contacts/search".to_owned(),
                json!({
                    "query": query.to_text(), "returnedAttributes": ["*"], "startIndex": start,
                    "maxResults": limit,
                    "sortCriteria": [{"attributeName": "LastName", "mode": "Ascending"}],
                }),
            ),
            Self::ContactCreate(attributes) => {
                post("/ucs/contacts/create".to_owned(), contacts::write_properties(attributes))
            }
            Self::ContactUpdate { id, changes } => {
                post(contact(id, "update"), contacts::write_changes(changes))
            }
            Self::ContactDelete(id) => post(contact(id, "delete"), json!({})),
            Self::ContactMerge { into, from } => post(contact(into, "merge"), json!({"contactId": from})),
            Self::ContactUnmerge(id) => post(contact(id, "unmerge"), json!({})),
            Self::IdentifyContact(id) => post(
                format!("/ucs/interactions/{}/identify-contact", segment(id.as_str())),
                json!({"createContactEnabled": false}),
            ),
            Self::AssignContact { id, contact } => post(
                format!("/ucs/interactions/{}/assign-contact", segment(id.as_str())),
                json!({"contactId": contact}),
            ),
            Self::SendFile { id, file } => post(
                act(id, "upload-file"),
                json!({"documentId": file.file.document, "documentName": file.file.name,
                    "standardResponseId": file.response}),
            ),
            Self::ResponseRoot => {
                post("/ucs/responses/categories/get-root".to_owned(), json!({"approved": true}))
            }
            Self::ResponseCategory(id) => post(
                format!("/ucs/responses/categories/{}/get-details", segment(id)),
                json!({"returnChildrenCategories": true, "returnChildrenSRInfo": true, "approved": true}),
            ),
            Self::Response(id) => {
                post(format!("/ucs/responses/{}/get-details", segment(id)), json!({"attachments": true}))
            }
            Self::RenderResponse { response, interaction } => post(
                format!("/ucs/responses/{}/render-field-codes", segment(response)),
                json!({"interactionId": interaction, "usePlainText": true}),
            ),
            Self::SearchResponses(query) => post(
                "/ucs/responses/search".to_owned(),
                json!({"query": query, "returnedAttributes": ["Id", "Name", "Body", "Language"], "maxResults": 100}),
            ),
            Self::FavoriteResponses => post("/ucs/responses/get-favorites".to_owned(), json!({})),
            Self::SetFavoriteResponse { response, on } => {
                let op = if *on { "add-to-favorites" } else { "remove-from-favorites" };
                post(format!("/ucs/responses/{}/{op}", segment(response)), json!({}))
            }
            Self::ReportResponse { response, interaction } => post(
                format!("/ucs/responses/{}/report-usage", segment(response)),
                json!({"interactionId": interaction, "responseType": "SuggestedResponseChoosen"}),
            ),
            Self::UpdateUserData { id, data } => {
                post(act(id, "update-user-data"), json!({"userData": kv::to_json(data)}))
            }
            Self::SetComment { id, comment } => post(act(id, "set-comment"), json!({"comment": comment})),
            Self::Targets { search, kinds } => {
                let types: Vec<&str> = kinds.iter().map(|kind| targets::type_of(*kind)).collect();
                get(&format!(
                    "/targets?searchTerm={}&types={}&limit={TARGETS}&matchType=fuzzy",
                    segment(search),
                    types.join(",")
                ))
            }
            Self::Favourites => get(&format!("/targets/personal-favorites?limit={TARGETS}")),
            Self::SaveFavourite(listed) => {
                post("/targets/personal-favorites/save".to_owned(), targets::save(listed))
            }
            Self::DeleteFavourite { kind, id } => {
                let (kind, id) = (targets::type_of(*kind), segment(id));
                post(format!("/targets/personal-favorites/delete/{kind}/{id}"), json!({}))
            }
            Self::Recents { limit } => get(&format!("/targets/recents?limit={limit}")),
            Self::AddRecent { listed, at } => {
                post("/targets/recents/add".to_owned(), targets::recent(listed, *at))
            }
            Self::TransferAgent { id, agent, extension, read } => {
                let mut data = with(agent, extension);
                if let Json::Object(map) = &mut data {
                    map.insert(wa::READ.to_owned(), Json::from(*read));
                }
                post(act(id, "transfer-agent"), data)
            }
            Self::Invite { id, agent, extension } => post(act(id, "invite"), with(agent, extension)),
            Self::Consult { id, agent, extension } => post(act(id, "consult"), with(agent, extension)),
            Self::PlaceInQueue { id, queue, added, read } => post(
                act(id, "place-in-queue"),
                json!({"queue": queue, "addedProperties": kv::to_json(added), wa::READ: read}),
            ),
            Self::InviteByQueue { id, queue } => post(act(id, "invite-by-queue"), json!({"queue": queue})),
            Self::ConsultByQueue { id, queue } => post(act(id, "consult-by-queue"), json!({"queue": queue})),
            Self::CancelConsult(id) => post(act(id, "cancel-consult"), json!({})),
            Self::RemoveFromConference { id, agent } => {
                post(act(id, "remove-from-conference"), json!({"agentId": agent}))
            }
            Self::MonitorableGroups => get("/configuration?types=agentGroups,monitorableAgentGroups"),
            Self::MonitorableAgents { groups } => {
                let mut path = format!("/targets?searchTerm=*&types=agent&limit={MONITORABLE}");
                if !groups.is_empty() {
                    path.push_str(&format!("&restrictToGroup={}", segment(&groups.join(","))));
                }
                get(&path)
            }
            Self::StartMonitoring { agent, mode, which } => post(
                on(MEDIA_TYPE, "start-monitoring"),
                json!({"agentId": agent, "monitoringMode": mode.word(),
                    "monitoringNextInteractionType": which.word()}),
            ),
            Self::StopMonitoring { agent } => {
                post(on(MEDIA_TYPE, "stop-monitoring"), json!({"agentId": agent}))
            }
            Self::SwitchMonitoring { id, mode } => post(act(id, mode.operation()), json!({})),
            Self::Leave { id, read } => {
                post(act(id, "leave"), json!({"afterAction": "KeepAlive", wa::READ: read}))
            }
            Self::Templates => get("/deskline/templates"),
            Self::SendTemplate { id, name, language, values } => post(
                format!("/deskline/interactions/{}/send-template", segment(id.as_str())),
                json!({"template": name, "language": language, "parameters": kv::to_json(values)}),
            ),
            Self::StartSession { contact, number, name, language, values, nickname } => post(
                "/deskline/start-session".to_owned(),
                json!({"contactId": contact, "number": number, "template": name, "language": language,
                    "parameters": kv::to_json(values), "nickname": nickname}),
            ),
            Self::NoteContact { id, way, address } => post(
                format!("/deskline/interactions/{}/note-contact", segment(id.as_str())),
                json!({"mediaType": way.media_type(), "address": address}),
            ),
            Self::Why(id) => get(&format!("/deskline/why/{}", segment(id.as_str()))),
            Self::Logout => post("/logout".to_owned(), json!({})),
        }
    }

    /// Whether a repeat after a broken connection is safe without looking first. A message is not:
    /// the log tells whether it arrived.
    pub const fn is_repeatable(&self) -> bool {
        !matches!(
            self,
            Self::SendMessage { .. }
                | Self::SendFile { .. }
                | Self::SendTemplate { .. }
                | Self::StartSession { .. }
        )
    }

    /// What it does, for logs: no customer's word in it.
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

/// One segment of a path: everything but unreserved characters is escaped, so that no name from
/// elsewhere decides a path.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~')
            || (byte == b'.' && text.len() > 2)
        {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_elsewhere_cannot_leave_its_place_in_the_path() {
        let call = Request::Complete { id: "../../logout?x=#".into(), read: 0 }.call(&"op".into());
        assert_eq!(
            call.path,
            "/workspace/v3/media/whatsappsession/interactions/..%2F..%2Flogout%3Fx%3D%23/complete"
        );
        assert_eq!(segment(".."), "%2E%2E");
    }

    #[test]
    fn every_post_names_its_operation() {
        let call = Request::SendMessage { id: "i".into(), text: "é".into(), to: Visibility::All }
            .call(&"op-1".into());
        let body = call.body.unwrap();
        assert_eq!(body["operationId"], "op-1");
        assert_eq!(body["data"]["message"], "é");
    }
}
